package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundRequest;

/**
 * The authorization server behind an authorization server, as at Neon: after its own consent, the one in front sends the
 * browser on to this one, with the whole first request in the {@code state}. It relays the errors of this one.
 */
public final class FakeUpstream implements AutoCloseable {
  private static final String CLIENT = "in-front";
  private static final String SECRET = "invented-secret-in-front";
  private static final String VERIFIER = "invented-verifier-of-the-server-in-front-000";

  private final FakeAuthorizationServer server;
  private final String redirectUri;

  /**
   * Starts it.
   *
   * @param origin the origin of the server in front
   */
  FakeUpstream(String origin, AuthorizationServerKnobs inFront) {
    redirectUri = origin + "/callback";
    server = FakeAuthorizationServer.start(knobs -> knobs.clock(inFront.clock).withoutRegistration().withoutIss()
        .provider(own -> own.place("/authorize", "/oauth2/auth").place("/token", "/oauth2/token")));
    server.preRegister(FakeClient.confidential(CLIENT, SECRET, redirectUri).named("The server in front")
        .authenticatingBy("client_secret_post"));
  }

  /** The upstream itself, for its knobs and its requests. */
  public FakeAuthorizationServer server() {
    return server;
  }

  String origin() {
    return server.origin();
  }

  /** Sends the browser to the upstream. */
  Response ask(Map<String, String> request) {
    var state = Json.newObject();
    request.forEach(state::put);
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("response_type", "code");
    parameters.put("client_id", CLIENT);
    parameters.put("redirect_uri", redirectUri);
    parameters.put("scope", "openid offline offline_access");
    parameters.put("state", Base64.getEncoder().encodeToString(state.toString().getBytes(UTF_8)));
    parameters.put("code_challenge", Digest.sha256Base64Url(VERIFIER));
    parameters.put("code_challenge_method", "S256");
    return Response.redirect(302, server.origin() + "/oauth2/auth?" + OutboundRequest.formBody(parameters));
  }

  /** The first request, for whose consent the upstream was asked. */
  Map<String, String> askedBy(Received comingBack) {
    byte[] state = Base64.getDecoder().decode(comingBack.parameters().getOrDefault("state", ""));
    var request = new LinkedHashMap<String, String>();
    Json.object(state).orElseThrow().properties()
        .forEach(member -> request.put(member.getKey(), member.getValue().asText()));
    return request;
  }

  /** Why the upstream gives nothing; empty if it redeems the code. */
  Optional<ObjectNode> refusal(Received comingBack) {
    var sent = comingBack.parameters();
    if (sent.containsKey("error")) {
      return Optional.of(Json.newObject().put("error", sent.get("error")).put("error_description",
          sent.getOrDefault("error_description", "")));
    }
    var redeemed = server.tokenEndpoint().respond(redemption(sent.getOrDefault("code", "")));
    return redeemed.status() == 200
        ? Optional.empty()
        : Optional.of(Json.newObject().put("error", "server_error").put("error_description", "the upstream refused"));
  }

  private Received redemption(String code) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "authorization_code");
    form.put("code", code);
    form.put("redirect_uri", redirectUri);
    form.put("client_id", CLIENT);
    form.put("client_secret", SECRET);
    form.put("code_verifier", VERIFIER);
    var headers = new TreeMap<String, List<String>>();
    headers.put("content-type", List.of("application/x-www-form-urlencoded"));
    return new Received("POST", "/oauth2/token", "", headers, OutboundRequest.formBody(form));
  }

  @Override
  public void close() {
    server.close();
  }
}
