package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.testkit.McpServerKnobs.Rejection.by;
import static social.avatarai.mcp.testkit.McpServerKnobs.Rejection.withId;
import static social.avatarai.mcp.testkit.McpServerKnobs.Rejection.withoutId;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.testkit.McpServerKnobs.Rejection;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/** A server forgets its session and says so in one of the ways of the field. */
class LostSessionFlowTest {
  private static final String MODERN = "2026-07-28";
  private static final String LEGACY = "2025-11-25";

  private static GrantWorld world(Consumer<McpServerKnobs> knobs) {
    return GrantWorld.start(_ -> {}, knobs);
  }

  /** A session that is kept, and of which the server knows nothing any more. */
  private static void loseSession(GrantWorld world) {
    world.connect(USER);
    assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
    world.mcpServer.forgetSessions();
  }

  private static void assertNextCallIsOneRequest(GrantWorld world) {
    int before = world.mcpServer.requests().size();
    assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
    assertThat(world.mcpServer.requests()).as("the new session is kept").hasSize(before + 1);
  }

  static List<Rejection> nothingHasRun() {
    return List.of(withId(404, -32001, "Session not found"), withId(404, -32600, "Invalid Request"),
        withId(404, -32603, "Internal error"), withoutId(404, -32001, "Session not found"),
        withoutId(404, -32601, "Not found"), by(404),
        withId(400, -32602, "Invalid session ID"), withId(400, -32000, "Bad Request: No valid session ID provided"),
        withId(400, -32000, "Bad Request: Server not initialized"), withoutId(400, -32000, "Bad Request"),
        withoutId(400, -32600, "Mcp-Session-Id header is required"), withId(400, -32022, "version"),
        withId(400, -32602, "Received request before initialization was complete"),
        withId(400, -32000, "Unsupported protocol version"));
  }

  @ParameterizedTest
  @MethodSource("nothingHasRun")
  void forgottenSessionOfAServerThatHasRunNothingCostsOneNewSessionInTheSameCall(Rejection rejection) {
    try (var world = world(knobs -> knobs.unknownSession(rejection))) {
      loseSession(world);
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(world.mcpServer.received("initialize")).as("sessions").isEqualTo(2);
      assertNextCallIsOneRequest(world);
    }
  }

  static List<Rejection> mayHaveRun() {
    return List.of(withId(200, -32001, "Session not found"), withId(200, -32000, "No such session"), by(403),
        withId(403, -32000, "Forbidden"), by(500), withId(500, -32603, "Internal error"), by(503), by(502), by(504),
        by(400), withId(400, -32602, "Invalid params"), withId(400, -32000, "Bad Request"), by(405), by(202), by(409),
        by(410),
        withId(410, -32000, "Gone"));
  }

  @ParameterizedTest
  @MethodSource("mayHaveRun")
  void callThatMayHaveRunIsNotSentAgainButTheNextOneBeginsWithANewSession(Rejection rejection) {
    try (var world = world(knobs -> knobs.unknownSession(rejection))) {
      loseSession(world);
      int before = world.mcpServer.received("tools/call");
      var _ = catchThrowable(() -> world.access(USER, call("whoami")));
      assertThat(world.mcpServer.received("tools/call")).as("sent once").isEqualTo(before + 1);
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(world.mcpServer.received("initialize")).as("sessions").isEqualTo(2);
      assertNextCallIsOneRequest(world);
    }
  }

  /** A server without tokens in front of the session may say 401 for it. */
  @Test
  void sessionThatIsToldAs401IsReplacedAfterOneRefresh() {
    try (var world = world(knobs -> knobs.unknownSession(by(401)))) {
      loseSession(world);
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(world.refreshTokensSent()).hasSize(1);
      assertThat(world.mcpServer.received("initialize")).isEqualTo(2);
      assertNextCallIsOneRequest(world);
    }
  }

