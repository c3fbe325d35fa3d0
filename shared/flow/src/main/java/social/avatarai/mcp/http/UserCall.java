package social.avatarai.mcp.http;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import social.avatarai.mcp.Caller;
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
  private final Kind kind;
  private final AtomicLong waitedNanos = new AtomicLong();
  private final List<Runnable> atEnd = new ArrayList<>();
  private final Map<Object, Object> held = new HashMap<>();
  /** How many waits of the call's thread are under way, one inside the other. */
  private int waits;
  private long waitBegan;
  private boolean admitted;
  private boolean ended;

  private enum Kind {
    /** A user's call, which is cut off without a slot. */
    LIMITED,
    /** A call that ends a flow. It takes a slot where one is free, and is not cut off: its code is sent once. */
    UNCUT,
    /** A call of the app's own backend, which has no limits. */
    OPERATORS
  }

  private UserCall(UserId user, Deadline deadline, Kind kind) {
    this.user = user;
    this.deadline = deadline;
    this.kind = kind;
  }

  /** Runs an API call. What the call has taken is given back at its end. */
  public static <T> T run(Caller caller, Deadline deadline, Supplier<T> call) {
    return run(new UserCall(caller.user(), deadline, caller.operator() ? Kind.OPERATORS : Kind.LIMITED), call);
  }

  /** Runs the end of a flow as a call of the user who began the flow. It is not cut off. */
  public static <T> T runUncut(UserId user, Deadline deadline, Supplier<T> call) {
    return run(new UserCall(user, deadline, Kind.UNCUT), call);
  }

  private static <T> T run(UserCall current, Supplier<T> call) {
    try {
      return ScopedValue.where(CURRENT, current).call(call::get);
    } finally {
      current.end();
    }
  }

  /** The call that this thread works for; empty for a thread that works for no user, or for the app's own backend. */
  static Optional<UserCall> current() {
    return CURRENT.isBound() && !isOfOperator() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /** Whether this thread works for the app's own backend. Its calls are in no user's budget. */
  public static boolean isOfOperator() {
    return CURRENT.isBound() && CURRENT.get().kind == Kind.OPERATORS;
  }

  /** Whether an exchange of this call is aborted when the call has waited too long and gets no slot. */
  boolean mayBeCutOff() {
    return kind == Kind.LIMITED;
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
    if (!mayBeCutOff() || !patience().isZero()) return;
    admit(slots).ifPresent(retryAt -> {
      throw TransportFailures.crowded(hasSent, retryAt);
    });
  }

  /** What a call opens, and closes at its end. Closing never fails. */
  public interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /** What this thread's call holds under a key, until it ends. Opened at its first use. */
  @SuppressWarnings("unchecked") // what was opened under a key has the type of the key's users
  public static <T extends Held> T held(Object key, Supplier<T> opening) {
    if (!CURRENT.isBound()) throw new IllegalStateException("only an API call holds something");
    var call = CURRENT.get();
    synchronized (call) {
      var known = call.held.get(key);
      if (known != null) return (T) known;
      var opened = opening.get();
      call.held.put(key, opened);
      call.atEnd.add(opened::close);
      return opened;
    }
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
