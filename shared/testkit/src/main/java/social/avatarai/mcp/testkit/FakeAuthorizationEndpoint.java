package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundRequest;

/**
 * The authorization endpoint (RFC 6749 §4.1.1, RFC 7636 §4.3). A browser, which accepts {@code text/html}, gets a
 * consent page. Any other request comes from a test and counts as consent.
 */
final class FakeAuthorizationEndpoint {
  private final AuthorizationServerKnobs knobs;
  private final String origin;
  private final Clients clients;
  private final FakeGrants grants;
  private final Map<String, Map<String, String>> pushed = new HashMap<>();
  private final Map<String, Asked> onScreen = new HashMap<>();
  private final Map<Press, Response> decided = new HashMap<>();
  private final @Nullable FakeUpstream upstream;

  /**
   * @param upstream the server that is asked for consent too; null if there is none
   */
  FakeAuthorizationEndpoint(AuthorizationServerKnobs knobs, String origin, Clients clients, FakeGrants grants,
      @Nullable FakeUpstream upstream) {
    this.upstream = upstream;
    this.knobs = knobs;
    this.origin = origin;
    this.clients = clients;
    this.grants = grants;
  }

  /** An authorization request with a known client and redirect URI, so its errors may be sent to the client. */
  record Asked(FakeClient client, String redirectUri, Map<String, String> parameters) {
    String scope() {
      return parameters.getOrDefault("scope", "");
    }

    @Nullable
    String resource() {
      return parameters.get("resource");
    }
  }

  /** A button of a consent page. */
  private record Press(String request, boolean approves) {}

  Response respond(Received request) {
    if (!request.method().equals("GET")) return Response.of(405).with("Allow", "GET");
    Asked asked;
    try {
      asked = read(request);
    } catch (Refusal refusal) {
      return refusal.response(); // RFC 6749 §4.1.2.1: no redirect to an unregistered redirect URI
    }
    try {
      require(asked, request);
      return request.accepts("text/html") ? ask(asked) : approve(asked);
    } catch (Refusal refusal) {
      return knobs.provider.refusesInTheBrowser
          ? Response.json(400, refusal.body())
          : sendBack(asked, refusal.body());
    }
  }

  /** A button press on the consent page. A second press, by a double click, has the same outcome. */
  Response decide(Received request) {
    var pressed = request.parameters();
    var press = new Press(pressed.getOrDefault("request", ""), pressed.getOrDefault("decision", "").equals("approve"));
    var asked = onScreen.remove(press.request());
    if (asked != null) decided.put(press, press.approves() ? approve(asked) : deny(asked));
    var response = decided.get(press);
    return response == null ? Refusal.invalidRequest("this consent page is no longer open").response() : response;
  }

  private Response deny(Asked asked) {
    return sendBack(asked, new Refusal(302, "access_denied", "the resource owner said no").body());
  }

  /** Keeps an authorization request (RFC 9126 §2), after the checks of the authorization endpoint. */
  Response push(Received request) {
    if (!knobs.pushedRequests) return Response.of(404);
    if (!request.method().equals("POST")) return Response.of(405).with("Allow", "POST");
    try {
      var client = clients.authenticatePush(request);
      if (request.parameters().containsKey("request_uri")) throw Refusal.invalidRequest("request_uri in a push");
      if (!client.id().equals(request.parameters().get("client_id"))) throw Refusal.invalidClient("another client_id");
      require(asked(request.parameters()), request);
      String reference = "urn:ietf:params:oauth:request_uri:" + Unguessable.text();
      pushed.put(reference, request.parameters());
      return Response.json(201, knobs.pushedResponse.applyTo(Json.newObject().put("request_uri", reference)
          .put("expires_in", 60)));
    } catch (Refusal refusal) {
      return Response.json(Math.max(refusal.status(), 400), refusal.body());
    }
  }

  private Asked read(Received request) {
    var sent = request.parameters();
    String reference = sent.get("request_uri");
    if (reference == null && knobs.pushedRequestsOnly) throw Refusal.invalidRequest("requests must be pushed here");
    if (reference == null) return asked(sent);
    var kept = pushed.remove(reference);
    if (kept == null || sent.size() != 2 || !Objects.equals(kept.get("client_id"), sent.get("client_id"))) {
      throw Refusal.invalidRequest("this request_uri is not this client's, or is not alone");
    }
    return asked(kept);
  }

