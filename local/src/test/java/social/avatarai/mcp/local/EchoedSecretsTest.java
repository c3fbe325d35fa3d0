package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.local.ApiUser.Answer;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;

/**
 * Servers that send back what they got: tokens, codes, verifiers and client secrets, in every place where a server can
 * write text. Nothing of it is in a log line or in an answer, except the tokens that the guide's token response hands
 * over. Everything goes over HTTP: the caller, the service, the servers.
 */
@ParameterizedClass
@ValueSource(strings = {"full", "reference"})
class EchoedSecretsTest {
  private static final Set<String> SECRET_PARAMETERS = Set.of("code", "code_verifier", "refresh_token", "token",
      "client_secret");

  private static final Map<String, LocalService> SERVICES = new HashMap<>();

  private final String tokenResponses;
  private final LocalService service;
  private final ApiUser user;
  private final FakeAuthorizationServer authorizationServer = FakeAuthorizationServer.start();
  private final FakeMcpServer mcpServer = FakeMcpServer.protectedBy(authorizationServer);
  private String clientId = "";
  /** Tokens that a scripted response has issued. */
  private final Set<String> issued = new LinkedHashSet<>();

  EchoedSecretsTest(String tokenResponses) {
    this.tokenResponses = tokenResponses;
    this.service = SERVICES.computeIfAbsent(tokenResponses,
        mode -> LocalService.start(Map.of("TOKEN_RESPONSES", mode)));
    this.user = service.user();
  }

  @AfterAll
  static void stop() {
    SERVICES.values().forEach(LocalService::close);
    SERVICES.clear();
  }

  @AfterEach
  void nothingThatWasSentIsLoggedOrAnswered() {
    try (authorizationServer; mcpServer; user) {
      // What was stored is shown here.
      user.get("/api/mcp/connections", Map.of());
      var secrets = secrets();
      assertThat(secrets).as("secrets that were sent").hasSizeGreaterThanOrEqualTo(3);
      assertThat(service.log()).contains("\"event\":\"request\"");
      for (String secret : secrets) {
        for (String form : List.of(secret, OutboundRequest.formEncode(secret), secret.substring(0, 20))) {
          assertThat(service.log()).doesNotContain(form);
          assertThat(documentRequests()).doesNotContain(form);
          assertThat(user.answers()).allSatisfy(answer -> assertThat(answer).doesNotContain(form));
        }
      }
    }
  }

  /** Every credential that a server has received. */
  private Set<String> secrets() {
    var secrets = new LinkedHashSet<>(issued);
    var all = Stream.of(mcpServer.requests(), authorizationServer.tokenRequests(), authorizationServer.revocations(),
        authorizationServer.registrations()).flatMap(List::stream).toList();
    for (var request : all) {
      request.header("authorization").ifPresent(value -> secrets.add(value.substring(value.indexOf(' ') + 1)));
      if (request.json().isEmpty())
        SECRET_PARAMETERS.stream().map(request.parameters()::get).filter(value -> value != null).forEach(secrets::add);
    }
    return secrets;
  }

  /** The requests for public documents, which may go to anybody. */
  private String documentRequests() {
    return mcpServer.metadataRequests().toString() + authorizationServer.metadataRequests();
  }

  // The flow

  private Answer connect() {
    register("client_secret_basic");
    return consent().succeeded();
  }

  private void register(String method) {
    clientId = user.register(authorizationServer, method).text("client_id");
    user.forgetHandedOver(Set.of("client_secret"));
  }

  private Answer consent() {
    var begun = user.begin(authorizationServer, clientId, mcpServer.url());
    return handingOver(user.consent(authorizationServer, begun));
  }

  private Answer callTool() {
    return user.callTool(mcpServer.url());
  }

  private Answer refresh() {
    return handingOver(user.refresh());
  }

  /** In the mode {@code full}, the members of the guide's token response may hold tokens, and nothing else may. */
  private Answer handingOver(Answer answer) {
    assertThat(answer.body().has("access_token")).isEqualTo(answer.status() == 200 && tokenResponses.equals("full"));
    if (answer.body().has("access_token")) user.forgetHandedOver(Set.of("access_token", "refresh_token"));
    return answer;
  }

  // What the servers send back

  /** Everything that a server got, in the ways in which servers usually write it. */
  private static String everything(Received request) {
    String all = request.headers().toString() + request.body();
    return all + " " + OutboundRequest.formEncode(all) + " " + Json.newObject().put("request", all) + request
        .parameters();
  }

  private static ObjectNode result(Received request, JsonNode result) {
    var message = Json.newObject().put("jsonrpc", "2.0");
    message.set("id", request.json().path("id"));
    return message.set("result", result);
  }

  private static String credential(Received request) {
    return request.header("authorization").orElse("none").replaceFirst(".* ", "");
  }

  private static ObjectNode toolResult(Received request) {
    var result = Json.newObject().put(credential(request), "a member's name").put("count", 42);
    result.putArray("content").addObject().put("type", "text").put("text", "before " + everything(request) + " after");
    result.putObject("structuredContent").put("header", request.header("authorization").orElse(""))
        .put("other", "is passed on");
    return result;
  }

