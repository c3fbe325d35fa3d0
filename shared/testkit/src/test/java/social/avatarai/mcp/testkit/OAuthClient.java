package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.http.OutboundRequest;

/** A correct client. A test can then leave out one thing. */
final class OAuthClient {
  static final String REDIRECT_URI = "https://client.example/callback";
  static final String RESOURCE = "https://mcp.example/mcp";
  static final String VERIFIER = "verifier-00000000000000000000000000000000000";

  private final FakeAuthorizationServer server;
  final JsonNode registration;

  private OAuthClient(FakeAuthorizationServer server, JsonNode registration) {
    this.server = server;
    this.registration = registration;
  }

  static OAuthClient registeredAt(FakeAuthorizationServer server, String authMethod)
      throws IOException, InterruptedException {
    var response = Http.json(server.issuer() + "/register", registration(authMethod));
    assertThat(response.statusCode()).isBetween(200, 201);
    return new OAuthClient(server, Http.body(response));
  }

  static OAuthClient registeredAt(FakeAuthorizationServer server) throws IOException, InterruptedException {
    return registeredAt(server, "none");
  }

  static String registration(String authMethod) {
    return """
        {"client_name":"A test client","redirect_uris":["%s"],"token_endpoint_auth_method":"%s",
         "grant_types":["authorization_code","refresh_token"],"response_types":["code"]}
        """.formatted(REDIRECT_URI, authMethod);
  }

  String id() {
    return registration.path("client_id").asText();
  }

  String secret() {
    return registration.path("client_secret").asText();
  }

  String basic() {
    String pair = OutboundRequest.formEncode(id()) + ":" + OutboundRequest.formEncode(secret());
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  Map<String, String> authorization() {
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("response_type", "code");
    parameters.put("client_id", id());
    parameters.put("redirect_uri", REDIRECT_URI);
    parameters.put("scope", "read");
    parameters.put("state", "a-state");
    parameters.put("code_challenge", Digest.sha256Base64Url(VERIFIER));
    parameters.put("code_challenge_method", "S256");
    parameters.put("resource", RESOURCE);
    return parameters;
  }

  String url(Map<String, String> authorization) {
    return server.issuer() + "/authorize?" + OutboundRequest.formBody(authorization);
  }

  /** The parameters in the redirect of an authorization request. */
  Map<String, String> callback(Map<String, String> authorization) {
    return query(server.approve(url(authorization)));
  }

  String code() {
    return callback(authorization()).getOrDefault("code", "");
  }

  /** The form to redeem a code, without client authentication. */
  Map<String, String> redemption(String code) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "authorization_code");
    form.put("code", code);
    form.put("redirect_uri", REDIRECT_URI);
    form.put("code_verifier", VERIFIER);
    form.put("resource", RESOURCE);
    return form;
  }

  Map<String, String> refreshment(String refreshToken) {
    var form = new LinkedHashMap<String, String>();
    form.put("grant_type", "refresh_token");
    form.put("refresh_token", refreshToken);
    form.put("client_id", id());
    form.put("resource", RESOURCE);
    return form;
  }

  /** Runs the whole flow of a public client and returns the token response. */
  JsonNode tokens() throws IOException, InterruptedException {
    var form = redemption(code());
    form.put("client_id", id());
    var response = token(form);
    assertThat(response.statusCode()).isEqualTo(200);
    return Http.body(response);
  }

  HttpResponse<String> token(Map<String, String> form, String... headers) throws IOException, InterruptedException {
    return Http.form(server.issuer() + "/token", form, headers);
  }

  HttpResponse<String> refresh(String refreshToken) throws IOException, InterruptedException {
    return token(refreshment(refreshToken));
  }

  static Map<String, String> query(URI uri) {
    return new Received("GET", uri.getRawPath(), uri.getRawQuery(), Map.of(), "").parameters();
  }
}
