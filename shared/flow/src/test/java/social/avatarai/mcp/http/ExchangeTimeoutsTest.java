package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Deadline;

class ExchangeTimeoutsTest {
  private final ExchangeTimeouts timeouts = new ExchangeTimeouts();

  @AfterEach
  void close() {
    timeouts.close();
  }

  @Test
  void closingWaitsForAnAbortThatIsUnderWay() throws InterruptedException {
    var aborting = new CountDownLatch(1);
    var closer = new CompletableFuture<Thread>();
    var aborted = new AtomicBoolean();
    var timeout = timeouts.at(Duration.ZERO, Deadline.in(Duration.ZERO), () -> {
      aborting.countDown();
      spinUntilItWaitsOrEnds(closer.join());
      aborted.set(true);
    });
    aborting.await();
    var seen = new AtomicBoolean();
    var thread = Thread.ofPlatform().unstarted(() -> {
      timeout.close();
      seen.set(aborted.get());
    });
    thread.start();
    closer.complete(thread);
    thread.join();
    assertThat(seen).isTrue();
    assertThat(timeout.reason()).isPresent();
  }

  /** One thread runs all timers in the order of their times. So the other timer runs last. */
  @Test
  void whereTheHeadHasArrivedOnlyTheEndAbortsTheExchange() throws InterruptedException {
    var silence = Duration.ofMillis(500);
    var end = Deadline.in(Duration.ofSeconds(20));
    var other = new CountDownLatch(1);
    try (var arrived = timeouts.at(silence, end, () -> {});
        var silent = timeouts.at(silence, end, () -> {});
        var last = timeouts.at(silence, end, other::countDown)) {
      arrived.headArrived();
      other.await();
      assertThat(arrived.reason()).isEmpty();
      assertThat(silent.reason()).isPresent();
      assertThat(last.reason()).isPresent();
    }
  }

  private static void spinUntilItWaitsOrEnds(Thread thread) {
    while (thread.getState() != Thread.State.BLOCKED && thread.isAlive())
      Thread.onSpinWait();
  }
}
