package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.token.DueGrants.Due;
import social.avatarai.mcp.token.RefreshLanes.Lane;

/**
 * One run over a range of shards. The run's own thread reads markers. A virtual thread for each marker reads the grant,
 * and either begins the attempt or leaves the marker in its lane. Each attempt that ends begins those that now have
 * room. At the end, the cursors move over all markers that are done.
 */
final class RefreshRun {
  private static final int PAGE = 100;
  /** Grants that are read and opened at the same time. */
  static final int MAX_LOOKS = 32;
  /** Time reserved at the end of the run, for markers and cursors. */
  private static final Duration FOR_THE_END = Duration.ofSeconds(1);
  private static final Duration AFTER_SKIP = Duration.ofMinutes(3);

  private final DueGrants dueGrants;
  private final DueGrant dueGrant;
  private final LaterMarkers later;
  private final Clock clock;
  private final Journal journal;
  private final Deadline deadline;
  private final Executor threads;
  /** The tasks that have begun and not ended, and the run itself. */
  private final Phaser underWay = new Phaser(1);
  private final RefreshLanes lanes = new RefreshLanes();
  private final RunCount count = new RunCount();
  private final Semaphore looks = new Semaphore(MAX_LOOKS);
  /** How far each shard was read. */
  private final Map<Integer, Long> reached = new HashMap<>();
  /** The minute of the earliest marker that the cursors must not pass. */
  private final AtomicLong heldFrom = new AtomicLong(Long.MAX_VALUE);
  private boolean finished = true;

  RefreshRun(DueGrants dueGrants, DueGrant dueGrant, LaterMarkers later, Clock clock, Journal journal,
      Deadline deadline, Executor threads) {
    this.threads = threads;
    this.journal = journal;
    this.dueGrants = dueGrants;
    this.dueGrant = dueGrant;
    this.later = later;
    this.clock = clock;
    this.deadline = deadline;
  }

  RunCount count() {
    return count;
  }

  boolean isFinished() { return finished && heldFrom.get() == Long.MAX_VALUE; }

  void over(int firstShard, int shards, int turn) {
    try {
      for (int i = 0; i < shards; i++)
        read(firstShard + (turn + i) % shards);
    } finally {
      // An attempt that ends begins another one, also when all shards have been read. Each has a deadline before the end
      // of the run.
      underWay.arriveAndAwaitAdvance();
    }
    // Markers whose turn did not come. The cursor passes them, except those that can get no later marker.
    lanes.left().forEach(due -> guarded(due, () -> leave(due)));
    reached.forEach((shard, minute) -> dueGrants.advance(shard, Math.min(minute, heldFrom.get() - 1)));
  }

  private void read(int shard) {
    long from = Math.max(0, dueGrants.cursor(shard) - ScheduledRefresh.OVERLAP_MINUTES);
    // Not before the first response of the store, which corrects the clock of this process.
    long now = minute();
    // A process whose clock is ahead has read this shard. A store refuses a range that ends before it begins.
    if (from > now) return;
    var done = new HashSet<Due>();
    int limit = PAGE;
    while (true) {
      var page = dueGrants.due(shard, from, now, limit);
      for (var due : page) {
        if (!done.add(due)) continue;
        if (!mayBegin()) {
          finished = false;
          reached.put(shard, due.minute() - 1);
          return;
        }
        looks.acquireUninterruptibly();
        start(due, () -> look(due));
      }
      if (page.size() < limit) {
        reached.put(shard, now);
        return;
      }
      // A full page ends within a minute. That minute is read again from its start. If it fills a page alone, the page
      // is made larger.
      long last = page.getLast().minute();
      if (last == from) limit *= 2;
      from = last;
    }
  }

  /** The secrets of one grant end with it: thousands of grants may be due in one run. */
  private void start(Due due, Runnable task) {
    underWay.register();
    threads.execute(Journal.bound(() -> {
      try {
        share().during(() -> InvocationSecrets.within(() -> guarded(due, task)));
      } finally {
        underWay.arriveAndDeregister();
      }
    }));
  }

  /** The store failed, so this grant may have no later marker: the cursor stays before its marker. */
  private void guarded(Due due, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      journal.write("scheduled_refresh_failed", Map.of("connection", due.key().connection(), "detail",
          e.getClass().getName()));
      hold(due);
    }
  }

  private void hold(Due due) {
    heldFrom.accumulateAndGet(due.minute(), Math::min);
  }

  private void look(Due due) {
    Grant grant;
    RefreshLanes.Place place;
    try {
      count.seen.incrementAndGet();
      var found = dueGrant.look(due, count);
      if (found.isEmpty()) return;
      grant = found.get();
      place = lanes.offer(Lane.of(grant), due);
    } finally {
      looks.release();
    }
    switch (place) {
      case BEGIN -> attempt(grant, due);
      case FULL -> skip(due);
      case WAIT, SEEN -> {}
    }
  }

  private void attempt(Grant grant, Due due) {
    try {
      dueGrant.attempt(grant, due, share(), count);
    } finally {
      lanes.end(Lane.of(grant));
      beginThoseWithRoom();
    }
  }

  private void beginThoseWithRoom() {
    while (mayBegin()) {
      var next = lanes.next();
      if (next.isEmpty()) return;
      start(next.get().due(), () -> again(next.get()));
    }
  }

  /** The grant has waited, so it is read again: its refresh token may have been used in the meantime. */
  private void again(RefreshLanes.Waiting waiting) {
    try {
      dueGrant.look(waiting.due(), count)
          .ifPresent(grant -> dueGrant.attempt(grant, waiting.due(), share(), count));
    } finally {
      lanes.end(waiting.lane());
      beginThoseWithRoom();
    }
  }

  private void skip(Due due) {
    count.skippedByShare.incrementAndGet();
    later.comeBack(due, AFTER_SKIP);
  }

  private void leave(Due due) {
    if (deadline.hasAtLeast(FOR_THE_END.dividedBy(2))) {
      skip(due);
      return;
    }
    count.skippedByShare.incrementAndGet();
    if (!LaterMarkers.isReadByTheNextRun(due.minute(), clock.instant())) hold(due);
  }

  private boolean mayBegin() {
    return deadline.hasAtLeast(ScheduledRefresh.MAX_ATTEMPT.plus(FOR_THE_END));
  }

  /** The share of one attempt: it ends before the markers and cursors are written. */
  private Deadline share() {
    var left = deadline.remaining().minus(FOR_THE_END);
    return Deadline.in(left.compareTo(ScheduledRefresh.MAX_ATTEMPT) < 0 ? left : ScheduledRefresh.MAX_ATTEMPT);
  }

  private long minute() {
    return clock.instant().getEpochSecond() / 60;
  }
}
