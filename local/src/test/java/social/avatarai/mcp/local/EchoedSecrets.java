package social.avatarai.mcp.local;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.local.ApiUser.ApiResponse;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Received;

/**
 * Servers that send back what they got: tokens, codes, verifiers and client secrets, in every place where a server can
 * write text. Nothing of it is in a log line or in a response, except the tokens that the guide's token response hands
 * over. Everything goes over HTTP: the caller, the service, the servers.
 */
@ParameterizedClass
@ValueSource(strings = {"full", "reference"})
abstract class EchoedSecrets {
  private static final Set<String> SECRET_PARAMETERS = Set.of("code", "code_verifier", "refresh_token", "token",
      "client_secret");

  /** All tests of one mode have the same service. */
  private static @Nullable LocalService service;

  /** The mode of token responses. */
  @Parameter
  String tokenResponses = "";

  final ApiUser user = service().user();
  final FakeAuthorizationServer authorizationServer = FakeAuthorizationServer.start();
  final FakeMcpServer mcpServer = FakeMcpServer.protectedBy(authorizationServer);
  private String clientId = "";
  /** Tokens that a scripted response has issued. */
  final Set<String> issued = new LinkedHashSet<>();

  @BeforeParameterizedClassInvocation
  static void start(String mode) {
    service = LocalService.start(Map.of("TOKEN_RESPONSES", mode));
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    service().close();
  }

  private static LocalService service() {
    return requireNonNull(service);
  }

  boolean handsTokensOver() {
    return tokenResponses.equals("full");
  }

  static String log() {
    return service().log();
  }

  @AfterEach
  void nothingThatWasSentIsLoggedOrAnswered() {
    try (authorizationServer; mcpServer; user) {
      // What was stored is shown here.
      user.get("/api/mcp/connections", Map.of());
      var secrets = secrets();
      assertThat(secrets).as("secrets that were sent").hasSizeGreaterThanOrEqualTo(3);
      assertThat(service().log()).contains("\"event\":\"request\"");
      for (String secret : secrets) {
        for (String form : List.of(secret, OutboundRequest.formEncode(secret), secret.substring(0, 20))) {
          assertThat(service().log()).doesNotContain(form);
          assertThat(documentRequests()).doesNotContain(form);
          assertThat(user.responses()).allSatisfy(response -> assertThat(response).doesNotContain(form));
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

  ApiResponse connect() {
    register("client_secret_basic");
    return consent().succeeded();
  }

  void register(String method) {
    clientId = user.register(authorizationServer, method).text("client_id");
    user.forgetHandedOver(Set.of("client_secret"));
  }

  ApiResponse consent() {
    var begun = user.begin(authorizationServer, clientId, mcpServer.url());
    return handingOver(user.consent(authorizationServer, begun));
  }

  ApiResponse callTool() {
    return user.callTool(mcpServer.url());
  }

  ApiResponse refresh() {
    return handingOver(user.refresh());
  }

  /** In the mode {@code full}, the members of the guide's token response may hold tokens, and nothing else may. */
  private ApiResponse handingOver(ApiResponse response) {
    assertThat(response.body().has("access_token")).isEqualTo(response.status() == 200 && handsTokensOver());
    if (response.body().has("access_token")) user.forgetHandedOver(Set.of("access_token", "refresh_token"));
    return response;
  }

  // What the servers send back

  /** Everything that a server got, in the ways in which servers usually write it. */
  static String everything(Received request) {
    String all = request.headers().toString() + request.body();
    return all + " " + OutboundRequest.formEncode(all) + " " + Json.newObject().put("request", all) + request
        .parameters();
  }

  static ObjectNode result(Received request, JsonNode result) {
    var message = Json.newObject().put("jsonrpc", "2.0");
    message.set("id", request.json().path("id"));
    return message.set("result", result);
  }

  static String credential(Received request) {
    return request.header("authorization").orElse("none").replaceFirst(".* ", "");
  }

  static ObjectNode toolResult(Received request) {
    var result = Json.newObject().put(credential(request), "a member's name").put("count", 42);
    result.putArray("content").addObject().put("type", "text").put("text", "before " + everything(request) + " after");
    result.putObject("structuredContent").put("header", request.header("authorization").orElse(""))
        .put("other", "is passed on");
    return result;
  }

  static ObjectNode description(Received request) {
    var description = Json.newObject().put("protocolVersion", "2025-11-25").put("instructions", everything(request));
    description.putObject("serverInfo").put("name", credential(request)).put("version", "1");
    return description;
  }

  static ObjectNode error(Received request) {
    var message = Json.newObject().put("jsonrpc", "2.0");
    message.set("id", request.json().path("id"));
    message.putObject("error").put("code", -32000).put("message", everything(request)).putObject("data")
        .put(credential(request), everything(request));
    return message;
  }

  /** Header values are single lines. */
  static String challenge(Received request) {
    String token = credential(request);
    return "Bearer realm=\"" + token + "\", error=\"" + token + "\", error_description=\"" + token
        + "\", scope=\"read " + token + "\"";
  }
}
