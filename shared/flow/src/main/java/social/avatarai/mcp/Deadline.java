package social.avatarai.mcp;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;

/**
 * The time by which this invocation must have responded. The handler makes one deadline and passes it down through all
 * calls. Each outbound call takes its share of the remaining time.
 *
 * <p>The deadline is measured on the monotonic clock, so a correction of the wall clock does not change it.
 */
public final class Deadline {
  private static final ScopedValue<Deadline> OF_INVOCATION = ScopedValue.newInstance();

  private final long nanos;
  private final LongSupplier time;

  private Deadline(long nanos, LongSupplier time) {
    this.nanos = nanos;
    this.time = time;
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

  /** The task for another thread, which works for the same invocation. */
  public static Runnable bound(Runnable task) {
    if (!OF_INVOCATION.isBound()) return task;
    var deadline = OF_INVOCATION.get();
    return () -> deadline.during(task);
  }

  /**
   * The remaining time of the invocation that this thread works for. It is negative after the deadline, and empty if
   * the thread works for no invocation.
   */
  public static Optional<Duration> leftOfInvocation() {
    return OF_INVOCATION.isBound()
        ? Optional.of(Duration.ofNanos(OF_INVOCATION.get().left()))
        : Optional.empty();
  }

  public static Deadline in(Duration left) {
    return in(left, System::nanoTime);
  }

  /**
   * A deadline by another clock, for tests.
   *
   * @param time the nanoseconds of a clock that never goes back
   */
  public static Deadline in(Duration left, LongSupplier time) {
    return new Deadline(time.getAsLong() + left.toNanos(), time);
  }

  /** The remaining time, never negative. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, left()));
  }

  private long left() {
    return nanos - time.getAsLong();
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