  private static ObjectNode description(Received request) {
    var description = Json.newObject().put("protocolVersion", "2025-11-25").put("instructions", everything(request));
    description.putObject("serverInfo").put("name", credential(request)).put("version", "1");
    return description;
  }

  private static ObjectNode error(Received request) {
    var message = Json.newObject().put("jsonrpc", "2.0");
    message.set("id", request.json().path("id"));
    message.putObject("error").put("code", -32000).put("message", everything(request)).putObject("data")
        .put(credential(request), everything(request));
    return message;
  }

  /** Header values are single lines. */
  private static String challenge(Received request) {
    String token = credential(request);
    return "Bearer realm=\"" + token + "\", error=\"" + token + "\", error_description=\"" + token
        + "\", scope=\"read " + token + "\"";
  }

  /** The places where an MCP server can write text into its response to a request with a token. */
  enum Place {
    RESULT(request -> Response.json(200, result(request, toolResult(request)))), EVENT_STREAM(
        request -> Response.of(200).body("text/event-stream",
            "data: " + result(request, toolResult(request)) + "\n\n")), ERROR(
                request -> Response.json(200, error(request))), ERROR_WITH_STATUS(
                    request -> Response.json(400, error(request))), NO_JSON_RPC(request -> Response.json(200,
                        Json.newObject().put(credential(request), everything(request)))), PAGE(
                            request -> Response.html(500, everything(request))), MEDIA_TYPE(request -> Response.of(200)
                                .body("text/" + credential(request), everything(request))), CHALLENGE_401(
                                    request -> Response.json(401, error(request)).with("WWW-Authenticate",
                                        challenge(request))), CHALLENGE_403(
                                            request -> Response.json(403, error(request)).with("WWW-Authenticate",
                                                "Bearer error=\"insufficient_scope\", scope=\"write "
                                                    + credential(request) + "\"")), REDIRECT(
                                                        request -> Response.redirect(307,
                                                            "/elsewhere?token=" + credential(request))), BUSY(
                                                                request -> Response.json(429, error(request))
                                                                    .with("Retry-After", credential(request)));

    private final Function<Received, Response> response;

    Place(Function<Received, Response> response) {
      this.response = response;
    }
  }

  // The tests. What they all have in common is checked after each.

  @ParameterizedTest
  @EnumSource
  void tokenThatAServerSendsBackToAToolCallIsNeitherLoggedNorAnswered(Place place) {
    connect();
    callTool();
    mcpServer.mcpEndpoint().nextFrom(place.response);
    var answer = callTool();
    assertThat(answer.body().has("data") || answer.body().has("error")).isTrue();
  }

  @Test
  void whatIsNotTheTokenIsPassedOnAsItIs() {
    connect();
    callTool();
    mcpServer.mcpEndpoint().nextFrom(Place.RESULT.response);
    var data = callTool().body().path("data");
    assertThat(data.path("[token]").asText()).isEqualTo("a member's name");
    assertThat(data.path("count").isInt()).isTrue();
    assertThat(data.path("content").path(0).path("text").asText()).startsWith("before ").endsWith(" after")
        .contains("[Bearer [token]]");
    assertThat(data.path("structuredContent").path("header").asText()).isEqualTo("Bearer [token]");
    assertThat(data.path("structuredContent").path("other").asText()).isEqualTo("is passed on");
  }

  @Test
  void serverThatWritesTheTokenIntoItsVersionOrItsDescriptionTellsNobody() {
    connect();
    mcpServer.mcpEndpoint().next(Response.of(404)).nextFrom( // server/discover of the modern era, then initialize
        request -> Response.json(200, result(request, Json.newObject().put("protocolVersion", credential(request)))));
    assertThat(describe().text("error")).isEqualTo("invalid_upstream_answer");
    assertThat(service.log()).contains("\"detail\":\"[token]\"");

    for (int i = 0; i < 2; i++)
      mcpServer.mcpEndpoint().nextFrom(request -> Response.json(200, result(request, description(request))));
    assertThat(describe().succeeded().body().path("data").path("serverInfo").path("name").asText())
        .isEqualTo("[token]");
  }

  private Answer describe() {
    return user.get(ApiUser.ACCESS, Map.of("resource_url", mcpServer.url()));
  }

  @Test
  void tokenThatTheCallerBroughtIsTakenOutAsWell() {
    connect();
    callTool();
    assumeThat(tokenResponses).as("reference: no token is taken from callers").isEqualTo("full");
    mcpServer.mcpEndpoint().nextFrom(request -> Response.json(200, result(request, description(request))))
        .next(Response.of(202)).nextFrom(Place.RESULT.response);
    String token = "brought-" + Unguessable.text();
    var answer = user.post(ApiUser.ACCESS,
        Json.newObject().put("resource_url", mcpServer.url()).put("method", "tools/list")
            .put("access_token", token));
    assertThat(mcpServer.requests().getLast().header("authorization")).hasValue("Bearer " + token);
    assertThat(answer.body().path("data").path("structuredContent").path("header").asText())
        .isEqualTo("Bearer [token]");
  }

