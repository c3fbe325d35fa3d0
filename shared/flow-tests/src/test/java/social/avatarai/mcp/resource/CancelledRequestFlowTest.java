package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;

/** A request that is given up is cancelled at the server, because the server may work on for minutes. */
class CancelledRequestFlowTest {
  private static final Duration SHORT = Duration.ofMillis(800);

  private static void giveUp(GrantWorld world) {
    FlowWorld.assertFails(ErrorCode.OUTCOME_UNKNOWN, () -> world.flow.access(USER,
        new Target.ByConnection(world.connection()), call("echo"), Deadline.in(SHORT)));
  }

  @Test
  void callThatIsGivenUpAtTheDeadlineIsCancelledInItsSession() throws Exception {
    var answers = new CountDownLatch(1);
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      world.mcpServer.mcpEndpoint().delayUntil(answers);
      int before = world.mcpServer.requests().size();
      giveUp(world);
      var sent = world.mcpServer.mcpEndpoint().awaitRequests(before + 2).subList(before, before + 2);
      answers.countDown();
      var cancelled = sent.getLast();
      assertThat(cancelled.json().path("method").asText()).isEqualTo("notifications/cancelled");
      assertThat(cancelled.json().has("id")).as("it is a notification").isFalse();
      assertThat(cancelled.json().at("/params/requestId")).isEqualTo(sent.getFirst().json().path("id"));
      assertThat(cancelled.header("mcp-session-id")).isEqualTo(sent.getFirst().header("mcp-session-id"));
      assertThat(saidBy(world.access(USER, call("whoami")))).as("the session goes on").isEqualTo("owner-1");
    }
  }

  static Stream<Response> completeResponses() {
    return Stream.of(
        Response.of(200).body("application/json", "{\"jsonrpc\":\"2.0\",\"result\":1,\"result\":2}"),
        Response.of(200).body("text/event-stream", "data: {\"jsonrpc\":\"2.0\",\"result\":1,\"result\":2}\n\n"),
        Response.of(200).body("text/event-stream",
            "data: {\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32001,\"message\":\"x\"}}\n\n"));
  }

  @ParameterizedTest
  @MethodSource("completeResponses")
  void callWhoseResponseIsCompleteButUselessIsNotCancelled(Response useless) {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      world.mcpServer.mcpEndpoint().next(useless);
      assertThat(catchThrowable(() -> world.access(USER, call("whoami")))).isNotNull();
      assertThat(world.mcpServer.methods()).doesNotContain("notifications/cancelled");
    }
  }

  @Test
  void callOfTheModernEraIsCancelledByTheEndOfItsConnectionAlone() {
    var answers = new CountDownLatch(1);
    try (var world = GrantWorld.start(_ -> {}, knobs -> knobs.protocolVersions("2026-07-28"))) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      world.mcpServer.mcpEndpoint().delayUntil(answers);
      giveUp(world);
      answers.countDown();
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(world.mcpServer.methods()).doesNotContain("notifications/cancelled");
    }
  }

  /** MCP 2025-11-25, basic, cancellation: a client must not cancel the handshake. */
  @Test
  void handshakeIsNeverCancelled() {
    try (var world = GrantWorld.start();
        var server = LoopbackHttp.start(request -> request.json().path("method").asText().equals("initialize")
            ? Response.NONE
            : Response.of(400))) {
      FlowWorld.assertFails(ErrorCode.UPSTREAM_UNREACHABLE, () -> world.byUrl(USER, server.url(), call("echo")));
      assertThat(server.requests()).extracting(request -> request.json().path("method").asText())
          .contains("initialize").doesNotContain("notifications/cancelled");
    }
  }

  @Test
  void serverThatRefusesTheCancellationChangesNothing() throws Exception {
    var answers = new CountDownLatch(1);
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      int before = world.mcpServer.requests().size();
      world.mcpServer.mcpEndpoint().delayUntil(answers).next(Response.of(500));
      giveUp(world);
      world.mcpServer.mcpEndpoint().awaitRequests(before + 2);
      answers.countDown();
    }
  }
}
