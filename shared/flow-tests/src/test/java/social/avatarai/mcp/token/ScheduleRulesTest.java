package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;

/** No due grant is lost, whatever ends a run or fails in it, and a broken issuer affects its own grants only. */
class ScheduleRulesTest {
  /** Each attempt ends before the next marker is looked at. */
  private static final Executor ONE_AFTER_ANOTHER = Runnable::run;
  private static final Executor AT_ONCE = Thread::startVirtualThread;
  /** Longer than the markers of earlier minutes are read again. */
  private static final Duration BEYOND_OVERLAP = Duration.ofMinutes(30);
  /** With this time, attempts may begin. */
  private static final Duration ALMOST_OVER = Duration.ofMillis(15_400);
  /** Of this time, so much passes that no attempt may begin any more. */
  private static final Duration UNTIL_TOO_LATE = Duration.ofMillis(500);

  @Test
  void failureOfTheStoreHoldsTheCursorBeforeTheMarkerAndTheNextRunFindsIt() {
    var world = new ScheduleWorld(ONE_AFTER_ANOTHER);
    world.run();
    world.clock.advance(BEYOND_OVERLAP);
    long minute = world.minute();
    var key = world.keep("user", "one", "issuer", minute);
    world.failing = "read"::equals;
    assertThat(world.run().finished()).isFalse();
    assertThat(world.dueGrants.cursor(world.dueGrants.shardOf(key))).isLessThan(minute);
    world.failing = _ -> false;
    world.clock.advance(BEYOND_OVERLAP);
    assertThat(world.run().refreshed()).isEqualTo(1);
    assertThat(world.dueGrants.cursor(world.dueGrants.shardOf(key))).isEqualTo(world.minute());
  }

  @Test
  void cursorFromAProcessWhoseClockIsAheadStopsNoRun() {
    var world = new ScheduleWorld(ONE_AFTER_ANOTHER);
    for (int shard = 0; shard < DueGrants.SHARDS; shard += 2)
      world.dueGrants.advance(shard, world.minute() + BEYOND_OVERLAP.toMinutes());
    assertThat(world.run().finished()).isTrue();
    world.clock.advance(BEYOND_OVERLAP);
    world.keep("user", "one", "issuer", world.minute());
    assertThat(world.run().refreshed()).isEqualTo(1);
  }

  @Test
  void grantWhoseLaterMarkerCannotBeWrittenIsFoundByTheNextRun() {
    var world = new ScheduleWorld(ONE_AFTER_ANOTHER);
    var key = world.keep("user", "one", "issuer", world.minute() - BEYOND_OVERLAP.toMinutes());
    world.down.add("issuer");
    world.failing = "schedule"::equals;
    assertThat(world.run().finished()).isFalse();
    world.down.clear();
    world.failing = _ -> false;
    world.clock.advance(BEYOND_OVERLAP);
    assertThat(world.run().refreshed()).isEqualTo(1);
    assertThat(world.version(key)).isEqualTo(2);
  }

  @SuppressWarnings("ThreadPriorityCheck") // A thread that spins must leave its carrier to the other attempts.
  @Test
  void markersThatWaitWhenTheLastShardHasBeenReadGetTheirTurnInTheSameRun() {
    var world = new ScheduleWorld(AT_ONCE);
    var gate = new CountDownLatch(1);
    int due = 3 * RefreshLanes.MAX_OF_USER_AT_ONCE;
    IntStream.range(0, due).forEach(i -> world.keep("user", "grant-" + i, "issuer", world.minute()));
    int lastShard = DueGrants.SHARDS - 1;
    // The issuer answers when the run has nothing left to do but to wait for it.
    var runner = Thread.currentThread();
    world.arrival = _ -> {
      while (gate.getCount() > 0 && runner.getState() != Thread.State.WAITING)
        Thread.yield();
      gate.countDown();
    };
    assertThat(world.run().refreshed()).isEqualTo(due);
    assertThat(world.dueGrants.cursor(lastShard)).isEqualTo(world.minute());
  }