  private Asked asked(Map<String, String> parameters) {
    var client = clients.find(parameters.get("client_id"))
        .orElseThrow(() -> Refusal.invalidRequest("unknown client_id"));
    String redirectUri = parameters.getOrDefault("redirect_uri", "");
    if (!isRegistered(client, redirectUri)) throw Refusal.invalidRequest("this redirect_uri is not registered");
    return new Asked(client, redirectUri, parameters);
  }

  private boolean isRegistered(FakeClient client, String redirectUri) {
    return knobs.redirectsBySubdirectory
        ? directories(URI.create(redirectUri).normalize()).anyMatch(client.redirects())
        : client.redirects().test(redirectUri);
  }

  /** The URI without its query, then its parent directories, without a slash at the end. */
  private static Stream<String> directories(URI uri) {
    String origin = uri.getScheme() + "://" + uri.getRawAuthority();
    return Stream.iterate(uri.getRawPath(), path -> !path.isEmpty(), path -> path.substring(0, path.lastIndexOf('/')))
        .map(path -> origin + path);
  }

  private void require(Asked asked, Received request) {
    var parameters = asked.parameters();
    if (!request.repeatedParameters().isEmpty()) throw Refusal.invalidRequest("a parameter came twice");
    if (!"code".equals(parameters.get("response_type"))) {
      throw new Refusal(302, "unsupported_response_type", "response_type must be code");
    }
    if (!"S256".equals(parameters.get("code_challenge_method"))) {
      throw Refusal.invalidRequest("code_challenge_method must be S256");
    }
    if (!parameters.getOrDefault("code_challenge", "").matches("[A-Za-z0-9_-]{43}")) {
      throw Refusal.invalidRequest("code_challenge must be a SHA-256 in base64url");
    }
    knobs.provider.requireAuthorization(parameters);
    requireScopes(asked);
    if (knobs.authorizationError != null) throw new Refusal(302, knobs.authorizationError, "as the test wants it");
  }

  private void requireScopes(Asked asked) {
    for (String name : scopes(asked.scope()).values()) {
      boolean unknown = !knobs.scopesSupported.isEmpty() && !knobs.scopesSupported.contains(name);
      if (unknown || !clients.mayRequest(asked.client(), name) || knobs.refusedScopes.contains(name))
        throw new Refusal(302, "invalid_scope", "not this scope");
    }
  }

  /** Parses a scope parameter. Fails with {@code invalid_scope} if the value is invalid (RFC 6749 §3.3). */
  static Scopes scopes(String text) {
    try {
      return Scopes.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Refusal(400, "invalid_scope", "no scope");
    }
  }

  private Response ask(Asked asked) {
    String id = Unguessable.text();
    onScreen.put(id, asked);
    return ConsentPage.of(asked, origin + knobs.issuerPath + "/consent", id);
  }

  private Response approve(Asked asked) {
    return upstream == null ? grant(asked) : upstream.ask(asked.parameters());
  }

  /** A browser comes back from the upstream. */
  Response returnFromUpstream(Received request) {
    if (upstream == null) return Response.of(404);
    var asked = asked(upstream.askedBy(request));
    var refusal = upstream.refusal(request);
    return refusal.isPresent() ? sendBack(asked, refusal.get()) : grant(asked);
  }

  private Response grant(Asked asked) {
    String scope = knobs.grantedScope == null ? asked.scope() : knobs.grantedScope;
    var grant = grants.consent(asked.client(), asked.resource(), scope);
    String challenge = asked.parameters().getOrDefault("code_challenge", "");
    return sendBack(asked, Json.newObject().put("code", grants.issueCode(grant, challenge, asked.redirectUri())));
  }

  private Response sendBack(Asked asked, ObjectNode response) {
    String state = asked.parameters().get("state");
    if (state != null) response.put("state", state);
    response.put("iss", origin + knobs.issuerPath); // RFC 9207 §2, in errors too
    var parameters = new LinkedHashMap<String, String>();
    knobs.callback.applyTo(response).properties()
        .forEach(member -> parameters.put(member.getKey(), member.getValue().asText()));
    String separator = asked.redirectUri().contains("?") ? "&" : "?";
    return Response.redirect(302, asked.redirectUri() + separator + OutboundRequest.formBody(parameters))
        .with("Cache-Control", "no-store");
  }
}
