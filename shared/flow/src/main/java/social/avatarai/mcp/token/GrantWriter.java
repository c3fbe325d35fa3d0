package social.avatarai.mcp.token;

import java.util.Map;
import java.util.function.Supplier;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;

/**
 * Writes a grant, and the marker by which the scheduled refresh finds the grant.
 *
 * <p>The marker is written first. A marker without its grant is stale and harmless, but a grant without its marker
 * would never be refreshed. The grant is often the only copy of a refresh token. So the marker gets at most half of the
 * time and is tried once more after the grant is stored. The write of the grant is repeated as long as there is time.
 */
public final class GrantWriter {
  private final DueGrants dueGrants;
  private final StoreRetry retry;
  private final Journal journal;

  public GrantWriter(DueGrants dueGrants, StoreRetry retry, Journal journal) {
    this.dueGrants = dueGrants;
    this.retry = retry;
    this.journal = journal;
  }

  /**
   * Writes the marker, if the grant is ever due, and the grant.
   *
   * @param call writes the grant. It is repeated after a failure, so it must recognise its own earlier try
   */
  public <T> T write(Grant grant, Deadline deadline, Supplier<T> call) {
    if (grant.state().dueMinute() <= 0) return retry.of(grant.key(), deadline, call);
    boolean marked = schedule(grant, Deadline.in(deadline.remaining().dividedBy(2)));
    T written = retry.of(grant.key(), deadline, call);
    if (!marked) schedule(grant, deadline);
    return written;
  }

  private boolean schedule(Grant grant, Deadline share) {
    try {
      share.during(() -> dueGrants.schedule(grant.key(), grant.state().dueMinute()));
      return true;
    } catch (RuntimeException e) {
      journal.write("due_marker_failed",
          Map.of("connection", grant.key().connection(), "detail", e.getClass().getName()));
      return false;
    }
  }
}
