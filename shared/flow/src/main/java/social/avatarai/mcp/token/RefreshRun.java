package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.token.DueGrants.Due;
import social.avatarai.mcp.token.RefreshLanes.Lane;

/**
 * One run over a range of shards. The run's own thread reads markers. A virtual thread for each marker reads the grant,
 * and either begins the attempt or leaves the marker in its lane. Each attempt that ends begins those that now have
 * room. At the end, the cursors move over all markers that are done. A shard that fails stops no other shard.
 */
final class RefreshRun {
  private static final int PAGE = 100;
  /** Grants that are read and opened at the same time. */
  static final int MAX_LOOKS = 32;
  /** Later markers and cursors that are written at the same time, at the end of the run. */
  private static final int MAX_WRITES = 32;
  /** Time reserved at the end of the run, for markers and cursors. */
  private static final Duration FOR_THE_END = Duration.ofSeconds(3);
  private static final Duration FOR_ATTEMPT_AND_END = ScheduledRefresh.MAX_ATTEMPT.plus(FOR_THE_END);
  private static final Duration FOR_CURSORS = Duration.ofSeconds(1);
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
  private final RunCursors cursors;
  private final HandledMarkers handled;
  /** The markers of this run. */
  private final Set<Due> begun = ConcurrentHashMap.newKeySet();
  private volatile boolean finished = true;

  RefreshRun(DueGrants dueGrants, DueGrant dueGrant, LaterMarkers later, HandledMarkers handled, Clock clock,
      Journal journal,
      Deadline deadline, Executor threads) {
    this.threads = threads;
    this.journal = journal;
    this.dueGrants = dueGrants;
    this.dueGrant = dueGrant;
    this.later = later;
    this.handled = handled;
    this.clock = clock;
    this.deadline = deadline;
    this.cursors = new RunCursors(dueGrants, clock);
  }

  RunCount count() {
    return count;
  }

  boolean isFinished() { return finished && !cursors.areHeld(); }

  void over(int firstShard, int shards, int turn) {
    for (int i = 0; i < shards; i++) {
      int shard = firstShard + (turn + i) % shards;
      ofShard(shard, () -> read(shard));
    }
    // An attempt that ends begins another one, also when all shards have been read. Each has a deadline before the end
    // of the run.
    underWay.arriveAndAwaitAdvance();
    // Markers whose turn did not come. The cursor passes them, except those that can get no later marker.
    inParallel(lanes.left().stream().<Runnable>map(due -> () -> guarded(due, () -> leave(due))).toList());
    inParallel(cursors.shards().stream().<Runnable>map(shard -> () -> ofShard(shard, () -> cursors.move(shard)))
        .toList());
    handled.note(begun, RefreshTiming.minute(clock.instant()));
  }

  private void inParallel(List<Runnable> writes) {
    var places = new Semaphore(MAX_WRITES);
    for (var write : writes) {
      places.acquireUninterruptibly();
      begin(() -> {
        try {
          deadline.during(write);
        } finally {
          places.release();
        }
      });
    }
    underWay.arriveAndAwaitAdvance();
  }

  /** The next run reads again what a failure of the store keeps from being read now. */
  private void ofShard(int shard, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      journal.write("scheduled_refresh_shard_failed", Map.of("shard", shard, "detail", e.getClass().getName()));
      finished = false;
    }
  }

  private void read(int shard) {
    var span = cursors.span(shard);
    long from = span.from();
    var done = new HashSet<Due>();
    int limit = PAGE;
    while (true) {
      var page = dueGrants.due(shard, from, span.to(), limit);
      for (var due : page) {
        if (handled.contains(due) || !done.add(due)) continue;
        if (!mayBegin()) {
          finished = false;
          cursors.reach(shard, due.minute() - 1);
          return;
        }
        looks.acquireUninterruptibly();
        begun.add(due);
        start(due, () -> look(due));
      }
      if (page.size() < limit) {
        cursors.reach(shard, span.to());
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
    begin(() -> share().during(() -> InvocationSecrets.within(() -> guarded(due, task))));
  }

  private void begin(Runnable task) {
    underWay.register();
    threads.execute(Journal.bound(() -> {
      try {
        task.run();
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
      cursors.hold(due);
      handled.lookAgain(due);
    }
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
    inPlace(Lane.of(grant), () -> attemptInTime(grant, due));
  }

  /** The grant has waited, so it is read again: its refresh token may have been used in the meantime. */
  private void attemptAfterWait(RefreshLanes.Waiting waiting) {
    var due = waiting.due();
    inPlace(waiting.lane(), () -> dueGrant.look(due, count).ifPresent(grant -> attemptInTime(grant, due)));
  }

  /** Works in a place of this lane, gives the place back, and begins the attempts that then have room. */
  private void inPlace(Lane lane, Runnable attempt) {
    try {
      attempt.run();
    } finally {
      lanes.end(lane);
      beginThoseWithRoom();
    }
  }

  /** The task may have waited for a thread until no attempt may begin any more. */
  private void attemptInTime(Grant grant, Due due) {
    if (mayBegin()) dueGrant.attempt(grant, due, share(), count);
    else
      leave(due);
  }

  private void beginThoseWithRoom() {
    while (mayBegin()) {
      var next = lanes.next();
      if (next.isEmpty()) return;
      start(next.get().due(), () -> attemptAfterWait(next.get()));
    }
  }

  private void skip(Due due) {
    count.skippedByShare.incrementAndGet();
    later.postpone(due, AFTER_SKIP);
  }

  private void leave(Due due) {
    handled.lookAgain(due);
    count.skippedByShare.incrementAndGet();
    if (deadline.hasAtLeast(FOR_CURSORS)) {
      // The next run looks again for a user who has had no turn.
      later.postpone(due, lanes.hadTurn(due.key().user()) ? AFTER_SKIP : Duration.ZERO);
    } else if (!LaterMarkers.isReadByTheNextRun(due.minute(), clock.instant())) {
      cursors.hold(due);
    }
  }

  private boolean mayBegin() {
    return deadline.hasAtLeast(FOR_ATTEMPT_AND_END);
  }

  /** The share of one attempt: it ends before the markers and cursors are written. */
  private Deadline share() {
    return Deadline.in(deadline.remaining(FOR_ATTEMPT_AND_END).minus(FOR_THE_END));
  }
}
