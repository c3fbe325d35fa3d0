package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class FixedClockTest {

  @Test
  void standsStillUntilItIsMoved() {
    var start = Instant.parse("2026-05-06T07:08:09Z");
    var clock = FixedClock.at(start);
    assertThat(clock.instant()).isEqualTo(start).isEqualTo(clock.instant());
    clock.advance(Duration.ofMinutes(5));
    assertThat(clock.instant()).isEqualTo(start.plusSeconds(300));
  }

  @Test
  void movesItsViewsInOtherZones() {
    var clock = FixedClock.started();
    var elsewhere = clock.withZone(ZoneId.of("Europe/Paris"));
    clock.advance(Duration.ofDays(1));
    assertThat(elsewhere.instant()).isEqualTo(clock.instant());
    assertThat(elsewhere.getZone()).isEqualTo(ZoneId.of("Europe/Paris"));
  }
}
