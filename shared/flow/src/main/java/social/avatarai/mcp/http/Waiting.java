package social.avatarai.mcp.http;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The time in which a user's API call waits for the response to one request. */
final class Waiting implements AutoCloseable {
  private final @Nullable UserCall call;
  private final Function<UserCall, Optional<Instant>> slots;
  private final boolean mayBeAborted;

  private Waiting(@Nullable UserCall call, Function<UserCall, Optional<Instant>> slots, boolean mayBeAborted) {
    this.call = call;
    this.slots = slots;
    this.mayBeAborted = mayBeAborted;
  }

  /**
   * Begins to wait for this request; {@code too_many_requests} if the call has waited too long before and gets no slot.
   */
  static Waiting begin(Function<UserCall, Optional<Instant>> slots, OutboundRequest request) {
    var call = UserCall.current();
    if (request.mayBeAborted()) call.ifPresent(waiting -> waiting.requirePatience(slots, false));
    call.ifPresent(UserCall::beginWaiting);
    return new Waiting(call.orElse(null), slots, request.mayBeAborted());
  }

  /** Has the exchange aborted when the call has waited too long and gets no slot. */
  void watch(ExchangeTimeouts.ExchangeTimeout timeout) {
    var waiting = call;
    if (waiting == null) return;
    // The store is not called on the timer's thread, because that thread serves all exchanges.
    timeout.after(waiting.patience(), () -> Thread.ofVirtual().name("slow-call")
        .start(() -> waiting.deadline().during(() -> takeSlot(waiting, timeout))));
  }

  private void takeSlot(UserCall waiting, ExchangeTimeouts.ExchangeTimeout timeout) {
    var busy = waiting.admit(slots);
    if (busy.isPresent() && mayBeAborted && waiting.mayBeCutOff())
      timeout.cut((_, sent) -> TransportFailures.crowded(sent, busy.get()));
  }

  @Override
  public void close() {
    if (call != null) call.endWaiting();
  }
}
