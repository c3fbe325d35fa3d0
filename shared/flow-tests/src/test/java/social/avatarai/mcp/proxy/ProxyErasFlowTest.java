package social.avatarai.mcp.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.ProxyClient.MODERN;
import static social.avatarai.mcp.world.ProxyClient.call;
import static social.avatarai.mcp.world.ProxyClient.message;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeSseServer;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ProxyClient;
import social.avatarai.mcp.world.ServerWorld;

/** Clients of both eras use servers of both eras through the proxy. */
class ProxyErasFlowTest {
  private static final String LEGACY = "2025-11-25";

  private static GrantWorld connected(Consumer<McpServerKnobs> knobs) {
    var world = GrantWorld.start(_ -> {}, knobs);
    world.connect(USER);
    return world;
  }

  private static List<JsonNode> sent(GrantWorld world, String method) {
    return world.mcpServer.requests().stream().map(Received::json)
        .<JsonNode>map(json -> json).filter(json -> json.path("method").asText().equals(method)).toList();
  }

  @ParameterizedTest
  @CsvSource({MODERN + "," + MODERN, MODERN + "," + LEGACY, LEGACY + "," + MODERN, LEGACY + "," + LEGACY,
      "2025-06-18," + MODERN, "2025-03-26," + LEGACY, "2024-11-05," + LEGACY})
  void clientOfEachEraListsAndCallsToolsOfAServerOfEachEra(String clients, String servers) {
    try (var world = connected(k -> k.protocolVersions(servers))) {
      var client = new ProxyClient(world, USER, clients);
      assertThat(client.begin().status()).isEqualTo(200);
      assertThat(client.result("tools/list", null).path("tools").findValuesAsText("name")).contains("echo", "whoami");
      assertThat(client.result("tools/call", call("whoami")).at("/content/0/text").asText()).isEqualTo("owner-1");
      assertThat(client.result("tools/call", call("echo")).at("/content/0/text").asText()).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {MODERN, LEGACY, "2024-11-05"})
  void clientOfEachEraUsesAServerOfHttpWithSse(String clients) {
    try (var world = FlowWorld.start();
        var server = FakeSseServer.protectedBy(world.authorizationServer, (_, _) -> {})) {
      var registered = new ServerWorld(world);
      var record = ServerWorld.record(server.url());
      record.withObject("endpoint").put("type", "sse");
      registered.put(record);
      registered.connectWithConsent();
      var client = new ProxyClient(world.flow(), FlowWorld.USER, ServerWorld.MCP_ID, clients);
      assertThat(client.begin().status()).isEqualTo(200);
      assertThat(client.result("tools/list", null).path("tools").findValuesAsText("name")).contains("echo", "whoami");
      int before = server.steps().size();
      assertThat(client.result("tools/call", call("echo")).at("/content/0/text").asText()).isEqualTo("hello");
      assertThat(server.steps().subList(before, server.steps().size())).as("one stream of its own")
          .containsExactly("GET", "initialize", "notifications/initialized", "tools/call");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {MODERN, LEGACY})
  void modernClientLearnsWhatTheServerIsAsItsOwnEraSaysIt(String servers) {
    try (var world = connected(k -> k.protocolVersions(servers))) {
      var result = new ProxyClient(world, USER, MODERN).begin().body().path("result");
      assertThat(result.path("resultType").asText()).isEqualTo("complete");
      assertThat(result.path("supportedVersions").valueStream().map(JsonNode::asText)).startsWith(MODERN, LEGACY);
      assertThat(result.at("/_meta/io.modelcontextprotocol~1serverInfo/name").asText()).isEqualTo("fake-mcp-server");
      assertThat(result.path("ttlMs").isNumber()).isTrue();
      assertThat(result.path("cacheScope").asText()).isEqualTo("private");
      assertThat(result.path("capabilities").isObject()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {MODERN, LEGACY})
  void legacyClientLearnsWhatTheServerIsAsItsOwnEraSaysIt(String servers) {
    try (var world = connected(k -> k.protocolVersions(servers))) {
      var begun = new ProxyClient(world, USER, "2025-06-18").begin();
      assertThat(begun.session()).isNotNull();
      var result = begun.body().path("result");
      assertThat(result.path("protocolVersion").asText()).isEqualTo("2025-06-18");
      assertThat(result.at("/serverInfo/name").asText()).isEqualTo("fake-mcp-server");
      assertThat(result.at("/serverInfo/version").asText()).isEqualTo("1.0.0");
      assertThat(result.has("resultType")).isFalse();
      assertThat(result.has("supportedVersions")).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-07-28", "2030-01-01", "1.0"})
  void legacyClientIsOfferedTheNewestVersionOfItsEraForAnUnknownOne(String proposed) {
    try (var world = connected(_ -> {})) {
      var client = new ProxyClient(world, USER, LEGACY);
      var asked = client.request("initialize", Json.newObject().put("protocolVersion", proposed));
      assertThat(message(client.send(asked)).body().at("/result/protocolVersion").asText()).isEqualTo(LEGACY);
    }
  }

  @Test
  void modernClientGetsResultsOfALegacyServerInTheFormOfItsEra() {
    try (var world = connected(_ -> {})) {
      var client = new ProxyClient(world, USER, MODERN);
      var listed = client.result("tools/list", null);
      assertThat(listed.path("resultType").asText()).isEqualTo("complete");
      assertThat(listed.path("ttlMs").asInt(-1)).isZero();
      assertThat(listed.path("cacheScope").asText()).isEqualTo("private");
      var called = client.result("tools/call", call("echo"));
      assertThat(called.path("resultType").asText()).isEqualTo("complete");
      assertThat(called.has("ttlMs")).isFalse();
    }
  }

  @Test
  void legacyClientGetsResultsOfAModernServerWithoutTheType() {
    try (var world = connected(k -> k.protocolVersions(MODERN))) {
      var client = new ProxyClient(world, USER, LEGACY);
      client.begin();
      assertThat(client.result("tools/list", null).has("resultType")).isFalse();
    }
  }

  /** Only a modern server says with {@code resultType} what a result is. */
  @ParameterizedTest
  @ValueSource(strings = {"mail", "complete", "input_required"})
  void resultOfALegacyServerWithATypeOfItsOwnIsHandedOnToAClientOfEachEra(String type) {
    try (var world = connected(k -> k.ownResultType(type))) {
      var legacy = new ProxyClient(world, USER, LEGACY);
      legacy.begin();
      var result = legacy.result("tools/call", call("echo"));
      assertThat(result.at("/content/0/text").asText()).isEqualTo("hello");
      assertThat(result.path("resultType").asText()).isEqualTo(type);
      var modern = new ProxyClient(world, USER, MODERN).result("tools/call", call("echo"));
      assertThat(modern.at("/content/0/text").asText()).isEqualTo("hello");
      assertThat(modern.path("resultType").asText()).isEqualTo("complete");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {MODERN, LEGACY})
  void serverNeverHearsThatTheClientAnswersQuestions(String servers) {
    try (var world = connected(k -> k.protocolVersions(servers))) {
      for (String version : List.of(MODERN, LEGACY)) {
        var client = new ProxyClient(world, USER, version);
        client.begin();
        client.result("tools/call", call("echo"));
      }
      assertThat(sent(world, "tools/call")).hasSize(2);
      assertThat(world.mcpServer.requests()).extracting(Received::body)
          .noneMatch(body -> body.contains("elicitation") || body.contains("sampling") || body.contains("roots"));
    }
  }

  @Test
  void otherCapabilitiesReachAModernServer() {
    try (var world = connected(k -> k.protocolVersions(MODERN))) {
      var params = call("echo");
      params.putObject("_meta").putObject("io.modelcontextprotocol/clientCapabilities").putObject("extensions")
          .putObject("com.example/things");
      new ProxyClient(world, USER, MODERN).result("tools/call", params);
      assertThat(sent(world, "tools/call").getFirst()
          .at("/params/_meta/io.modelcontextprotocol~1clientCapabilities").toString())
          .isEqualTo("{\"extensions\":{\"com.example/things\":{}}}");
    }
  }

  @Test
  void legacyServerSeesNothingOfTheOtherEra() {
    try (var world = connected(_ -> {})) {
      var params = call("echo");
      params.putObject("_meta").put("progressToken", 1).put("com.example/own", "stays");
      new ProxyClient(world, USER, MODERN).result("tools/call", params);
      assertThat(sent(world, "tools/call").getFirst().at("/params/_meta").toString())
          .isEqualTo("{\"com.example/own\":\"stays\"}");
    }
  }

  @Test
  void roundOfInputPassesThroughInTheModernEra() {
    try (var world = connected(k -> k.protocolVersions(MODERN).asksAnyClient())) {
      var client = new ProxyClient(world, USER, MODERN);
      var asked = client.result("tools/call", call("confirm"));
      assertThat(asked.path("resultType").asText()).isEqualTo("input_required");
      assertThat(asked.at("/inputRequests/sure/method").asText()).isEqualTo("elicitation/create");
      var next = call("confirm").put("requestState", asked.path("requestState").asText());
      next.putObject("inputResponses").putObject("sure").put("action", "accept").putObject("content").put("sure", true);
      var done = client.result("tools/call", next);
      assertThat(done.path("resultType").asText()).isEqualTo("complete");
      assertThat(done.at("/content/0/text").asText()).isEqualTo("{\"sure\":true}");
    }
  }

  @Test
  void roundOfInputIsAnErrorToAClientThatCannotUnderstandIt() {
    try (var world = connected(k -> k.protocolVersions(MODERN).asksAnyClient())) {
      var client = new ProxyClient(world, USER, LEGACY);
      client.begin();
      var refused = message(client.send("tools/call", call("confirm")));
      assertThat(refused.status()).isEqualTo(200);
      assertThat(refused.body().at("/error/code").asInt()).isEqualTo(-32603);
      assertThat(refused.body().at("/error/message").asText()).contains("asks for input");
    }
  }

  @Test
  void capabilitiesThatNeedAStreamAreNotShown() {
    try (var world = connected(k -> k.offer(offer -> offer.tool("one", "Does one thing.")))) {
      for (String version : List.of(MODERN, LEGACY)) {
        assertThat(new ProxyClient(world, USER, version).begin().body().toString()).contains("\"tools\"")
            .doesNotContain("listChanged", "subscribe");
      }
    }
  }
}
