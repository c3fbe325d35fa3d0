package social.avatarai.mcp.http;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.ExchangeTimeouts.ExchangeTimeout;

/**
 * Ends one exchange from outside of its reader, which may wait for bytes that never come. The exchange then fails with
 * the given failure. The exchange also ends if {@link #begun} is not called within {@code toBegin}.
 */
public final class ExchangeCut {
  private final Duration toBegin;
  private final Supplier<Failure> late;
  private @Nullable ExchangeTimeout exchange;
  private boolean hasBegun;

  /**
   * A cut for one exchange.
   *
   * @param toBegin the longest time from the start of the exchange until {@link #begun}
   * @param late the failure where that takes longer
   */
  public ExchangeCut(Duration toBegin, Supplier<Failure> late) {
    this.toBegin = toBegin;
    this.late = late;
  }

  synchronized void watch(ExchangeTimeout started) {
    exchange = started;
    started.after(toBegin, this::cutIfLate);
  }

  private synchronized void cutIfLate() {
    if (!hasBegun) now(late.get());
  }

  /** The reader has got what it needs first. From now on only the limits of the request count. */
  public synchronized void begun() {
    hasBegun = true;
  }

  /** Ends the exchange with this failure, unless it is over. The first failure counts. */
  public synchronized void now(Failure why) {
    if (exchange != null) exchange.cut((_, _) -> why);
  }
}