  @Test
  void sessionThatEndsWithItsTokenAndIsToldAs401CostsNoSecondRefresh() {
    try (var world = world(knobs -> knobs.sessionsEndWithToken().unknownSession(by(401)))) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      world.expire();
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(world.refreshTokensSent()).as("the token was seconds old").hasSize(1);
    }
  }

  @Test
  void readingRequestIsSentAgainInTheSameCallBecauseItRunsNothing() {
    try (var world = world(knobs -> knobs.unknownSession(withId(200, -32001, "Session not found")))) {
      loseSession(world);
      assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
      assertThat(world.mcpServer.received("initialize")).isEqualTo(2);
    }
  }

  @Test
  void unknownMethodWithStatus404IsNoLostSession() {
    try (var world = world(knobs -> knobs.refuse("tools/call", withId(404, -32601, "Method not found")))) {
      world.connect(USER);
      world.access(USER, listTools());
      assertThat(world.access(USER, call("whoami"))).isInstanceOf(Access.RpcError.class);
      assertThat(world.mcpServer.received("initialize")).isEqualTo(1);
      assertThat(world.mcpServer.received("tools/call")).isEqualTo(1);
    }
  }

  static Stream<Rejection> toolsThatAlwaysFail() {
    return Stream.of(by(500), by(503), by(403), withId(400, -32602, "Invalid params"),
        withId(200, -32001, "Request timed out"), withId(500, -32603, "Internal error"));
  }

  @ParameterizedTest
  @MethodSource("toolsThatAlwaysFail")
  void toolThatAlwaysFailsCostsOneNewSessionAndNotOneACall(Rejection rejection) {
    try (var world = world(knobs -> knobs.refuse("tools/call", rejection))) {
      world.connect(USER);
      world.access(USER, listTools());
      for (int i = 0; i < 6; i++) {
        var _ = catchThrowable(() -> world.access(USER, call("whoami")));
      }
      assertThat(world.mcpServer.received("tools/call")).isEqualTo(6);
      assertThat(world.mcpServer.received("initialize")).isLessThanOrEqualTo(2);
    }
  }

  @Test
  void toolThatAlwaysAnswers401CostsOneRefreshAndOneNewSession() {
    try (var world = world(knobs -> knobs.refuse("tools/call", by(401)))) {
      world.connect(USER);
      world.access(USER, listTools());
      for (int i = 0; i < 5; i++)
        assertThat(world.access(USER, call("whoami"))).isEqualTo(new Access.Rejected(401));
      assertThat(world.refreshTokensSent()).hasSize(1);
      assertThat(world.mcpServer.received("initialize")).isEqualTo(2);
      world.mcpServer.adjust(knobs -> knobs.accept("tools/call"));
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 410})
  void serverThatIsGoneIsAskedForOneNewSessionAndItsErrorIsHandedOn(int status) {
    try (var world = world(knobs -> {})) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      int before = world.mcpServer.requests().size();
      for (int i = 0; i < 8; i++)
        world.mcpServer.mcpEndpoint().nextFrom(_ -> Response.of(status));
      assertThat(catchThrowable(() -> world.access(USER, call("whoami")))).hasMessageContaining("no MCP requests");
      var asked = world.mcpServer.methods().subList(before, world.mcpServer.methods().size());
      assertThat(Collections.frequency(asked, "tools/call")).isEqualTo(1);
      assertThat(Collections.frequency(asked, "initialize")).isLessThanOrEqualTo(2);
      while (world.mcpServer.requests().size() < before + 8) {
        var _ = catchThrowable(() -> world.access(USER, listTools()));
      }
      assertThat(saidBy(world.access(USER, call("whoami")))).as("and is asked when it is back").isEqualTo("owner-1");
    }
  }

  static Stream<Rejection> handshakeIsMissing() {
    return Stream.of(withId(400, -32602, "Mcp-Session-Id header is required"),
        withId(400, -32000, "Mcp-Session-Id header is required"), withoutId(400, -32600, "Mcp-Session-Id is required"),
        by(400), by(404));
  }

  @ParameterizedTest
  @MethodSource("handshakeIsMissing")
  void serverThatWasRolledBackToTheHandshakeIsAskedForOne(Rejection rejection) {
    try (var world = world(knobs -> knobs.protocolVersions(MODERN, LEGACY).missingSession(rejection))) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      assertThat(world.mcpServer.received("initialize")).isZero();
      world.mcpServer.adjust(knobs -> knobs.protocolVersions(LEGACY));
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertNextCallIsOneRequest(world);
    }
  }

  /** An internal error may come after the work, and only 404 and 400 are repeated in the same call. */
  static Stream<Rejection> unclear() {
    return Stream.of(by(403), by(500), by(503), by(410), withId(400, -32603, "No valid session ID provided"));
  }

  @ParameterizedTest
  @MethodSource("unclear")
  void rolledBackServerThatSaysSoUnclearlyIsAskedForAHandshakeByTheNextCall(Rejection rejection) {
    try (var world = world(knobs -> knobs.protocolVersions(MODERN, LEGACY).missingSession(rejection))) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      world.mcpServer.adjust(knobs -> knobs.protocolVersions(LEGACY));
      var _ = catchThrowable(() -> world.access(USER, call("whoami")));
      world.mcpServer.adjust(knobs -> knobs.missingSession(by(400)));
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
    }
  }

  @Test
  void sessionThatTheServerReplacesInALaterResponseIsUsedFromThenOn() {
    try (var world = world(knobs -> {})) {
      var grant = world.connect(USER);
      world.access(USER, call("whoami"));
      world.mcpServer.mcpEndpoint().nextFrom(request -> Response.json(200,
          request.json().put("result", "renamed").without(List.of("method", "params")))
          .with("Mcp-Session-Id", "renamed-session"));
      world.access(USER, call("whoami"));
      assertThat(kept(world, grant)).isEqualTo(new NegotiatedProtocol(LEGACY, new McpSessionId("renamed-session")));
    }
  }

  private static NegotiatedProtocol kept(GrantWorld world, Grant grant) {
    return Objects.requireNonNull(world.stored.read(grant.key()).orElseThrow().protocol());
  }

  @Test
  void callsThatAllFindTheSessionGoneAreAllAnswered() throws Exception {
    try (var world = world(knobs -> {})) {
      loseSession(world);
      Callable<String> one = () -> saidBy(world.access(USER, call("whoami")));
      var calls = Collections.nCopies(4, one);
      assertThat(GrantWorld.together(calls)).containsOnly("owner-1").hasSize(4);
      assertNextCallIsOneRequest(world);
    }
  }

  @Test
  void sessionThatAnotherCallHasOpenedSinceIsNotForgotten() {
    try (var world = world(knobs -> knobs.unknownSession(by(500)))) {
      loseSession(world);
      var grant = world.grantOf(USER);
      world.mcpServer.mcpEndpoint().nextFrom(_ -> {
        world.stored.keepProtocol(grant, new NegotiatedProtocol(LEGACY, new McpSessionId("of-another-call")));
        return Response.of(500);
      });
      var _ = catchThrowable(() -> world.access(USER, call("whoami")));
      assertThat(kept(world, grant).session()).isEqualTo(new McpSessionId("of-another-call"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404, 500})
  void openServerThatForgetsItsSessionIsAskedWithANewOne(int status) {
    try (var world = FlowWorld.start(_ -> {}, knobs -> knobs.unknownSession(by(status))
        .withoutTokenFor("initialize", "notifications/initialized", "tools/call", "server/discover"))) {
      var server = new ServerWorld(world);
      server.put();
      assertThat(saidBy(server.access(FlowWorld.USER))).isNotNull();
      world.mcpServer.forgetSessions();
      var _ = catchThrowable(() -> server.access(FlowWorld.USER));
      assertThat(saidBy(server.access(FlowWorld.USER))).isNotNull();
      // After a 401 the server is asked for its challenge once more, which is a handshake too.
      assertThat(world.mcpServer.received("initialize")).isEqualTo(status == 401 ? 3 : 2);
    }
  }
}
