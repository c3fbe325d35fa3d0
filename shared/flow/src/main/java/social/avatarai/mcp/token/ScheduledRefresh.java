package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.concurrent.Executor;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;

/**
 * Refreshes the grants that are due, through the {@link Refresher}, many at once. A run reads the markers of each shard
 * from the end of the last run up to now, so its cost grows with the number of due grants, not with the number of
 * stored grants.
 *
 * <p>A run that comes late, twice or beside another one of the same shards only competes for leases.
 */
public final class ScheduledRefresh {
  /**
   * Markers of the last minutes are read again. The clocks of writers and runs may be {@value RefreshTiming#SKEW_MINUTES}
   * minutes apart, and a marker may be written a moment after its minute was read.
   */
  static final int OVERLAP_MINUTES = RefreshTiming.SKEW_MINUTES + 1;
  /**
   * The most time for one attempt. A token endpoint may be silent for 8 seconds of it; the rest is for the store and for
   * the commit. With less time left, no attempt begins, because its tokens could not be stored.
   */
  static final Duration MAX_ATTEMPT = Duration.ofSeconds(12);

  private final DueGrants dueGrants;
  private final Clock clock;
  private final Journal journal;
  private final LaterMarkers later;
  private final DueGrant dueGrant;
  private final HandledMarkers handled = new HandledMarkers();
  private final Executor threads;

  public ScheduledRefresh(DueGrants dueGrants, Grants grants, GrantSwitch recorded, Refresher refresher,
      RefreshTiming timing, Clock clock, Journal journal) {
    this(dueGrants, grants, recorded, refresher, timing, clock, journal, Thread::startVirtualThread);
  }

  /**
   * The schedule with another way to run its attempts, for tests.
   *
   * @param threads runs each attempt. It may run the attempt before it returns
   */
  public ScheduledRefresh(DueGrants dueGrants, Grants grants, GrantSwitch recorded, Refresher refresher,
      RefreshTiming timing, Clock clock, Journal journal, Executor threads) {
    this.threads = threads;
    this.dueGrants = dueGrants;
    this.clock = clock;
    this.journal = journal;
    this.later = new LaterMarkers(dueGrants, handled, timing, clock);
    this.dueGrant = new DueGrant(grants, recorded, refresher, new EndpointBreakers(clock), later, clock, journal);
  }

  /**
   * The result of a run.
   *
   * @param seen markers read
   * @param refreshed grants with new tokens
   * @param postponed grants that could not be renewed now, or not any more
   * @param skipped grants that were not tried: the run had no place for them, or the breaker of their token endpoint
   *        was open
   * @param finished whether every shard was read to its end
   */
  public record Run(int seen, int refreshed, int postponed, int skipped, boolean finished) {}

  /** Works through these shards, both included. */
  public Run run(int firstShard, int lastShard, Deadline deadline) {
    var run = new RefreshRun(dueGrants, dueGrant, later, handled, clock, journal, deadline, threads);
    int shards = lastShard - firstShard + 1;
    // Each minute begins with another shard, so that one busy shard does not starve the others.
    int turn = (int) (RefreshTiming.minute(clock.instant()) % shards);
    run.over(firstShard, shards, turn);
    var count = run.count();
    var line = new HashMap<String, Object>(count.fields());
    line.put("finished", run.isFinished());
    journal.write("scheduled_refresh", line);
    return count.result(run.isFinished());
  }
}
