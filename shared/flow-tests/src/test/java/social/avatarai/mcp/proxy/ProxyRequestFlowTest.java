package social.avatarai.mcp.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.ProxyClient.MODERN;
import static social.avatarai.mcp.world.ProxyClient.call;
import static social.avatarai.mcp.world.ProxyClient.message;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ProxyClient;

/** What the proxy refuses, hands on and reports. */
class ProxyRequestFlowTest {
  private static final String LEGACY = "2025-11-25";
  private static final Duration SHORT = Duration.ofMillis(800);

  private static GrantWorld connected(Consumer<McpServerKnobs> knobs) {
    var world = GrantWorld.start(_ -> {}, knobs);
    world.connect(USER);
    return world;
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "-7", "0", "9007199254740993", "123456789012345678901234567890", "\"seven\"", "\"\"",
      "\"7\""})
  void idOfTheClientComesBackAsItWas(String id) {
    try (var world = connected(_ -> {})) {
      var client = new ProxyClient(world, USER, LEGACY);
      var headers = client.headers(client.request("ping", null));
      var called = "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":" + call("echo") + "}";
      assertThat(message(client.sendWith(headers, called)).body().toString()).contains("\"id\":" + id + ",")
          .contains("hello");
      var unknown = "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"no/such\"}";
      assertThat(message(client.sendWith(headers, unknown)).body().toString()).contains("\"id\":" + id + ",", "-32601");
    }
  }

  @ParameterizedTest
  @CsvSource({MODERN + "," + MODERN + ",404", MODERN + "," + LEGACY + ",404", LEGACY + "," + MODERN + ",200",
      LEGACY + "," + LEGACY + ",200"})
  void errorOfTheServerIsHandedOn(String clients, String servers, int status) {
    try (var world = connected(k -> k.protocolVersions(servers))) {
      var client = new ProxyClient(world, USER, clients);
      client.begin();
      var unknown = message(client.send("no/such", null));
      assertThat(unknown.status()).isEqualTo(status);
      assertThat(unknown.body().path("error").toString())
          .isEqualTo("{\"code\":-32601,\"message\":\"Method not found\"}");
      var refused = message(client.send("tools/call", call("unknown")));
      assertThat(refused.status()).isEqualTo(200);
      assertThat(refused.body().path("error").toString()).isEqualTo("{\"code\":-32602,\"message\":\"Unknown tool\"}");
    }
  }

  @Test
  void missingCapabilityIsReportedAsTheModernEraDemands() {
    try (var world = connected(k -> k.protocolVersions(MODERN))) {
      var refused = message(new ProxyClient(world, USER, MODERN).send("tools/call", call("confirm")));
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.body().at("/error/code").asInt()).isEqualTo(-32021);
    }
  }

  @Test
  void everyMethodIsHandedOnWithItsParameters() {
    try (var world = connected(_ -> {})) {
      var client = new ProxyClient(world, USER, LEGACY);
      client.begin();
      for (String method : List.of("resources/list", "resources/read", "resources/templates/list", "prompts/list",
          "prompts/get", "completion/complete", "logging/setLevel", "tasks/get", "com.example/own")) {
        client.send(method, ProxyClient.params("uri", "urn:" + method));
        var last = world.mcpServer.requests().getLast().json();
        assertThat(last.path("method").asText()).isEqualTo(method);
        assertThat(last.at("/params/uri").asText()).isEqualTo("urn:" + method);
      }
    }
  }

  /** Once, the header of these methods was refused as a contradiction, and was not sent to the server. */
  @ParameterizedTest
  @ValueSource(strings = {"tasks/get", "tasks/update", "tasks/cancel"})
  void requestAboutATaskNamesItInAHeaderToTheServerWhetherTheClientDoesOrNot(String method) {
    try (var world = connected(k -> k.protocolVersions(MODERN))) {
      var client = new ProxyClient(world, USER, MODERN);
      client.result("tools/list", null);
      var request = client.request(method, ProxyClient.params("taskId", "task-1"));
      for (boolean isNamed : new boolean[]{true, false}) {
        var headers = headers(MODERN, method, isNamed ? "task-1" : null);
        var answer = message(client.sendWith(headers, request.toString()));
        assertThat(answer.body().at("/error/code").asInt()).as("of the server").isEqualTo(-32601);
        var arrived = world.mcpServer.requests().getLast();
        assertThat(arrived.json().path("method").asText()).isEqualTo(method);
        assertThat(arrived.header("mcp-name")).contains("task-1");
      }
      var refused = message(client.sendWith(headers(MODERN, method, "task-2"), request.toString()));
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.body().at("/error/code").asInt()).isEqualTo(-32020);
    }
  }

  @ParameterizedTest
  @CsvSource({LEGACY + ",resources/subscribe,200", LEGACY + ",server/discover,200",
      LEGACY + ",subscriptions/listen,200",
      MODERN + ",subscriptions/listen,404", MODERN + ",initialize,404", MODERN + ",resources/subscribe,404"})
  void whatNeedsAStreamOrAnotherEraIsAnUnknownMethod(String version, String method, int status) {
    try (var world = connected(_ -> {})) {
      var client = new ProxyClient(world, USER, version);
      int before = world.mcpServer.requests().size();
      var message = client.request(method, null);
      var headers = client.headers(Json.newObject().put("method", method.equals("initialize") ? "x" : method));
      var own = new MessageHeaders(headers.accept(), headers.contentType(), version,
          version.equals(MODERN) ? method : null, null, null);
      var refused = message(client.sendWith(own, message.toString()));
      assertThat(refused.status()).isEqualTo(status);
      assertThat(refused.body().at("/error/code").asInt()).isEqualTo(-32601);
      assertThat(world.mcpServer.requests()).hasSize(before);
    }
  }

  /** Refuses a request with these headers before any server is asked. */
  private static void assertRefused(UnaryOperator<MessageHeaders> headers, UnaryOperator<ObjectNode> body, int status,
      int code) {
    try (var world = connected(_ -> {})) {
      var client = new ProxyClient(world, USER, MODERN);
      int before = world.mcpServer.requests().size();
      var request = client.request("tools/call", call("echo"));
      var refused = message(client.sendWith(headers.apply(client.headers(request)), body.apply(request).toString()));
      assertThat(refused.status()).isEqualTo(status);
      assertThat(refused.body().at("/error/code").asInt()).isEqualTo(code);
      assertThat(world.mcpServer.requests()).hasSize(before);
    }
  }

  private static UnaryOperator<ObjectNode> withoutMeta(String member) {
    return body -> {
      ((ObjectNode) body.at("/params/_meta")).remove("io.modelcontextprotocol/" + member);
      return body;
    };
  }

  private static UnaryOperator<ObjectNode> withVersion(String version) {
    return body -> {
      ((ObjectNode) body.at("/params/_meta")).put("io.modelcontextprotocol/protocolVersion", version);
      return body;
    };
  }

  private static MessageHeaders headers(@Nullable String version, @Nullable String method, @Nullable String name) {
    return new MessageHeaders("application/json, text/event-stream", "application/json", version, method, name, null);
  }

  @Test
  void refusesAModernRequestWhoseHeadersContradictItsBody() {
    assertRefused(_ -> headers(MODERN, "tools/list", "echo"), b -> b, 400, -32020);
    assertRefused(_ -> headers(MODERN, "tools/call", "whoami"), b -> b, 400, -32020);
    assertRefused(_ -> headers(LEGACY, "tools/call", "echo"), b -> b, 400, -32020);
    assertRefused(_ -> headers(MODERN, "tools/call", "=?base64?!?="), b -> b, 400, -32020);
    assertRefused(_ -> headers(MODERN, "tools/call", "echo,echo"), b -> b, 400, -32020);
  }

  @Test
  void refusesAModernRequestThatLacksWhatIsRequired() {
    assertRefused(_ -> headers(null, "tools/call", "echo"), b -> b, 400, -32020);
    assertRefused(_ -> headers(MODERN, null, "echo"), b -> b, 400, -32020);
    assertRefused(_ -> headers(MODERN, "tools/call", null), b -> b, 400, -32020);
    assertRefused(h -> h, withoutMeta("protocolVersion"), 400, -32602);
    assertRefused(h -> h, withoutMeta("clientCapabilities"), 400, -32602);
  }

  @Test
  void namesTheSupportedVersionsToAClientOfAnotherOne() {
    assertRefused(_ -> headers("2030-01-01", "tools/call", "echo"), withVersion("2030-01-01"), 400, -32022);
    assertRefused(_ -> headers("2030-01-01", null, null), withoutMeta("protocolVersion"), 400, -32022);
    try (var world = connected(_ -> {})) {
      var client = new ProxyClient(world, USER, MODERN);
      var body = message(client.sendWith(headers("1.0", null, null),
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}")).body();
      assertThat(body.at("/error/data").toString()).isEqualTo("{\"supported\":[\"2026-07-28\",\"2025-11-25\","
          + "\"2025-06-18\",\"2025-03-26\",\"2024-11-05\"],\"requested\":\"1.0\"}");
      var noted = message(client.sendWith(headers("1.0", null, null),
          "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"));
      assertThat(noted.status()).isEqualTo(400);
      assertThat(noted.body().has("id")).isFalse();
    }
  }

  @Test
  void takesANameThatItsHeaderEncodes() {
    try (var world = connected(k -> k.protocolVersions(MODERN))) {
      var client = new ProxyClient(world, USER, MODERN);
      var request = client.request("resources/read", ProxyClient.params("uri", "urn:\u4e16\u754c"));
      var refused = message(client.sendWith(headers(MODERN, "resources/read", "=?base64?dXJuOuS4lueVjA==?="),
          request.toString()));
      assertThat(refused.body().at("/error/code").asInt()).as("of the server").isEqualTo(-32601);
    }
  }

  @Test
  void refusesWhatCannotBeReadOrAnswered() {
    assertRefused(h -> new MessageHeaders("text/html", h.contentType(), MODERN, h.method(), h.name(), null), b -> b,
        406,
        -32600);
    assertRefused(h -> new MessageHeaders(h.accept(), "text/plain", MODERN, h.method(), h.name(), null), b -> b, 415,
        -32600);
    assertRefused(h -> new MessageHeaders(h.accept(), null, MODERN, h.method(), h.name(), null), b -> b, 415, -32600);
  }

  @Test
  void toolCallWhoseResponseIsLostHasAnUnknownOutcome() {
    try (var world = connected(_ -> {})) {
      var client = new ProxyClient(world, USER, LEGACY);
      client.begin();
      client.result("tools/list", null);
      world.mcpServer.mcpEndpoint().closeAfterReading();
      var failure = catchThrowableOfType(Failure.class, () -> client.send("tools/call", call("echo")));
      assertThat(failure.code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
    }
  }

  @Test
  void toolCallThatOutlivesItsInvocationHasAnUnknownOutcomeAndIsCancelledAtTheServer() throws Exception {
    var answers = new CountDownLatch(1);
    try (var world = connected(_ -> {})) {
      var client = new ProxyClient(world, USER, LEGACY);
      client.begin();
      client.result("tools/list", null);
      world.mcpServer.mcpEndpoint().delayUntil(answers);
      int before = world.mcpServer.requests().size();
      var failure = catchThrowableOfType(Failure.class,
          () -> client.sendIn(SHORT, client.request("tools/call", call("echo"))));
      assertThat(failure.code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
      var sent = world.mcpServer.mcpEndpoint().awaitRequests(before + 2).subList(before, before + 2);
      answers.countDown();
      assertThat(sent).extracting(one -> one.json().path("method").asText())
          .containsExactly("tools/call", "notifications/cancelled");
      assertThat(client.result("tools/call", call("echo")).at("/content/0/text").asText()).as("the next call")
          .isEqualTo("hello");
    } finally {
      answers.countDown();
    }
  }

  @Test
  void tokenThatTheServerRefusesIsRefreshedOnceAndTheRequestSentOnceMore() {
    try (var world = connected(_ -> {})) {
      var client = new ProxyClient(world, USER, LEGACY);
      client.begin();
      world.authorizationServer.revoke(world.grantOf(USER).tokens().accessToken().reveal());
      assertThat(client.result("tools/call", call("whoami")).at("/content/0/text").asText()).isEqualTo("owner-1");
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void tokenThatTheServerRefusesAfterTheRefreshTooIsAFailureOfTheServer() {
    try (var world = connected(_ -> {})) {
      var client = new ProxyClient(world, USER, LEGACY);
      client.begin();
      client.result("tools/list", null);
      // With the token, with the renewed token, and in a new session.
      world.mcpServer.mcpEndpoint().next(Response.of(401), Response.of(401), Response.of(401));
      var failure = catchThrowableOfType(Failure.class, () -> client.send("tools/list", null));
      assertThat(failure.code()).isEqualTo(ErrorCode.TOKEN_REJECTED_BY_RESOURCE);
      assertThat(failure.upstreamStatus()).contains(401);
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void expiredTokenIsRefreshedAndConsentIsReportedWhereItIsNeeded() {
    try (var world = connected(_ -> {})) {
      var client = new ProxyClient(world, USER, LEGACY);
      client.begin();
      world.expire();
      client.result("tools/list", null);
      assertThat(world.refreshTokensSent()).hasSize(1);
      world.mcpServer.adjust(k -> k.requireScope("tools/call", "more"));
      var outcome = client.send("tools/call", call("echo"));
      assertThat(outcome).isInstanceOf(ProxyOutcome.Withheld.class);
      assertThat(((ProxyOutcome.Withheld) outcome).access()).isInstanceOf(Access.StepUpNeeded.class);
    }
  }
}
