package social.avatarai.mcp.resource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.testkit.McpServerKnobs.IdEcho;
import social.avatarai.mcp.testkit.McpServerKnobs.StreamFeature;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;

/** A tool has run: its result is read, however it is wrapped. */
class UnusualResponseFlowTest {

  private static void assertAnswered(Consumer<McpServerKnobs> knobs) {
    try (var world = GrantWorld.start(_ -> {}, knobs)) {
      world.connect(USER);
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(saidBy(world.access(USER, call("echo")))).isEqualTo("hello");
      assertThat(world.mcpServer.received("tools/call")).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2025-03-26", "2025-11-25"})
  void batchIsReadToItsResponse(String version) {
    assertAnswered(knobs -> knobs.protocolVersions(version).batches());
    assertAnswered(knobs -> knobs.protocolVersions(version).eventStream(StreamFeature.BATCH));
  }

  @Test
  void lastEventWithoutABlankLineIsRead() {
    assertAnswered(knobs -> knobs.eventStream(StreamFeature.NO_BLANK_LINE));
    assertAnswered(knobs -> knobs.eventStream(StreamFeature.NO_BLANK_LINE, StreamFeature.IDS, StreamFeature.PING));
  }

  @Test
  void serverThatKnowsOnlyIntegersForIdsIsAsked() {
    assertAnswered(McpServerKnobs::integerIdsOnly);
  }

  @ParameterizedTest
  @EnumSource(IdEcho.class)
  void responseBelongsToItsRequestInWhateverFormItRepeatsTheId(IdEcho echo) {
    assertAnswered(knobs -> knobs.idEcho(echo));
  }

  private static Function<Received, Response> responding(UnaryOperator<String> wrapping) {
    return request -> {
      var response = Json.newObject().put("jsonrpc", "2.0");
      response.set("id", request.json().path("id"));
      var result = Json.newObject();
      result.putArray("content").addObject().put("type", "text").put("text", "it has run");
      response.set("result", result);
      return Response.of(200).body("application/json", wrapping.apply(response.toString()));
    };
  }

  private static Access accessWrapped(UnaryOperator<String> wrapping) {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      world.mcpServer.mcpEndpoint().nextFrom(responding(wrapping));
      return world.access(USER, call("echo"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ufeff%s", "%s\n<!-- cache -->", "%s%n%n", "[%s]",
      "[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"},%s]",
      "{\"jsonrpc\":\"2.0\",\"jsonrpc\":\"2.0\",%s"})
  void resultOfAToolIsReadInSpiteOfItsWrapping(String wrapping) {
    UnaryOperator<String> wrapped = response -> wrapping.startsWith("{\"jsonrpc\"")
        ? wrapping.formatted(response.substring(1))
        : wrapping.formatted(response);
    assertThat(saidBy(accessWrapped(wrapped))).isEqualTo("it has run");
  }

  @Test
  void responseWithTwoResultsIsAnUnknownOutcome() {
    FlowWorld.assertFails(ErrorCode.OUTCOME_UNKNOWN,
        () -> accessWrapped(response -> "{\"result\":{\"other\":1}," + response.substring(1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[%s,{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":{\"other\":1}}]",
      "[{\"jsonrpc\":\"2.0\",\"id\":\"%2$d\",\"error\":{\"code\":1}},%1$s]"})
  void batchWithTwoDifferentResponsesToOneRequestIsAnUnknownOutcome(String batch) {
    FlowWorld.assertFails(ErrorCode.OUTCOME_UNKNOWN, () -> accessWrapped(response -> batch.formatted(response,
        Json.object(response.getBytes(UTF_8)).orElseThrow().path("id").asLong())));
  }

  @Test
  void batchThatRepeatsAResponseIsReadToIt() {
    assertThat(saidBy(accessWrapped(response -> "[" + response + "," + response + "]"))).isEqualTo("it has run");
  }

  @Test
  void resultThatIsNestedTooDeepIsNamedWithTheLimit() {
    String deep = "[".repeat(Json.MAX_DEPTH) + "]".repeat(Json.MAX_DEPTH);
    var failure = catchThrowableOfType(Failure.class,
        () -> accessWrapped(response -> "{\"deep\":" + deep + "," + response.substring(1)));
    assertThat(failure.safeMessage()).contains("deeper than " + Json.MAX_DEPTH + " levels");
    assertThat(failure.upstreamStatus()).contains(200);
  }

  @Test
  void responseToAnotherRequestIsNoResponse() {
    var failure = catchThrowableOfType(Failure.class, () -> accessWrapped(response -> {
      var other = Json.object(response.getBytes(UTF_8)).orElseThrow();
      return "[" + other.put("id", other.path("id").asLong() + 1) + "]";
    }));
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_UPSTREAM_ANSWER);
  }
}
