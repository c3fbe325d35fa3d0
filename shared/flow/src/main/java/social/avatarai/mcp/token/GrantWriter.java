package social.avatarai.mcp.token;

import java.util.Map;
import java.util.function.Supplier;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;

/**
 * Writes a grant, and the marker by which the scheduled refresh finds it.
 *
 * <p>The marker first: one without its grant is stale and harmless, a grant without its marker would be forgotten. But what
 * is written is often the only copy of a refresh token, so a marker that cannot be written takes half of the time at most,
 * and is tried once more when the grant is safe. And the grant itself is written as long as there is time, whatever the store
 * says.
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
   * Marks the grant, if it is ever due, and writes it.
   *
   * @param call writes it. It is tried again where it fails, so it must recognise its own earlier try
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
