package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.testkit.McpServerKnobs.Rejection.by;
import static social.avatarai.mcp.testkit.McpServerKnobs.Rejection.withId;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.GrantWorld.used;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import social.avatarai.mcp.testkit.McpServerKnobs.Rejection;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.GrantWorld;

/**
 * A session that may be lost. No lost session breaks a connection for ever, and no tool that always fails costs a new
 * session with every call.
 */
class DoubtedSessionFlowTest {
  private static final String MODERN = "2026-07-28";
  private static final String LEGACY = "2025-11-25";
  private static final String UNREAD = "data: {\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32001,\"message\":\"Session not found\"}}\n\n";

  // A lost session is given up

  @Test
  void sessionThatIsToldAs401IsReplacedForAGrantWithoutARefreshToken() {
    try (var world = used(knobs -> knobs.withoutRefreshTokens(), knobs -> knobs.unknownSession(by(401)))) {
      world.mcpServer.forgetSessions();
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
    }
  }

  @Test
  void sessionThatIsToldAs401IsReplacedThoughTheIssuerCannotRenewTheToken() {
    try (var world = used(knobs -> knobs.unknownSession(by(401)))) {
      world.mcpServer.forgetSessions();
      world.authorizationServer.tokenEndpoint().next(Response.of(503));
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
    }
  }

  @Test
  void deadTokenWithoutARefreshTokenStillLeadsToConsent() {
    try (var world = used(knobs -> knobs.withoutRefreshTokens(), _ -> {})) {
      world.mcpServer.adjust(knobs -> knobs.takesTokens(false));
      assertThat(world.access(USER, call("whoami"))).isInstanceOf(Access.ConsentNeeded.class);
      int before = world.mcpServer.received("initialize");
      assertThat(world.access(USER, call("whoami"))).isInstanceOf(Access.ConsentNeeded.class);
      assertThat(world.mcpServer.received("initialize") - before).as("only the probe without a token")
          .isLessThanOrEqualTo(1);
    }
  }

  static Stream<Response> uselessResponses() {
    return Stream.of(Response.NONE, Response.of(200).body("text/event-stream", ""),
        Response.of(200).body("text/event-stream", UNREAD),
        Response.of(200).body("application/json", "{\"jsonrpc\":\"2.0\",\"result\":1,\"result\":2}"));
  }

  @ParameterizedTest
  @MethodSource("uselessResponses")
  void callAfterAUselessResponseBeginsWithANewSession(Response useless) {
    try (var world = used(_ -> {})) {
      world.mcpServer.mcpEndpoint().next(useless);
      assertThat(catchThrowable(() -> world.access(USER, call("whoami")))).isNotNull();
      assertThat(world.mcpServer.received("tools/call")).isEqualTo(1);
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(world.mcpServer.received("initialize")).as("sessions").isEqualTo(2);
    }
  }

  @Test
  void toolThatAlwaysHangsUpCostsOneNewSession() {
    try (var world = used(_ -> {})) {
      world.mcpServer.mcpEndpoint().next(Response.NONE);
      for (int i = 0; i < 4; i++) {
        var _ = catchThrowable(() -> world.access(USER, call("whoami")));
        if (i > 0) world.mcpServer.mcpEndpoint().next(Response.NONE);
      }
      var _ = catchThrowable(() -> world.access(USER, call("whoami")));
      assertThat(world.mcpServer.received("initialize")).isEqualTo(2);
    }
  }

  @Test
  void serverThatWasRolledBackAndSays401WithoutASessionIsAskedForOne() {
    try (var world = used(knobs -> knobs.protocolVersions(MODERN, LEGACY).missingSession(by(401)))) {
      assertThat(world.mcpServer.received("initialize")).isZero();
      world.mcpServer.adjust(knobs -> knobs.protocolVersions(LEGACY));
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      int before = world.mcpServer.requests().size();
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(world.mcpServer.requests()).as("the new session is kept").hasSize(before + 1);
    }
  }

  @Test
  void sessionIsReplacedInTheSameCallThoughItsFirstRequestHasFailed() {
    try (var world = GrantWorld.start(_ -> {}, knobs -> knobs.refuse("tools/call", by(500)))) {
      world.connect(USER);
      var _ = catchThrowable(() -> world.access(USER, call("whoami")));
      world.mcpServer.adjust(knobs -> knobs.accept("tools/call"));
      world.mcpServer.forgetSessions();
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
    }
  }

  @Test
  void refusalOfTheHandshakeDoesNotReplaceThe401() {
    try (var world = used(knobs -> knobs.unknownSession(by(401)))) {
      world.mcpServer.mcpEndpoint().next(Response.of(401), Response.of(401), Response.of(503));
      assertThat(world.access(USER, call("whoami"))).isEqualTo(new Access.Rejected(401));
    }
  }

  // A tool that always fails costs no session with every call

  /** Calls in turn from two processes, as behind a load balancer. */
  private static void callInTurn(GrantWorld world) {
    var other = world.anotherProcess();
    for (int i = 0; i < 6; i++) {
      var _ = catchThrowable(() -> world.access(USER, call("whoami")));
      var _ = catchThrowable(() -> world.access(other, USER, call("whoami")));
    }
  }

  static List<Rejection> always() {
    return List.of(by(401), by(500), withId(500, -32603, "Internal error"), by(403),
        withId(404, -32002, "Resource not found"), by(404));
  }

  @ParameterizedTest
  @MethodSource("always")
  void toolThatAlwaysFailsCostsTwoProcessesOneNewSessionEach(Rejection rejection) {
    try (var world = used(knobs -> knobs.refuse("tools/call", rejection))) {
      callInTurn(world);
      assertThat(world.mcpServer.received("initialize")).as("sessions").isLessThanOrEqualTo(3);
      assertThat(world.mcpServer.received("tools/call")).isLessThanOrEqualTo(12 + 4);
      assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
    }
  }

  static List<Rejection> clear() {
    return List.of(by(401), withId(404, -32002, "Resource not found"));
  }

  @ParameterizedTest
  @MethodSource("clear")
  void newSessionInWhichTheToolFailsAsBeforeIsEndedAndTheOldOneStays(Rejection rejection) {
    try (var world = used(knobs -> knobs.refuse("tools/call", rejection))) {
      var kept = world.mcpServer.openSessions();
      callInTurn(world);
      assertThat(world.mcpServer.openSessions()).isEqualTo(kept);
      assertThat(world.mcpServer.endedSessions()).hasSize(2);
    }
  }

  @Test
  void sessionIsReplacedForOtherRequestsThoughOneToolAlwaysFails() {
    try (var world = used(knobs -> knobs.unknownSession(by(500)).refuse("tools/call", by(500)))) {
      for (int i = 0; i < 4; i++) {
        var _ = catchThrowable(() -> world.access(USER, call("whoami")));
      }
      world.mcpServer.forgetSessions();
      var _ = catchThrowable(() -> world.access(USER, listTools()));
      assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
    }
  }

  @Test
  void toolThatAlwaysSays401AmongRequestsThatSucceedCostsAtMostOneRefreshAnHour() {
    try (var world = used(knobs -> knobs.refuse("tools/call", by(401)))) {
      for (int i = 0; i < 9; i++) {
        assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
        assertThat(world.access(USER, call("whoami"))).isEqualTo(new Access.Rejected(401));
        world.clock.advance(Duration.ofMinutes(6));
      }
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }
}
