package social.avatarai.mcp;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * The time by which this invocation must have responded. The handler makes one deadline and passes it down through all
 * calls. Each outbound call takes its share of the remaining time.
 *
 * <p>The deadline is measured on the monotonic clock, so a correction of the wall clock does not change it.
 */
public final class Deadline {
  private static final ScopedValue<Deadline> OF_INVOCATION = ScopedValue.newInstance();

  private final long nanos;

  private Deadline(long nanos) {
    this.nanos = nanos;
  }

  /**
   * Runs an invocation that ends at this deadline. The stores read the deadline from this scope, because no parameter
   * passes it to them.
   */
  public <T> T invoke(Callable<T> invocation) throws Exception {
    return ScopedValue.where(OF_INVOCATION, this).call(invocation::call);
  }

  /** Runs a part of an invocation, which has its own share of the time. */
  public void during(Runnable part) {
    ScopedValue.where(OF_INVOCATION, this).run(part);
  }

  /**
   * The remaining time of the invocation that this thread works for. It is negative after the deadline, and empty if
   * the thread works for no invocation.
   */
  public static Optional<Duration> leftOfInvocation() {
    return OF_INVOCATION.isBound()
        ? Optional.of(Duration.ofNanos(OF_INVOCATION.get().nanos - System.nanoTime()))
        : Optional.empty();
  }

  public static Deadline in(Duration left) {
    return new Deadline(System.nanoTime() + left.toNanos());
  }

  /** The remaining time, never negative. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
  }

  /** The remaining time, at most this duration. */
  public Duration remaining(Duration most) {
    var left = remaining();
    return left.compareTo(most) < 0 ? left : most;
  }

  public boolean hasAtLeast(Duration needed) {
    return remaining().compareTo(needed) >= 0;
  }
}
