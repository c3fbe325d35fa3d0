package social.avatarai.mcp.http;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.UserId;

/**
 * An API call of a user, as far as the door must know it: for whom it waits for servers, how long it has waited, and
 * whether it has a slot. {@link SlowCalls} has the rule. A call is bound to its thread while it runs.
 */
public final class UserCall {
  private static final ScopedValue<UserCall> CURRENT = ScopedValue.newInstance();

  private final UserId user;
  private final Deadline deadline;
  private final AtomicLong waitedNanos = new AtomicLong();
  private final List<Runnable> atEnd = new ArrayList<>();
  /** How many waits of the call's thread are under way, one inside the other. */
  private int waits;
  private long waitBegan;
  private boolean admitted;
  private boolean ended;

  private UserCall(UserId user, Deadline deadline) {
    this.user = user;
    this.deadline = deadline;
  }

  /** Runs an API call of a user. What the call has taken is given back at its end. */
  public static <T> T run(UserId user, Deadline deadline, Supplier<T> call) {
    var current = new UserCall(user, deadline);
    try {
      return ScopedValue.where(CURRENT, current).call(call::get);
    } finally {
      current.end();
    }
  }

  /** The call that this thread works for; empty for a thread that works for no user. */
  static Optional<UserCall> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  UserId user() {
    return user;
  }

  Deadline deadline() {
    return deadline;
  }

  /** The time that this call may still wait without a slot; zero if it has used that up. */
  Duration patience() {
    var left = SlowCalls.MAX_WITHOUT_SLOT.minusNanos(waitedNanos.get());
    if (waits > 0) left = left.minusNanos(System.nanoTime() - waitBegan);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /**
   * Begins to wait for a server. A wait inside another one, such as for a reply to a question that the server asks
   * before its response, is a part of the other. Only the call's own thread waits for it.
   */
  void beginWaiting() {
    if (waits++ == 0) waitBegan = System.nanoTime();
  }

  void endWaiting() {
    if (--waits == 0) hasWaited(System.nanoTime() - waitBegan);
  }

  void hasWaited(long nanos) {
    waitedNanos.addAndGet(nanos);
  }

  /**
   * Takes a slot, unless the call has one.
   *
   * @param slots takes a slot, or says from when another try makes sense
   * @return empty if the call has a slot, else the time for another try
   */
  synchronized Optional<Instant> admit(Function<UserCall, Optional<Instant>> slots) {
    if (admitted || ended) return Optional.empty();
    var busy = slots.apply(this);
    admitted = busy.isEmpty();
    return busy;
  }

  /**
   * Refuses a call that has waited too long and gets no slot: {@code too_many_requests}.
   *
   * @param hasSent whether the call has sent the request that it waits for
   */
  void requirePatience(Function<UserCall, Optional<Instant>> slots, boolean hasSent) {
    if (!patience().isZero()) return;
    admit(slots).ifPresent(retryAt -> {
      throw TransportFailures.crowded(hasSent, retryAt);
    });
  }

  /** Has this run when the call ends. */
  synchronized void atEnd(Runnable task) {
    atEnd.add(task);
  }

  /** A slot that is being taken at this moment is waited for. Otherwise it would stay taken. */
  private synchronized void end() {
    ended = true;
    atEnd.forEach(Runnable::run);
  }
}
