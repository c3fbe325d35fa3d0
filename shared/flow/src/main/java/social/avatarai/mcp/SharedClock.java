package social.avatarai.mcp;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The clock of a process, corrected by the time in the store's responses. Processes compare times with each other, for
 * example the end of a lease. They have the store in common, so its time counts. A process whose own clock is wrong by
 * minutes would otherwise take a lease from an attempt that is still under way.
 */
public final class SharedClock extends Clock {
  /** A smaller difference is not corrected, because HTTP gives the time in whole seconds (RFC 9110 §5.6.7). */
  static final Duration TOLERANCE = Duration.ofSeconds(2);

  private final Clock own;
  private final ZoneId zone;
  private final AtomicReference<Duration> correction;

  public SharedClock(Clock own) {
    this(own, ZoneOffset.UTC, new AtomicReference<>(Duration.ZERO));
  }

  private SharedClock(Clock own, ZoneId zone, AtomicReference<Duration> correction) {
    this.own = own;
    this.zone = zone;
    this.correction = correction;
  }

  /** Takes note of the time in a response that the store has just sent. */
  public void observe(Instant ofStore) {
    var difference = Duration.between(own.instant(), ofStore);
    correction.set(difference.abs().compareTo(TOLERANCE) > 0 ? difference : Duration.ZERO);
  }

  @Override
  public Instant instant() {
    return own.instant().plus(correction.get());
  }

  @Override
  public ZoneId getZone() { return zone; }

  @Override
  public Clock withZone(ZoneId other) {
    return new SharedClock(own, other, correction);
  }
}
