package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.Browsers.bogus;
import static social.avatarai.mcp.world.Browsers.complete;
import static social.avatarai.mcp.world.Browsers.park;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.BrowserKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.Callback.Arrival;
import social.avatarai.mcp.authorization.CallbackOutcome.Connected;
import social.avatarai.mcp.authorization.CallbackOutcome.Parked;
import social.avatarai.mcp.world.FlowWorld;

/**
 * An authorization response through a browser that did not begin the flow is parked for the user who did. Nothing else
 * changes.
 */
class ParkingFlowTest {

  @Test
  void parksNothingForAJsonCallerWithoutTheCookie() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);

      assertFails(ErrorCode.SESSION_MISMATCH, () -> world.flow()
          .callback(new Arrival(answer, begun.state(), null, false), deadline()));
      assertThat(world.sessionRows()).hasSize(1);
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
      assertThat(world.callback(begun, answer)).isInstanceOf(Connected.class);
    }
  }

  @Test
  void parksFiveAnswersAndTheRightCookieStillWins() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      for (int i = 0; i < ParkedResponse.MAX_PER_SESSION; i++)
        world.elsewhere(begun, bogus());

      assertFails(ErrorCode.SESSION_MISMATCH, () -> world.elsewhere(begun, bogus()));
      assertThat(world.sessionRows()).hasSize(1 + ParkedResponse.MAX_PER_SESSION);
      assertThat(world.callback(begun, world.approve(begun))).isInstanceOf(Connected.class);
    }
  }

  @Test
  void parksAgainWhereAnAnswerHasGoneStale() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      for (int i = 0; i < ParkedResponse.MAX_PER_SESSION; i++)
        world.elsewhere(begun, bogus());
      world.clock.advance(Duration.ofMinutes(1));

      var parked = park(world, begun);
      assertThat(complete(world, USER, parked.code())).isInstanceOf(Connected.class);
    }
  }

  @Test
  void keepsParkedAnswersApart() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      world.elsewhere(begun, bogus());
      var parked = park(world, begun);
      world.elsewhere(begun, bogus());

      assertThat(complete(world, USER, parked.code())).isInstanceOf(Connected.class);
    }
  }

  @Test
  void parksAnErrorLikeACode() {
    try (var world = FlowWorld.start(knobs -> knobs.authorizationError("access_denied"))) {
      var parked = park(world, world.begin());

      assertThat(complete(world, USER, parked.code())).isEqualTo(world.failed(ErrorCode.AUTHORIZATION_DENIED));
    }
  }

  @Test
  void changesNothingForAWrongCookie() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);

      assertFails(ErrorCode.SESSION_MISMATCH, () -> world.flow()
          .callback(new Arrival(answer, begun.state(), BrowserKey.fresh(), false), deadline()));
      assertThat(world.sessionRows()).hasSize(1);
      assertThat(world.flow().callback(new Arrival(answer, begun.state(), BrowserKey.fresh(), true), deadline()))
          .isInstanceOf(Parked.class);
      assertThat(world.callback(begun, answer)).isInstanceOf(Connected.class);
    }
  }

  @Test
  void parksNothingOnAFlowThatHasEnded() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);
      world.callback(begun, answer);

      assertFails(ErrorCode.SESSION_MISMATCH, () -> world.elsewhere(begun, answer));
      assertThat(world.sessionRows()).hasSize(1);
    }
  }

  @Test
  void keepsAParkedCodeSealedAndOutOfTheLog() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);
      var parked = (Parked) world.elsewhere(begun, answer);

      String[] secrets = {Objects.requireNonNull(answer.code()).reveal(), parked.code().reveal(),
          parked.code().reveal().substring(65), begun.state().value()};
      assertThat(world.everythingStored()).contains("PARKED").doesNotContain(secrets);
      assertThat(world.log() + parked).doesNotContain(secrets);
    }
  }
}
