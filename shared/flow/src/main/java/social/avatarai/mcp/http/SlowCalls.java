package social.avatarai.mcp.http;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.SlowCallSlots.Slot;

/**
 * The slow calls that one user may have at the same time. An API call that has waited for servers for longer than
 * {@link #MAX_WITHOUT_SLOT}, all its exchanges and pauses together, takes a slot of its user. If none is free, the door aborts the
 * exchange, and the call ends with {@code too_many_requests}. Otherwise one user with a server that sends single bytes
 * could hold all processes of this service.
 *
 * <p>A faster call takes no slot and costs no call of the store. A form is not aborted, because it sends a code or a
 * refresh token, which cannot be sent again: a grant could be lost. Its exchange has a short limit of its own. Where a
 * user could begin any number of them, the call takes its slot before the form is sent ({@link #requireSlot}).
 */
public final class SlowCalls implements SlotGate {
  public static final Duration MAX_WITHOUT_SLOT = Duration.ofSeconds(2);
  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(5);

  private final Supplier<SlowCallSlots> slots;
  private final int most;
  private final Clock clock;
  private final Journal journal;

  /**
   * The rule with this store and limit.
   *
   * @param slots is asked for the store when the first slow call needs it
   * @param most the slots of a user; 0 for any number, which the store is not asked for
   */
  public SlowCalls(Supplier<SlowCallSlots> slots, int most, Clock clock, Journal journal) {
    this.slots = slots;
    this.most = most;
    this.clock = clock;
    this.journal = journal;
  }

  /** Takes a slot until the end of the call. If none is free, returns from when another try makes sense. */
  public Optional<Instant> take(UserCall call) {
    if (most == 0) return Optional.empty();
    var now = clock.instant();
    var slot = new Slot(call.user(), Unguessable.text(), now.plus(call.deadline().remaining()));
    try {
      if (!slots.get().take(slot, most, now)) return Optional.of(now.plus(BETWEEN_TRIES));
      call.atEnd(() -> release(slot));
    } catch (RuntimeException e) {
      // The store's fault must not end a request that a server may be carrying out.
      noteFailed(e);
    }
    return Optional.empty();
  }

  /**
   * The pauses of calls that wait for another call, or for the time that a server asks for. They count as waiting for a
   * server, because a server decides how long they last.
   *
   * @param hasSent whether the call has sent its request before it pauses
   */
  public Pause pausing(Pause pause, boolean hasSent) {
    return duration -> UserCall.current().ifPresentOrElse(call -> {
      call.requirePatience(this::take, hasSent);
      call.beginWaiting();
      try {
        pause.of(duration);
      } finally {
        call.endWaiting();
      }
    }, () -> pause.of(duration));
  }

  @Override
  public void requireSlot() {
    UserCall.current().flatMap(call -> call.admit(this::take)).ifPresent(retryAt -> {
      throw TransportFailures.noSlot(retryAt);
    });
  }

  /** A slot that cannot be released is free again at the deadline of its call. */
  private void release(Slot slot) {
    try {
      slots.get().release(slot);
    } catch (RuntimeException e) {
      noteFailed(e);
    }
  }

  private void noteFailed(RuntimeException e) {
    journal.write("slow_call_not_counted", Map.of("detail", e.getClass().getName()));
  }
}
