package social.avatarai.mcp.token;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.token.Revocation.Result;

/**
 * Finds and ends the grants of connections. Ending a grant needs no key: a grant that cannot be opened is deleted
 * without a revocation, because otherwise its connection could never be ended.
 */
public final class HeldGrants {
  private final Grants grants;
  private final GrantSummaries summaries;
  private final Revocation revocation;
  private final Journal journal;

  public HeldGrants(Grants grants, GrantSummaries summaries, Revocation revocation, Journal journal) {
    this.grants = grants;
    this.summaries = summaries;
    this.revocation = revocation;
    this.journal = journal;
  }

  /** The grant of a connection: one read. */
  public Optional<HeldGrant> find(ConnectionKey key) {
    try {
      return grants.read(key).map(grant -> new HeldGrant(key, grant, ""));
    } catch (Failure.Misconfigured e) {
      return Optional.of(new HeldGrant(key, null, e.detail()));
    }
  }

  /**
   * The part of a grant that may be shown. A grant that cannot be opened costs one more read. The result is empty if
   * the row has too few attributes. The unencrypted attributes of a grant that cannot be opened may have been edited:
   * compare them, but send nothing to the addresses in them.
   */
  public Optional<GrantSummary> summary(HeldGrant held) {
    var key = held.key();
    return held.opened().map(GrantSummary::of).or(() -> summaries.read(key.user(), List.of(key.connection())).stream()
        .findFirst().flatMap(Listed::read));
  }

  /** The grant of a connection; empty also if the grant cannot be opened, which is logged. */
  public Optional<Grant> findOpened(ConnectionKey key) {
    var held = find(key);
    held.filter(one -> one.opened().isEmpty()).ifPresent(one -> note(key, false, one.fault()));
    return held.flatMap(HeldGrant::opened);
  }

  /** Ends a grant, and the grants that it has replaced. */
  public Result end(HeldGrant held, Deadline deadline) {
    return held.opened().map(grant -> revocation.end(grant, deadline)).orElseGet(() -> erase(held, deadline));
  }

  private Result erase(HeldGrant held, Deadline deadline) {
    if (!grants.eraseUnopened(held.key())) {
      return find(held.key()).map(current -> end(current, deadline)).orElse(Result.NOTHING);
    }
    note(held.key(), true, held.fault());
    // The client of the erased grant is not known for certain, so all kept tokens of the user are checked.
    revocation.endLeft(held.key(), deadline);
    return Result.NOTHING;
  }

  private void note(ConnectionKey key, boolean erased, String fault) {
    journal.write("grant_unreadable", Map.of("connection", key.connection(), "erased", erased, "detail", fault));
  }
}
