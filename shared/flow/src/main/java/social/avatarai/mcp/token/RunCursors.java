package social.avatarai.mcp.token;

import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import social.avatarai.mcp.token.DueGrants.Due;

/** The cursors of the shards of one run: from which minute a shard is read, and how far its cursor may move. */
final class RunCursors {
  /** A cursor ahead of the time does not say what was read, so this much before the present is read once more. */
  private static final int READ_BACK_MINUTES = 60;

  private final DueGrants dueGrants;
  private final Clock clock;
  /** The cursors that are ahead of the time, as they were read. */
  private final Map<Integer, Long> ahead = new ConcurrentHashMap<>();
  /** How far each shard was read. */
  private final Map<Integer, Long> reached = new ConcurrentHashMap<>();
  /** The minute of the earliest marker of a shard that its cursor must not pass. */
  private final Map<Integer, Long> heldFrom = new ConcurrentHashMap<>();

  RunCursors(DueGrants dueGrants, Clock clock) {
    this.dueGrants = dueGrants;
    this.clock = clock;
  }

  /** The minutes whose markers a run reads, both included. */
  record Span(long from, long to) {}

  Span span(int shard) {
    long cursor = dueGrants.cursor(shard);
    // After a response of the store, because the store's time corrects the clock.
    long now = RefreshTiming.minute(clock.instant());
    boolean isWrong = cursor > now + RefreshTiming.SKEW_MINUTES;
    if (isWrong) ahead.put(shard, cursor);
    long back = isWrong ? READ_BACK_MINUTES : ScheduledRefresh.OVERLAP_MINUTES;
    return new Span(Math.max(0, Math.min(cursor, now) - back), now);
  }

  void reach(int shard, long minute) {
    reached.put(shard, minute);
  }

  /** Keeps the cursor of this marker's shard before the marker. */
  void hold(Due due) {
    heldFrom.merge(dueGrants.shardOf(due.key()), due.minute(), Math::min);
  }

  boolean areHeld() {
    return !heldFrom.isEmpty();
  }

  /** The shards whose cursors may move. */
  Set<Integer> shards() {
    return reached.keySet();
  }

  /** Moves the cursor of a shard that was read: over all markers that are done, and never beyond the time. */
  void move(int shard) {
    long held = heldFrom.getOrDefault(shard, Long.MAX_VALUE);
    long minute = Math.min(RefreshTiming.minute(clock.instant()),
        Math.min(reached.getOrDefault(shard, 0L), held - 1));
    var wrong = ahead.get(shard);
    if (wrong == null) dueGrants.advance(shard, minute);
    else
      dueGrants.bringBack(shard, wrong, minute);
  }
}
