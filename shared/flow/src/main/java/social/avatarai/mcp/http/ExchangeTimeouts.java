package social.avatarai.mcp.http;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import social.avatarai.mcp.Deadline;

/**
 * Ends exchanges at their time. The client's own time-outs count from the last byte, and a server that drips one now
 * and then never meets them.
 *
 * <p>One daemon thread, started with the first exchange.
 */
final class ExchangeTimeouts implements AutoCloseable {
  private final ScheduledThreadPoolExecutor timer;

  ExchangeTimeouts() {
    timer = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("exchange-cutoff").factory());
    timer.setRemoveOnCancelPolicy(true);
  }

  /** The end of one exchange; closed when the exchange is over. After that nothing is aborted any more. */
  static final class Cutoff implements AutoCloseable {
    private final Deadline end;
    private final Runnable abort;
    private final Future<?> timer;
    private volatile boolean reached;
    private boolean closed;

    private Cutoff(ScheduledThreadPoolExecutor timer, Deadline end, Runnable abort) {
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

    /** Whether the exchange was aborted: whatever error it ended with, this is why. */
    boolean reached() {
      return reached;
    }

    /** Waits for an abort that is under way: until then the connection still counts as in use. */
    @Override
    public synchronized void close() {
      closed = true;
      timer.cancel(false);
    }
  }

  Cutoff at(Deadline end, Runnable abort) {
    return new Cutoff(timer, end, abort);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