  @Test
  void markersThatWaitAtTheEndOfTheRunAreFoundAgain() {
    var world = new ScheduleWorld(AT_ONCE);
    int due = 2 * RefreshLanes.MAX_OF_USER_AT_ONCE;
    long old = world.minute() - BEYOND_OVERLAP.toMinutes();
    var keys = IntStream.range(0, due).mapToObj(i -> world.keep("user", "grant-" + i, "issuer", old)).toList();
    runWithoutTimeForASecondTurn(world);
    assertThat(keys.stream().filter(key -> world.version(key) == 1)).as("they wait").isNotEmpty();
    world.clock.advance(BEYOND_OVERLAP);
    world.run();
    assertThat(keys).allMatch(key -> world.version(key) == 2);
  }

  /** All attempts that may run at once arrive. Then time passes, and the issuer answers. */
  private static void runWithoutTimeForASecondTurn(ScheduleWorld world) {
    var time = new AtomicLong();
    var arrived = new AtomicInteger();
    var tooLate = new CompletableFuture<Void>();
    world.arrival = _ -> {
      if (arrived.incrementAndGet() == RefreshLanes.MAX_OF_USER_AT_ONCE) {
        time.set(UNTIL_TOO_LATE.toNanos());
        tooLate.complete(null);
      }
      tooLate.join();
    };
    world.run(Deadline.in(ALMOST_OVER, time::get));
    world.arrival = _ -> {};
  }

  @Test
  void grantsOfAUserAtASlowIssuerGetTheirTurnOverSeveralRuns() {
    var world = new ScheduleWorld(AT_ONCE);
    int due = 3 * RefreshLanes.MAX_OF_USER_AT_ONCE;
    var keys = IntStream.range(0, due).mapToObj(i -> world.keep("slow", "grant-" + i, "issuer", world.minute()))
        .toList();
    for (int run = 0; run < 8 && !allRenewed(world, keys); run++) {
      runWithoutTimeForASecondTurn(world);
      world.clock.advance(Duration.ofMinutes(1));
    }
    assertThat(keys).allMatch(key -> world.version(key) == 2);
    assertThat(world.sent).hasSize(due).doesNotHaveDuplicates();
  }

  private static boolean allRenewed(ScheduleWorld world, List<ConnectionKey> keys) {
    return keys.stream().allMatch(key -> world.version(key) == 2);
  }

  @Test
  void failingUsersOfOneEndpointPostponeNoGrantOfAnotherEndpoint() {
    var world = new ScheduleWorld(ONE_AFTER_ANOTHER);
    world.down.add("broken");
    IntStream.range(0, 2 * EndpointBreakers.USERS_TO_OPEN)
        .forEach(i -> world.keep("user-" + i, "broken", "broken", world.minute() - 1));
    var healthy = IntStream.range(0, 2 * EndpointBreakers.USERS_TO_OPEN)
        .mapToObj(i -> world.keep("user-" + i, "healthy", "healthy", world.minute())).toList();
    var run = world.run();
    assertThat(world.sent.stream().filter(token -> token.endsWith("broken"))).hasSize(EndpointBreakers.USERS_TO_OPEN);
    assertThat(run.skipped()).isEqualTo(EndpointBreakers.USERS_TO_OPEN);
    assertThat(run.refreshed()).isEqualTo(healthy.size());
    assertThat(healthy).allMatch(key -> world.version(key) == 2);
  }

  @Test
  void endpointThatFailsForOneUserOnlyIsAskedForAllOthers() {
    var world = new ScheduleWorld(ONE_AFTER_ANOTHER);
    world.down.add("shared");
    IntStream.range(0, 10).forEach(i -> world.keep("one", "grant-" + i, "shared", world.minute() - 1));
    assertThat(world.run().skipped()).isZero();
    world.down.clear();
    world.keep("other", "grant", "shared", world.minute());
    assertThat(world.run().refreshed()).isEqualTo(1);
  }
}
