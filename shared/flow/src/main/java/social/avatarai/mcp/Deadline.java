package social.avatarai.mcp;

import java.time.Duration;

/**
 * The moment at which this invocation must have answered. One is made at the edge and passed down through everything;
 * each outbound call takes its share of what is left.
 *
 * <p>Measured on the monotonic clock: a corrected wall clock neither lengthens nor cuts an invocation.
 */
public final class Deadline {
  private final long nanos;

  private Deadline(long nanos) {
    this.nanos = nanos;
  }

  public static Deadline in(Duration left) {
    return new Deadline(System.nanoTime() + left.toNanos());
  }

  /** What is left, never negative. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
  }

  /** What is left, at most this much. */
  public Duration remaining(Duration most) {
    var left = remaining();
    return left.compareTo(most) < 0 ? left : most;
  }

  public boolean hasAtLeast(Duration needed) {
    return remaining().compareTo(needed) >= 0;
  }
}
