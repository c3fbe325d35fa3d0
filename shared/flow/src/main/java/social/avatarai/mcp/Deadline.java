package social.avatarai.mcp;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * The moment at which this invocation must have answered. One is made at the edge and passed down through everything;
 * each outbound call takes its share of what is left.
 *
 * <p>Measured on the monotonic clock: a corrected wall clock neither lengthens nor cuts an invocation.
 */
public final class Deadline {
  private static final ScopedValue<Deadline> OF_INVOCATION = ScopedValue.newInstance();

  private final long nanos;

  private Deadline(long nanos) {
    this.nanos = nanos;
  }

  /** Runs an invocation that ends at this deadline, for those whom it is not passed to: the calls of the stores. */
  public <T> T invoke(Callable<T> invocation) throws Exception {
    return ScopedValue.where(OF_INVOCATION, this).call(invocation::call);
  }

  /** The same for a part of it, which has its own share of the time. */
  public void during(Runnable part) {
    ScopedValue.where(OF_INVOCATION, this).run(part);
  }

  /**
   * What is left of the invocation that this thread works for, negative where it is over; empty where it works for none.
   */
  public static Optional<Duration> leftOfInvocation() {
    return OF_INVOCATION.isBound()
        ? Optional.of(Duration.ofNanos(OF_INVOCATION.get().nanos - System.nanoTime()))
        : Optional.empty();
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
