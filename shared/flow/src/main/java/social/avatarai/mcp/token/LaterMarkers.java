package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.token.DueGrants.Due;

/**
 * Markers for grants that a run has looked at and not renewed. A grant keeps the marker that it has if the next run
 * reads that marker again; otherwise it gets a later one.
 *
 * <p>The state of the grant is not written: a marker after the grant's own due minute counts, and another process may
 * be writing the state at this moment.
 */
final class LaterMarkers {
  /** The grants whose later marker this process remembers, so that it is not put once more for each older marker. */
  private static final int MAX_REMEMBERED = 10_000;

  private final DueGrants dueGrants;
  private final HandledMarkers handled;
  private final RefreshTiming timing;
  private final Clock clock;
  private final Map<ConnectionKey, Long> put = RecentMap.ofAtMost(MAX_REMEMBERED);

  LaterMarkers(DueGrants dueGrants, HandledMarkers handled, RefreshTiming timing, Clock clock) {
    this.handled = handled;
    this.timing = timing;
    this.dueGrants = dueGrants;
    this.clock = clock;
  }

  /** The grant of this marker is looked at again, about this long from now. */
  void postpone(Due due, Duration wait) {
    handled.lookAgain(due);
    var now = clock.instant();
    long later = RefreshTiming.minute(now.plus(timing.backoff(0, wait)), now);
    long least = Math.max(due.minute(), remembered(due.key()));
    if (isReadByTheNextRun(least, now)) return;
    dueGrants.schedule(due.key(), later);
    remember(due.key(), later);
  }

  /** The cursor may be that of a run whose clock is ahead. The overlap covers this minute nevertheless. */
  static boolean isReadByTheNextRun(long minute, Instant now) {
    return minute >= RefreshTiming.minute(now) + RefreshTiming.SKEW_MINUTES + 1 - ScheduledRefresh.OVERLAP_MINUTES;
  }

  private synchronized long remembered(ConnectionKey key) {
    return put.getOrDefault(key, 0L);
  }

  private synchronized void remember(ConnectionKey key, long minute) {
    put.merge(key, minute, Math::max);
  }
}
