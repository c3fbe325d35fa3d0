package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.GrantWorld;

/** Legacy streams that end before their response (MCP 2025-11-25, basic/transports, resumability). */
class ResumedStreamFlowTest {

  /** A server that breaks off the stream of each call, and sends the response when the stream is resumed. */
  private static final class BreakingOff {
    private final String first;
    private final List<String> streams;
    private String calling = "";

    /** Takes the streams for the GET requests, in order. {@code ID} in them stands for the id of the call. */
    BreakingOff(String... streams) {
      this(List.of(streams), "id: event-1\nretry: 500\ndata:\n\n");
    }

    /** Takes another stream for the call itself. */
    BreakingOff(List<String> streams, String first) {
      this.streams = new ArrayList<>(streams);
      this.first = first;
    }

    synchronized Response respond(Received request) {
      if (request.method().equals("GET")) return events(streams.removeFirst().replace("ID", calling));
      var response = Json.newObject().put("jsonrpc", "2.0");
      response.set("id", request.json().path("id"));
      return switch (request.json().path("method").asText()) {
        case "initialize" -> Response
            .json(200, response.set("result", Json.newObject().put("protocolVersion", "2025-03-26")))
            .with("Mcp-Session-Id", "session-1");
        case "notifications/initialized" -> Response.of(202);
        case "tools/call" -> {
          calling = request.json().path("id").asText();
          yield events(first.replace("ID", calling));
        }
        case "" -> Response.NONE;
        default -> Response.of(400);
      };
    }

    static Response events(String stream) {
      if (stream.equals("hang up")) return Response.NONE;
      return stream.startsWith("status ")
          ? Response.of(Integer.parseInt(stream.substring(7)))
          : Response.of(200).body("text/event-stream", stream);
    }
  }

  private static final String RESPONSE = "id: event-9\ndata: {\"jsonrpc\":\"2.0\",\"id\":\"ID\",\"result\":"
      + "{\"content\":[{\"type\":\"text\",\"text\":\"late\"}]}}\n\n";

