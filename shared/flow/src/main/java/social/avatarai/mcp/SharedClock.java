package social.avatarai.mcp;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The clock of a process, corrected by the time in the store's responses. Processes compare times with each other, for
 * example the end of a lease. They have the store in common, so its time counts. A process whose own clock is wrong by
 * minutes would otherwise take a lease from an attempt that is still under way.
 *
 * <p>One response may be wrong. So the clock follows only two responses in a row that agree.
 */
public final class SharedClock extends Clock {
  /** A smaller difference is not corrected, because HTTP gives the time in whole seconds (RFC 9110 §5.6.7). */
  static final Duration TOLERANCE = Duration.ofSeconds(2);
  /** A larger difference is not believed: AWS refuses requests that are signed with such a clock. */
  static final Duration MAX_CORRECTION = Duration.ofMinutes(15);

  private final Clock own;
  private final ZoneId zone;
  private final AtomicReference<Opinion> opinion;

  public SharedClock(Clock own) {
    this(own, ZoneOffset.UTC, new AtomicReference<>(new Opinion(Duration.ZERO, null, false)));
  }

  private SharedClock(Clock own, ZoneId zone, AtomicReference<Opinion> opinion) {
    this.own = own;
    this.zone = zone;
    this.opinion = opinion;
  }

  /**
   * What is known about the clock of this machine.
   *
   * @param correction the correction that is applied
   * @param claimed the correction by the last response, if it is another one
   * @param sure whether the last response has confirmed the correction
   */
  private record Opinion(Duration correction, @Nullable Duration claimed, boolean sure) {
    Opinion after(Duration difference) {
      var next = isWithinTolerance(difference) ? Duration.ZERO : difference;
      if (agree(next, correction)) return new Opinion(correction, null, true);
      return claimed != null && agree(next, claimed)
          ? new Opinion(next, null, true)
          : new Opinion(correction, next, false);
    }

    private static boolean agree(Duration one, Duration other) {
      return isWithinTolerance(one.minus(other));
    }

    private static boolean isWithinTolerance(Duration difference) {
      return difference.abs().compareTo(TOLERANCE) <= 0;
    }
  }

  /**
   * Takes note of the time in a response that the store has just sent.
   *
   * @return false if the time is not believed
   */
  public boolean observe(Instant ofStore) {
    var difference = Duration.between(own.instant(), ofStore);
    if (difference.abs().compareTo(MAX_CORRECTION) > 0) return false;
    opinion.updateAndGet(before -> before.after(difference));
    return true;
  }

  /**
   * Whether another response of the store could correct this clock: there was none, or the last one disagreed. Other
   * clocks are always sure.
   */
  public static boolean isUnsure(Clock clock) {
    return clock instanceof SharedClock shared && !shared.opinion.get().sure();
  }

  @Override
  public Instant instant() {
    return own.instant().plus(opinion.get().correction());
  }

  @Override
  public ZoneId getZone() { return zone; }

  @Override
  public Clock withZone(ZoneId other) {
    return new SharedClock(own, other, opinion);
  }
}
