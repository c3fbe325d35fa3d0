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
  @ValueSource(strings = {"PT5M", "-PT5M", "PT3S", "P1D"})
  void clockThatIsWrongFollowsTheStore(String skew) {
    var clock = wrongBy(Duration.parse(skew));
    clock.observe(TRUE_TIME);
    assertThat(clock.instant()).isEqualTo(TRUE_TIME);
    assertThat(clock.withZone(ZoneOffset.ofHours(8)).instant()).isEqualTo(TRUE_TIME);
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
    clock.observe(TRUE_TIME.plusSeconds(300));
    clock.observe(TRUE_TIME.plusSeconds(1));
    assertThat(clock.instant()).isEqualTo(TRUE_TIME);
  }
}
