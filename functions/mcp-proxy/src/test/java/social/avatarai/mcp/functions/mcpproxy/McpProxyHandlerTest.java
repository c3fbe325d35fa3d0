package social.avatarai.mcp.functions.mcpproxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.registration.RequestCounter;
import social.avatarai.mcp.testkit.Demo;
import social.avatarai.mcp.testkit.event.SampleEvent;

class McpProxyHandlerTest {

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("mcp-proxy", McpProxyHandler::new);
  }

  @Test
  void rehearsedCallSucceedsAndAsksForNoClientOfTheFunction() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      McpProxyHandler.REHEARSAL.run(platform.wiring());
      assertThat(platform.clients()).isEmpty();
    }
  }

  private static ObjectNode event(String name) {
    var event = SampleEvent.of(Path.of("..", "..", "events"), "mcp-proxy").stream().filter(e -> e.name().equals(name))
        .findFirst().orElseThrow();
    return Json.object(event.text().getBytes(StandardCharsets.UTF_8)).orElseThrow();
  }

  private static JsonNode response(String name) {
    return response(name, event -> event, _ -> {});
  }

  /** The response to a sample event that is changed first, where the stores have a connected server. */
  private static JsonNode response(String name, UnaryOperator<ObjectNode> change, Consumer<TestPlatform> settings) {
    var platform = new TestPlatform(Clock.systemUTC());
    settings.accept(platform);
    try (platform; var demo = Demo.start(0, 0)) {
      platform.seeds(demo.mcpUrl(), demo.issuer()).write("connected-server");
      return Replay.invoke(new McpProxyHandler(platform.wiring()), change.apply(event(name)).toString());
    }
  }

  private static JsonNode body(JsonNode response) {
    return Json.object(response.path("body").asText().getBytes(StandardCharsets.UTF_8)).orElseThrow();
  }

  @Test
  void namesTheSessionOfALegacyClientInAHeaderAndItsMethodsToAnUnknownOne() {
    assertThat(response("initialize").at("/headers/Mcp-Session-Id").asText()).hasSizeBetween(90, 300)
        .matches("[!-~]+");
    assertThat(response("modern-discover").path("headers").has("Mcp-Session-Id")).isFalse();
    assertThat(response("get").at("/headers/Allow").asText()).isEqualTo("POST, DELETE");
  }

  @Test
  void takesANotificationWithoutABody() {
    assertThat(response("initialized").path("body").asText("none")).isEmpty();
  }

  @Test
  void keepsTheIdOfARequestThatFailsAndNamesTheFailure() {
    var failed = response("unknown-server");
    assertThat(body(failed).path("id").asInt()).isEqualTo(1);
    assertThat(body(failed).at("/error/code").asInt()).isEqualTo(404);
    assertThat(body(failed).at("/error/data/error").asText()).isEqualTo("not_found");
    assertThat(body(failed).at("/error/data/request_id").asText()).isEqualTo("example-request-id=");
  }

  @Test
  void saysWhenATokenThatCannotBeRenewedNowIsTriedAgain() {
    var platform = new TestPlatform(Clock.systemUTC());
    try (platform; var demo = Demo.start(0, 0)) {
      platform.seeds(demo.mcpUrl(), demo.issuer()).write("waiting-server");
      var waits = Replay.invoke(new McpProxyHandler(platform.wiring()), event("waiting-server").toString());
      assertThat(waits.path("statusCode").asInt()).isEqualTo(200);
      assertThat(waits.at("/headers/Retry-After").asInt()).isBetween(3500, 3600);
      assertThat(body(waits).at("/error/code").asInt()).isEqualTo(502);
      assertThat(body(waits).at("/error/data/retry_at").asText()).isNotEmpty();
    }
  }

  @Test
  void reportsALostToolCallAsAnErrorOfTheRequestWithAnUnknownOutcome() {
    var platform = new TestPlatform(Clock.systemUTC());
    try (platform; var demo = Demo.start(0, 0)) {
      platform.seeds(demo.mcpUrl(), demo.issuer()).write("connected-server");
      var handler = new McpProxyHandler(platform.wiring());
      String call = event("ok").toString();
      assertThat(body(Replay.invoke(handler, call)).has("result")).isTrue();
      demo.mcpServer().mcpEndpoint().closeAfterReading();
      var lost = Replay.invoke(handler, call);
      assertThat(lost.path("statusCode").asInt()).isEqualTo(200);
      assertThat(body(lost).path("id").asInt()).isEqualTo(1);
      assertThat(body(lost).at("/error/code").asInt()).isEqualTo(504);
      assertThat(body(lost).at("/error/data/error").asText()).isEqualTo("outcome_unknown");
    }
  }

  @Test
  void reportsATokenThatIsRefusedAfterItsRefreshTooAsAnErrorOfTheRequest() {
    var platform = new TestPlatform(Clock.systemUTC());
    try (platform; var demo = Demo.start(0, 0)) {
      platform.seeds(demo.mcpUrl(), demo.issuer()).write("connected-server");
      var handler = new McpProxyHandler(platform.wiring());
      String call = event("ok").toString();
      assertThat(body(Replay.invoke(handler, call)).has("result")).isTrue();
      demo.mcpServer().adjust(knobs -> knobs.takesTokens(false));
      var refused = Replay.invoke(handler, call);
      assertThat(refused.path("statusCode").asInt()).isEqualTo(200);
      assertThat(body(refused).at("/error/code").asInt()).isEqualTo(502);
      assertThat(body(refused).at("/error/data/error").asText()).isEqualTo("token_rejected_by_resource");
      assertThat(body(refused).at("/error/data/upstream_status").asInt()).isEqualTo(401);
    }
  }

  @Test
  void refusesToEndMoreSessionsThanAnHourAllowsAndSaysWhenAnotherTryMakesSense() {
    var platform = new TestPlatform(Clock.systemUTC());
    try (platform; var demo = Demo.start(0, 0)) {
      platform.seeds(demo.mcpUrl(), demo.issuer()).write("connected-server");
      var handler = new McpProxyHandler(platform.wiring());
      int ended = 0;
      var last = endOfFreshSession(handler);
      for (; last.path("statusCode").asInt() == 204; last = endOfFreshSession(handler))
        assertThat(ended++).isLessThan(2 * RequestCounter.MAX_SESSION_ENDS_PER_HOUR);
      assertThat(last.path("statusCode").asInt()).isEqualTo(429);
      assertThat(last.at("/headers/Retry-After").asInt()).isPositive();
      assertThat(body(last).at("/error/data/error").asText()).isEqualTo("too_many_requests");
    }
  }

  private static JsonNode endOfFreshSession(McpProxyHandler handler) {
    var begun = Replay.invoke(handler, event("initialize").toString());
    var end = event("delete-unknown-session");
    end.withObject("headers").put("mcp-session-id", begun.at("/headers/Mcp-Session-Id").asText());
    return Replay.invoke(handler, end.toString());
  }

  @Test
  void refusesAPageOfAnotherOriginWithEveryMethodAndServesThoseOfTheApp() {
    for (String name : new String[]{"ping", "get", "delete-unknown-session"}) {
      UnaryOperator<ObjectNode> foreign = event -> withOrigin(event, "https://other.example");
      assertThat(response(name, foreign, _ -> {}).path("statusCode").asInt()).isEqualTo(403);
      assertThat(response(name, event -> withOrigin(event, "null"), _ -> {}).path("statusCode").asInt())
          .isEqualTo(403);
    }
    assertThat(response("ping", event -> withOrigin(event, "https://app.example"),
        platform -> platform.with("CORS_ORIGINS", "https://app.example")).path("statusCode").asInt())
        .isEqualTo(200);
    assertThat(response("ping", event -> withOrigin(event, "https://api.example.com"), _ -> {})
        .path("statusCode").asInt()).isEqualTo(200);
  }

  private static ObjectNode withOrigin(ObjectNode event, String origin) {
    event.withObject("headers").put("origin", origin);
    return event;
  }

  @Test
  void refusesAMessageOverTheLimit() {
    var large = response("ok", event -> event.put("body", " ".repeat(Request.MAX_MCP_BODY_BYTES + 1)), _ -> {});
    assertThat(large.path("statusCode").asInt()).isEqualTo(413);
    assertThat(body(large).at("/error/data/error").asText()).isEqualTo("body_too_large");
    assertThat(body(large).has("id")).isFalse();
  }

  @Test
  void takesAMessageOfAlmostTheLimit() {
    String text = "x".repeat(3 * 1024 * 1024);
    var taken = response("ok", event -> event.put("body", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\","
        + "\"params\":{\"name\":\"whoami\",\"arguments\":{\"message\":\"" + text + "\"}}}"), _ -> {});
    assertThat(taken.path("statusCode").asInt()).isEqualTo(200);
    assertThat(body(taken).has("result")).isTrue();
  }

  @Test
  void reportsAResponseThatDoesNotFitAsAnErrorOfTheRequest() {
    // Each quote becomes four characters: escaped in the JSON of the message, and again in the event around it.
    String quotes = "\\\"".repeat(2 * 1024 * 1024);
    var large = response("ok",
        event -> event.put("body", "{\"jsonrpc\":\"2.0\",\"id\":\"big\",\"method\":\"tools/call\","
            + "\"params\":{\"name\":\"echo\",\"arguments\":{\"message\":\"" + quotes.substring(0, 3_900_000) + "\"}}}"),
        _ -> {});
    assertThat(large.path("statusCode").asInt()).isEqualTo(200);
    assertThat(body(large).path("id").asText()).isEqualTo("big");
    assertThat(body(large).at("/error/data/error").asText()).isEqualTo("invalid_upstream_answer");
    assertThat(body(large).at("/error/message").asText()).contains("too large");
  }

  @Test
  void reportsAMissingScopeToTheAppAndBeginsAFlowWhereItIsWanted() {
    var platform = new TestPlatform(Clock.systemUTC());
    try (platform; var demo = Demo.start(0, 0)) {
      platform.seeds(demo.mcpUrl(), demo.issuer()).write("connected-server");
      demo.mcpServer().adjust(knobs -> knobs.requireScope("tools/call", "more"));
      var handler = new McpProxyHandler(platform.wiring());
      var refused = Replay.invoke(handler, event("ok").toString());
      assertThat(refused.path("statusCode").asInt()).isEqualTo(403);
      assertThat(body(refused).path("error").asText()).isEqualTo("insufficient_scope");
      assertThat(body(refused).path("required_scope").asText()).isEqualTo("mcp more");
      assertThat(body(refused).path("connect").asText()).isEqualTo("POST /api/mcp/servers/demo-server/connect");
      var begun = Replay.invoke(handler, event("ok").put("rawQueryString", "start=true").toString());
      assertThat(begun.path("statusCode").asInt()).isEqualTo(403);
      assertThat(body(begun).path("authorization_url").asText()).contains("scope=mcp");
    }
  }
}