  /** The ways in which a token endpoint can write what it got into an error. */
  enum TokenError {
    ERROR_WORD(request -> Response.json(400, Json.newObject().put("error", everything(request)))), DESCRIPTION(
        request -> Response.json(400,
            Json.newObject().put("error", "invalid_grant").put("error_description", everything(request)))), BROKEN(
                request -> Response.html(500, everything(request))), NO_TOKEN(
                    request -> Response.json(200, Json.newObject().put("token_type", everything(request)))), OTHER_TYPE(
                        request -> Response.json(200,
                            Json.newObject().put("access_token", Unguessable.text()).put("token_type",
                                everything(request)))), CHALLENGE(
                                    request -> Response.json(401, Json.newObject().put("error", "invalid_client")).with(
                                        "WWW-Authenticate",
                                        "Basic realm=\"" + credential(request) + request.parameters() + "\""));

    private final Function<Received, Response> response;

    TokenError(Function<Received, Response> response) {
      this.response = response;
    }
  }

  @ParameterizedTest
  @EnumSource
  void codeVerifierAndClientSecretThatATokenEndpointSendsBackAreNeitherLoggedNorAnswered(TokenError error) {
    for (String method : List.of("client_secret_basic", "client_secret_post")) {
      register(method);
      authorizationServer.tokenEndpoint().nextFrom(error.response);
      assertThat(consent().body().has("error")).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void refreshTokenThatATokenEndpointSendsBackIsNeitherLoggedNorAnswered(TokenError error) {
    connect();
    authorizationServer.tokenEndpoint().nextFrom(error.response);
    assertThat(refresh().body().has("error")).isTrue();
  }

  /** The scope of a token response is stored, shown in lists, and asked for again. */
  @Test
  void tokensThatATokenEndpointCallsScopesAreNotKeptAsScopes() {
    register("client_secret_basic");
    authorizationServer.tokenEndpoint().nextFrom(request -> {
      var tokens = List.of("at-" + Unguessable.text(), "rt-" + Unguessable.text());
      issued.addAll(tokens);
      var form = request.parameters();
      return Response.json(200, Json.newObject().put("access_token", tokens.getFirst())
          .put("refresh_token", tokens.getLast()).put("token_type", "Bearer").put("scope", "read "
              + String.join(" ", tokens) + " " + form.get("code") + " x:" + form.get("code_verifier") + " write"));
    });
    assertThat(consent().succeeded().text("scope")).isEqualTo("read write");
  }

  @Test
  void challengeCannotMakeUsAskForTheTokenAtAnotherUrlOrAsAScope() {
    connect();
    for (int status : List.of(401, 403)) {
      mcpServer.mcpEndpoint().nextFrom(request -> Response.of(status).with("WWW-Authenticate",
          "Bearer error=\"insufficient_scope\", scope=\"write " + credential(request) + "\", resource_metadata=\""
              + mcpServer.origin() + "/.well-known/oauth-protected-resource/mcp?token=" + credential(request) + "\""));
      callTool();
    }
  }

  /** Metadata is cached, and other users see it. */
  @Test
  void tokenThatAServerWritesIntoItsMetadataIsNotAskedForAsAScope() {
    connect();
    mcpServer.mcpEndpoint().nextFrom(request -> {
      mcpServer.adjust(knobs -> knobs.metadata("scopes_supported", List.of("read", credential(request))));
      return Response.of(401);
    });
    authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_grant"));
    var body = Json.newObject().put("resource_url", mcpServer.url()).put("method", "tools/list").put("start", true);
    var answer = user.post(ApiUser.ACCESS, body);
    assertThat(answer.body().path("error").asText()).isEqualTo("authorization_required");
    assertThat(answer.body().path("scope").asText()).isEqualTo("read");
  }

  @Test
  void clientSecretThatARegistrationRepeatsElsewhereIsHandedOverOnlyOnce() {
    authorizationServer.registrationEndpoint().nextFrom(request -> {
      String secret = "secret-" + Unguessable.text();
      issued.add(secret);
      return Response.json(201, request.json().put("client_id", "client-one").put("client_secret", secret)
          .put("client_name", "A client with the secret " + secret));
    });
    var answer = user.register(authorizationServer, "client_secret_basic");
    assertThat(issued).containsExactly(answer.text("client_secret"));
    assertThat(answer.text("client_name")).isEqualTo("A client with the secret [token]");
    user.forgetHandedOver(Set.of("client_secret"));
    connect();
  }

  @Test
  void tokenThatARevocationEndpointSendsBackIsNeitherLoggedNorAnswered() {
    connect();
    authorizationServer.revocationEndpoint().nextFrom(
        request -> Response.json(400, Json.newObject().put("error", everything(request))));
    user.disconnect().succeeded();
    assertThat(service.log()).contains("\"revoked\":false");
  }
}
