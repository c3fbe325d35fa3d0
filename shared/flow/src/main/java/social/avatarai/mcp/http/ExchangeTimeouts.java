package social.avatarai.mcp.http;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import social.avatarai.mcp.Deadline;

/**
 * Aborts exchanges at their deadlines. The client's own time-outs count from the last byte, so a server that sends
 * single bytes slowly never exceeds them.
 *
 * <p>One daemon thread does this work. It starts with the first exchange.
 */
final class ExchangeTimeouts implements AutoCloseable {
  private final ScheduledThreadPoolExecutor timer;

  ExchangeTimeouts() {
    timer = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("exchange-timeouts").factory());
    timer.setRemoveOnCancelPolicy(true);
  }

  /** The timer of one exchange. It is closed when the exchange is over; a closed timer aborts nothing. */
  static final class ExchangeTimeout implements AutoCloseable {
    private final Deadline end;
    private final Runnable abort;
    private final Future<?> timer;
    private volatile boolean reached;
    private boolean closed;

    private ExchangeTimeout(ScheduledThreadPoolExecutor timer, Deadline end, Runnable abort) {
      this.end = end;
      this.abort = abort;
      this.timer = timer.schedule(this::reach, end.remaining().toNanos(), NANOSECONDS);
    }

    private synchronized void reach() {
      if (closed) return;
      reached = true;
      abort.run();
    }

    Deadline end() {
      return end;
    }

    /** Whether the exchange was aborted. If so, the abort is the cause of the exchange's error. */
    boolean reached() {
      return reached;
    }

    /** Waits for an abort that is under way, because the connection counts as in use until the abort has ended. */
    @Override
    public synchronized void close() {
      closed = true;
      timer.cancel(false);
    }
  }

  ExchangeTimeout at(Deadline end, Runnable abort) {
    return new ExchangeTimeout(timer, end, abort);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
