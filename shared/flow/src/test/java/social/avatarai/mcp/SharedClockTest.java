package social.avatarai.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedClockTest {
  private static final Instant TRUE_TIME = Instant.parse("2026-01-01T00:00:00Z");

  private static SharedClock wrongBy(Duration skew) {
    return new SharedClock(Clock.fixed(TRUE_TIME.plus(skew), ZoneOffset.UTC));
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT5M", "-PT5M", "PT3S", "PT15M"})
  void clockThatIsWrongFollowsTheStore(String skew) {
    var clock = wrongBy(Duration.parse(skew));
    assertThat(SharedClock.isUnsure(clock)).isTrue();
    clock.observe(TRUE_TIME);
    assertThat(SharedClock.isUnsure(clock)).as("one response may be wrong").isTrue();
    clock.observe(TRUE_TIME.plusSeconds(1));
    clock.observe(TRUE_TIME);
    clock.observe(TRUE_TIME);
    assertThat(SharedClock.isUnsure(clock)).isFalse();
    assertThat(clock.instant()).isBetween(TRUE_TIME, TRUE_TIME.plus(SharedClock.TOLERANCE));
    assertThat(clock.withZone(ZoneOffset.ofHours(8)).instant()).isEqualTo(clock.instant());
  }

  @Test
  void clockThatIsRightKeepsItsMilliseconds() {
    var clock = wrongBy(Duration.ofMillis(900));
    clock.observe(TRUE_TIME);
    assertThat(clock.instant()).isEqualTo(TRUE_TIME.plusMillis(900));
  }

  @Test
  void clockThatWasSetRightIsNotCorrectedAnyMore() {
    var clock = wrongBy(Duration.ZERO);
    for (int i = 0; i < 2; i++)
      clock.observe(TRUE_TIME.plusSeconds(300));
    assertThat(clock.instant()).isEqualTo(TRUE_TIME.plusSeconds(300));
    for (int i = 0; i < 2; i++)
      clock.observe(TRUE_TIME.plusSeconds(1));
    assertThat(clock.instant()).isEqualTo(TRUE_TIME);
  }

  /** The bug: a single response a minute early ended a lease before its request did. */
  @ParameterizedTest
  @ValueSource(strings = {"-PT60S", "PT60S", "PT14M", "PT1H", "-P1D"})
  void singleResponseWithAWrongTimeMovesNoClock(String error) {
    var clock = wrongBy(Duration.ZERO);
    clock.observe(TRUE_TIME);
    clock.observe(TRUE_TIME.plus(Duration.parse(error)));
    assertThat(clock.instant()).isEqualTo(TRUE_TIME);
    clock.observe(TRUE_TIME);
    assertThat(clock.instant()).isEqualTo(TRUE_TIME);
    assertThat(SharedClock.isUnsure(clock)).isFalse();
  }

  @Test
  void responsesThatDisagreeWithEachOtherMoveNoClock() {
    var clock = wrongBy(Duration.ZERO);
    for (int minute = 1; minute <= 5; minute++)
      clock.observe(TRUE_TIME.plusSeconds(60L * minute));
    assertThat(clock.instant()).isEqualTo(TRUE_TIME);
    assertThat(SharedClock.isUnsure(clock)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT15M1S", "-PT1H", "P1D"})
  void timeThatAwsItselfWouldRefuseIsNotBelievedHoweverOftenItComes(String error) {
    var clock = wrongBy(Duration.ZERO);
    for (int i = 0; i < 3; i++)
      assertThat(clock.observe(TRUE_TIME.plus(Duration.parse(error)))).isFalse();
    assertThat(clock.instant()).isEqualTo(TRUE_TIME);
  }
}
