package social.avatarai.mcp.http;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;

/**
 * Aborts exchanges at their deadlines. The client's own time-outs count from the last byte, so a server that sends
 * single bytes slowly never exceeds them.
 *
 * <p>A server that has sent no head yet gets a share of the deadline, not all of it. What is left is for telling our
 * caller, and for noting what happened.
 *
 * <p>One daemon thread does this work. It starts with the first exchange.
 */
final class ExchangeTimeouts implements AutoCloseable {
  /** Of a deadline, a server that says nothing leaves this much, or a tenth of the deadline if that is less. */
  static final Duration MIN_AFTER_SILENCE = Duration.ofSeconds(2);

  private final ScheduledThreadPoolExecutor timer;

  ExchangeTimeouts() {
    timer = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("exchange-timeouts").factory());
    timer.setRemoveOnCancelPolicy(true);
  }

  /** The longest time without a head, of an exchange that has this much time in all. */
  static Duration silence(Duration left) {
    var tenth = left.dividedBy(10);
    return left.minus(tenth.compareTo(MIN_AFTER_SILENCE) < 0 ? tenth : MIN_AFTER_SILENCE);
  }

  /** Why an exchange is aborted, as the failure that the exchange ends with. */
  @FunctionalInterface
  interface Cut {
    Failure failure(String origin, boolean mayHaveBeenSent);
  }

  /** The timer of one exchange. It is closed when the exchange is over; a closed timer aborts nothing. */
  static final class ExchangeTimeout implements AutoCloseable {
    private final ScheduledThreadPoolExecutor timer;
    private final Deadline end;
    private final Runnable abort;
    private final List<Future<?>> tasks = new ArrayList<>();
    private final Future<?> silence;
    private volatile @Nullable Cut cut;
    private boolean closed;

    private ExchangeTimeout(ScheduledThreadPoolExecutor timer, Duration silence, Deadline end, Runnable abort) {
      this.timer = timer;
      this.end = end;
      this.abort = abort;
      this.silence = schedule(silence, () -> cut(TransportFailures::late));
      // Without the lock, which an abort may hold by now: no other thread changes the list yet.
      tasks.add(schedule(end.remaining(), () -> cut(TransportFailures::late)));
    }

    /** Runs a task on the timer's thread after this time, unless the exchange is over. The task must not block. */
    synchronized void after(Duration time, Runnable task) {
      tasks.add(schedule(time, task));
    }

    private Future<?> schedule(Duration time, Runnable task) {
      return timer.schedule(task, time.toNanos(), NANOSECONDS);
    }

    /** Aborts the exchange, unless it is over. The first reason counts. */
    synchronized void cut(Cut why) {
      if (closed || cut != null) return;
      cut = why;
      abort.run();
    }

    /** The head has arrived: the rest may take the whole time. */
    void headArrived() {
      silence.cancel(false);
    }

    Deadline end() {
      return end;
    }

    /** Why the exchange was aborted. If it was, the abort is the cause of the exchange's error. */
    Optional<Cut> reason() {
      return Optional.ofNullable(cut);
    }

    /** Waits for an abort that is under way, because the connection counts as in use until the abort has ended. */
    @Override
    public synchronized void close() {
      closed = true;
      silence.cancel(false);
      tasks.forEach(task -> task.cancel(false));
    }
  }

  /**
   * Starts the timer of an exchange.
   *
   * @param silence the longest time without a head
   * @param end the end of the exchange
   */
  ExchangeTimeout at(Duration silence, Deadline end, Runnable abort) {
    return new ExchangeTimeout(timer, silence, end, abort);
  }

  /** Runs a task on the timer's thread after this time. The task must not block. */
  void after(Duration time, Runnable task) {
    try {
      var _ = timer.schedule(task, time.toNanos(), NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The client was closed, and all its connections with it.
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
