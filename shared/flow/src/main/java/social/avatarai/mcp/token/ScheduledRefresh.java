package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.token.DueGrants.Due;

/**
 * Refreshes the grants that are due, through the {@link Refresher}. A run reads the markers of each shard from the end
 * of the last run up to now, so its cost grows with the number of due grants, not with the number of stored grants.
 */
public final class ScheduledRefresh {
  /** Markers of the last minutes are read again, because the clocks of writers and readers differ. */
  private static final int OVERLAP_MINUTES = 2;
  private static final int PAGE = 100;
  /** The most time for one grant. With less time left the run ends, and the next run goes on from here. */
  private static final Duration FOR_ONE = Duration.ofSeconds(8);
  private static final Duration AFTER_UNREADABLE = Duration.ofMinutes(30);

  private final DueGrants dueGrants;
  private final Grants grants;
  private final Refresher refresher;
  private final Clock clock;
  private final Journal journal;

  public ScheduledRefresh(DueGrants dueGrants, Grants grants, Refresher refresher, Clock clock, Journal journal) {
    this.dueGrants = dueGrants;
    this.grants = grants;
    this.refresher = refresher;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * The result of a run.
   *
   * @param seen markers read
   * @param refreshed grants with new tokens
   * @param postponed grants that could not be renewed now, or not any more
   * @param finished whether every shard was read to its end
   */
  public record Run(int seen, int refreshed, int postponed, boolean finished) {
    private Run plus(Run other) {
      return new Run(seen + other.seen, refreshed + other.refreshed, postponed + other.postponed,
          finished && other.finished);
    }
  }

  /** Works through these shards, both included. */
  public Run run(int firstShard, int lastShard, Deadline deadline) {
    var total = new Run(0, 0, 0, true);
    int shards = lastShard - firstShard + 1;
    // Each minute begins with another shard, so that one busy shard does not starve the others.
    long turn = clock.instant().getEpochSecond() / 60;
    for (int i = 0; i < shards; i++)
      total = total.plus(runShard(firstShard + (int) ((turn + i) % shards), deadline));
    journal.write("scheduled_refresh", Map.of("seen", total.seen(), "refreshed", total.refreshed(), "postponed",
        total.postponed(), "finished", total.finished()));
    return total;
  }

  private Run runShard(int shard, Deadline deadline) {
    long now = clock.instant().getEpochSecond() / 60;
    long from = Math.max(0, dueGrants.cursor(shard) - OVERLAP_MINUTES);
    var total = new Run(0, 0, 0, true);
    var done = new HashSet<Due>();
    int limit = PAGE;
    while (true) {
      var page = dueGrants.due(shard, from, now, limit);
      for (var due : page) {
        if (!done.add(due)) continue;
        if (!deadline.hasAtLeast(FOR_ONE)) return stop(shard, due.minute() - 1, total);
        total = total.plus(alone(due, deadline));
      }
      if (page.size() < limit) return finish(shard, now, total);
      // A full page ends within a minute. That minute is read again from its start, with a larger page if it fills one
      // alone.
      long last = page.getLast().minute();
      if (last == from) limit *= 2;
      from = last;
    }
  }

  private Run stop(int shard, long reached, Run total) {
    dueGrants.advance(shard, reached);
    return new Run(total.seen(), total.refreshed(), total.postponed(), false);
  }

  private Run finish(int shard, long now, Run total) {
    dueGrants.advance(shard, now);
    return total;
  }

  /** The secrets of one grant end with it: thousands of grants may be due in one run. */
  private Run alone(Due due, Deadline deadline) {
    try {
      return InvocationSecrets.during(() -> look(due, deadline));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("looking at a grant throws nothing checked", e);
    }
  }

  private Run look(Due due, Deadline deadline) {
    try {
      return grants.read(due.key()).filter(grant -> isDue(grant, due)).map(grant -> refresh(grant, deadline))
          .orElse(new Run(1, 0, 0, true));
    } catch (Failure e) {
      // The grant is not readable now, or ever. The run passes its marker, so it gets another one.
      journal.write("scheduled_refresh_unreadable", Map.of("connection", due.key().connection(), "detail", e.detail()));
      dueGrants.schedule(due.key(), later(AFTER_UNREADABLE));
      return new Run(1, 0, 1, true);
    }
  }

  /** A marker from before the grant's own minute is stale. A grant whose server is switched off is never due. */
  private static boolean isDue(Grant grant, Due due) {
    return grant.enabled() && grant.state().dueMinute() > 0 && grant.state().dueMinute() <= due.minute();
  }

  private Run refresh(Grant grant, Deadline deadline) {
    try {
      var share = Deadline.in(deadline.remaining(FOR_ONE));
      boolean renewed = refresher.newerThan(grant, share) instanceof Freshness.Fresh;
      if (!renewed) reschedule(grant);
      return new Run(1, renewed ? 1 : 0, renewed ? 0 : 1, true);
    } catch (RuntimeException e) {
      // A failure of one grant must not stop the run. The grant gets another marker.
      journal.write("scheduled_refresh_failed", Map.of("connection", grant.key().connection(), "detail",
          e.getClass().getName()));
      reschedule(grant);
      return new Run(1, 0, 1, true);
    }
  }

  /** Gives a grant that could not be renewed another marker, unless the attempt has already set another time. */
  private void reschedule(Grant seen) {
    var current = grants.read(seen.key()).orElse(seen);
    boolean unchanged = current.state().dueMinute() == seen.state().dueMinute();
    if (!unchanged || current.state().needsReauthorization()) return;
    long due = later(Duration.ofMinutes(1));
    dueGrants.schedule(current.key(), due);
    grants.noteState(current.dueAt(due));
  }

  private long later(Duration wait) {
    var now = clock.instant();
    return RefreshTiming.minute(now.plus(RefreshTiming.backoff(1, wait)), now);
  }
}