  @Test
  void streamIsResumedWhereItWasLeftAfterTheTimeThatTheServerWants() {
    var waited = new ArrayList<Duration>();
    try (var world = GrantWorld.start();
        var server = LoopbackHttp.start(new BreakingOff("id: event-2\ndata:\n\n", RESPONSE)::respond)) {
      world.pause = waited::add;
      world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url() + "/mcp"));
      assertThat(saidBy(world.byUrl(USER, server.url() + "/mcp", call("slow")))).isEqualTo("late");
      var gets = server.requests().stream().filter(r -> r.method().equals("GET")).toList();
      assertThat(gets).extracting(r -> r.header("last-event-id").orElse("")).containsExactly("event-1", "event-2");
      assertThat(gets).allSatisfy(r -> {
        assertThat(r.header("mcp-session-id")).contains("session-1");
        assertThat(r.header("mcp-protocol-version")).contains("2025-03-26");
        assertThat(r.header("authorization")).isPresent();
      });
      assertThat(waited).containsExactly(Duration.ofMillis(500), Duration.ofMillis(500));
      assertThat(calls(server)).as("the call itself is not sent again").isEqualTo(1);
    }
  }

  private static int calls(LoopbackHttp server) {
    return Collections.frequency(server.requests().stream().map(r -> r.json().path("method").asText()).toList(),
        "tools/call");
  }

  @ParameterizedTest
  @ValueSource(strings = {"status 404", "status 405", "status 500", "status 401", "status 302"})
  void streamThatCannotBeResumedIsAnUnknownOutcome(String stream) {
    assertUnknown(stream);
  }

  @Test
  void streamThatEndsForEverIsResumedOnlySoOften() {
    var failure = assertUnknown(
        Collections.nCopies(McpExchange.MAX_RESUMPTIONS, "id: event-2\nretry: 0\ndata:\n\n").toArray(String[]::new));
    assertThat(failure.safeMessage()).contains("after " + McpExchange.MAX_RESUMPTIONS + " resumptions");
  }

  @Test
  void resumedStreamOfTooManyBytesIsAnUnknownOutcomeThatNamesTheLimit() {
    var failure = assertUnknown("data: " + "a".repeat(McpTransport.MAX_BYTES));
    assertThat(failure.safeMessage()).contains("over " + McpTransport.MAX_BYTES + " bytes",
        "may have been carried out");
  }

  private static Failure assertUnknown(String... streams) {
    try (var world = GrantWorld.start(); var server = LoopbackHttp.start(new BreakingOff(streams)::respond)) {
      world.pause = _ -> {};
      world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url() + "/mcp"));
      var failure = catchThrowableOfType(Failure.Unreachable.class,
          () -> world.byUrl(USER, server.url() + "/mcp", call("slow")));
      assertThat(failure.code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
      assertThat(calls(server)).isEqualTo(1);
      assertThat(server.requests().stream().filter(r -> r.method().equals("GET"))).hasSize(streams.length);
      return failure;
    }
  }

  @Test
  void streamWithoutIdsIsNotTakenUpAgain() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.access(USER, listTools());
      world.mcpServer.mcpEndpoint().next(Response.of(200).body("text/event-stream", "data:\n\n"));
      assertThatThrownBy(() -> world.access(USER, call("echo"))).isInstanceOf(Failure.Unreachable.class);
      assertThat(world.mcpServer.requests().getLast().method()).isEqualTo("POST");
    }
  }

  /** The bug: the client sent back the id of an event that was cut off, so the server took the event as delivered. */
  @Test
  void streamIsTakenUpAgainBeforeTheEventThatWasCutOff() {
    var cut = "id: event-1\ndata:\n\nid: event-2\ndata: {\"jsonrpc\"";
    try (var world = GrantWorld.start();
        var server = LoopbackHttp.start(new BreakingOff(List.of(RESPONSE), cut)::respond)) {
      world.pause = _ -> {};
      world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url() + "/mcp"));
      assertThat(saidBy(world.byUrl(USER, server.url() + "/mcp", call("slow")))).isEqualTo("late");
      assertThat(server.requests().getLast().header("last-event-id")).contains("event-1");
    }
  }

  /** The bug: when no server accepted the GET request, the call was reported as not accepted. */
  @Test
  void callIsNotSaidToHaveFailedBecauseItsStreamCannotBeTakenUp() {
    assertUnknown(Collections.nCopies(McpExchange.MAX_RESUMPTIONS, "hang up").toArray(String[]::new));
  }

  /** The bug: when a reply to the server's ping did not arrive, the call ended. */
  @Test
  void replyThatDoesNotGetThroughIsTheServersLoss() {
    var asking = "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n\n" + RESPONSE;
    try (var world = GrantWorld.start();
        var server = LoopbackHttp.start(new BreakingOff(List.of(), asking)::respond)) {
      world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url() + "/mcp"));
      assertThat(saidBy(world.byUrl(USER, server.url() + "/mcp", call("slow")))).isEqualTo("late");
      assertThat(server.requests().getLast().json().has("result")).as("the reply was tried").isTrue();
    }
  }

  @Test
  void serverThatAsksWithoutEndGetsFewReplies() {
    var asking = "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n\n".repeat(200) + RESPONSE;
    try (var world = GrantWorld.start();
        var server = LoopbackHttp.start(new BreakingOff(List.of(), asking)::respond)) {
      world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url() + "/mcp"));
      assertThat(saidBy(world.byUrl(USER, server.url() + "/mcp", call("slow")))).isEqualTo("late");
      assertThat(server.requests().stream().filter(r -> r.json().has("result"))).hasSize(ServerQuestion.MAX_QUESTIONS);
    }
  }

  @Test
  void serverThatGivesNoResponseAfterTooManyQuestionsIsNamedWithTheLimit() {
    var asking = "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n\n"
        .repeat(ServerQuestion.MAX_QUESTIONS + 1);
    try (var world = GrantWorld.start();
        var server = LoopbackHttp.start(new BreakingOff(List.of(), asking)::respond)) {
      world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url() + "/mcp"));
      var failure = catchThrowableOfType(Failure.Unreachable.class,
          () -> world.byUrl(USER, server.url() + "/mcp", call("slow")));
      assertThat(failure.code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
      assertThat(failure.safeMessage()).contains("more than " + ServerQuestion.MAX_QUESTIONS + " questions");
    }
  }
}
