package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.Browsers.complete;
import static social.avatarai.mcp.world.Browsers.park;
import static social.avatarai.mcp.world.Browsers.through;
import static social.avatarai.mcp.world.Browsers.withIss;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.CompletionCode;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.CallbackOutcome.Connected;
import social.avatarai.mcp.authorization.CallbackOutcome.Parked;
import social.avatarai.mcp.authorization.CallbackOutcome.Repeated;
import social.avatarai.mcp.world.FlowWorld;

/** Only the user who began the flow can redeem a parked response, and only for that same user. */
class CompletionFlowTest {

  @Test
  void connectsWhenTheUserWhoBeganCompletes() {
    try (var world = FlowWorld.start()) {
      world.with("RETURN_TO_ALLOWLIST", "https://app.example/done");
      var begun = world.begin();
      var parked = park(world, begun);

      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
      assertThat(parked.returnTo()).isEqualTo("https://app.example/done");
      assertThat(complete(world, USER, parked.code())).isInstanceOf(Connected.class);
      assertThat(world.authorizationServer.tokenRequests()).hasSize(1);
      assertThat(world.stored(USER)).isPresent();
    }
  }

  @Test
  void givesNobodyTheCodeThatAnotherUserBringsBack() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var parked = park(world, begun);

      assertFails(ErrorCode.SESSION_MISMATCH, () -> complete(world, OTHER, parked.code()));
      assertFails(ErrorCode.UNKNOWN_STATE, () -> complete(world, USER, parked.code()));
      assertThat(world.sessionRows()).hasSize(1);
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
      assertThat(world.stored(USER)).isEmpty();
      assertThat(world.stored(OTHER)).isEmpty();
    }
  }

  @Test
  void leavesTheSessionToItsBrowserAfterAnotherUserTriedToComplete() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);
      var parked = (Parked) world.elsewhere(begun, answer);
      assertFails(ErrorCode.SESSION_MISMATCH, () -> complete(world, OTHER, parked.code()));

      assertThat(world.callback(begun, answer)).isInstanceOf(Connected.class);
    }
  }

  @Test
  void knowsNoCompletionCodeThatItHasNotGiven() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var parked = park(world, begun);

      assertFails(ErrorCode.UNKNOWN_STATE, () -> complete(world, USER, CompletionCode.fresh(begun.state().key())));
      assertFails(ErrorCode.UNKNOWN_STATE,
          () -> complete(world, USER, CompletionCode.fresh(world.begin().state().key())));
      assertThat(complete(world, USER, parked.code())).isInstanceOf(Connected.class);
    }
  }

  @Test
  void forgetsACompletionCodeAfterAMinute() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var late = park(world, begun);
      world.clock.advance(Duration.ofSeconds(1));
      var inTime = park(world, begun);
      world.clock.advance(ParkedResponse.PARK_LIFE.minusSeconds(1));

      assertFails(ErrorCode.UNKNOWN_STATE, () -> complete(world, USER, late.code()));
      assertThat(complete(world, USER, inTime.code())).isInstanceOf(Connected.class);
    }
  }

  @Test
  void completesNothingOfASessionThatIsOver() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      world.clock.advance(Duration.ofSeconds(570));
      var parked = park(world, begun);
      world.clock.advance(Duration.ofSeconds(30));

      assertFails(ErrorCode.UNKNOWN_STATE, () -> complete(world, USER, parked.code()));
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
    }
  }

  @Test
  void tellsTheOutcomeWhenItIsCompletedTwice() {
    try (var world = FlowWorld.start()) {
      var parked = park(world, world.begin());
      complete(world, USER, parked.code());
      world.clock.advance(Duration.ofMinutes(2));

      assertThat(complete(world, USER, parked.code())).isInstanceOfSatisfying(Repeated.class,
          repeated -> assertThat(repeated.outcome().error()).isNull());
      assertThat(world.authorizationServer.tokenRequests()).hasSize(1);
    }
  }

  @Test
  void tellsTheOutcomeWhenTheRightBrowserCameFirst() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);
      var parked = (Parked) world.elsewhere(begun, answer);
      world.callback(begun, answer);

      assertThat(complete(world, USER, parked.code())).isInstanceOf(Repeated.class);
      assertThat(world.authorizationServer.tokenRequests()).hasSize(1);
    }
  }

  @Test
  void forgetsTheOutcomeOfACompletionAfterTenMinutes() {
    try (var world = FlowWorld.start()) {
      var parked = park(world, world.begin());
      complete(world, USER, parked.code());
      world.clock.advance(Callback.OUTCOME_LIFE);

      assertFails(ErrorCode.UNKNOWN_STATE, () -> complete(world, USER, parked.code()));
    }
  }

  @Test
  void judgesAParkedAnswerByItsDoorAndItsIssWhenItIsCompleted() {
    try (var world = FlowWorld.start()) {
      var first = world.begin();
      var otherDoor = (Parked) world.elsewhere(first, through(null, world.approve(first)));
      var second = world.begin();
      var otherIss = (Parked) world.elsewhere(second, withIss(world.approve(second), "https://evil.example"));

      assertThat(complete(world, USER, otherDoor.code())).isEqualTo(world.failed(ErrorCode.CONTEXT_MISMATCH));
      assertThat(complete(world, USER, otherIss.code())).isEqualTo(world.failed(ErrorCode.ISSUER_MISMATCH));
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
    }
  }
}
