package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.token.Grants.Waited;

/**
 * Ends the waiting of grants that no decision can store any more: a later one waits in their place, the grant of the
 * connection is gone, or nobody has decided.
 *
 * <p>The order is always the same. First nothing names the grant any more, so it cannot be stored. Then its row is
 * deleted, so it protects no token. Then its token is revoked, or kept until it can be.
 */
public final class WaitingEnds {
  /** The maximum time for the issuer. A caller waits for something else. */
  private static final Duration FOR_THE_ISSUER = Duration.ofSeconds(5);

  private final Grants grants;
  private final WaitingGrants waiting;
  private final KeptTokens kept;
  private final Clock clock;
  private final Journal journal;

  public WaitingEnds(Grants grants, WaitingGrants waiting, KeptTokens kept, Clock clock, Journal journal) {
    this.grants = grants;
    this.waiting = waiting;
    this.kept = kept;
    this.clock = clock;
    this.journal = journal;
  }

  /** Deletes the row of what a row that is gone has named. Its token is still kept. */
  void forget(ConnectionKey connection, Optional<Waited> unnamed) {
    unnamed.ifPresent(one -> waiting.forget(connection, one.id()));
  }

  /**
   * Ends a grant that waits: nothing names it any more, and its row is gone. Its token is still kept.
   *
   * @return false if nothing named it, for example because the user has decided meanwhile
   */
  boolean withdraw(ConnectionKey connection, GrantId waits) {
    boolean named = grants.endAccountChange(connection, waits);
    waiting.forget(connection, waits);
    return named;
  }

  /**
   * Deletes the rows of all grants that wait for a connection without a grant. Their tokens are kept first: after the
   * death of a process, a row may have the only copy.
   */
  void forgetAll(ConnectionKey connection) {
    waiting.forgetAll(connection, kept::keep);
  }

  /** Ends a grant that nothing names any more. It never fails: what is left is revoked by a later call. */
  public void end(ConnectionKey connection, Optional<Waited> unnamed, Deadline deadline) {
    if (unnamed.isEmpty()) return;
    attempt(connection, () -> {
      forget(connection, unnamed);
      var _ = kept.settle(connection, Deadline.in(deadline.remaining(FOR_THE_ISSUER)));
      note(connection, "ended");
    });
  }

  /**
   * Ends what waited beside a grant that was replaced. If that is the stored grant itself, only its row is deleted: the
   * row would protect the token even after the grant has ended. It never fails.
   */
  void endReplaced(Grant stored, Optional<Waited> named, Deadline deadline) {
    boolean isItself = named.filter(one -> one.id().equals(stored.id())).isPresent();
    if (isItself) attempt(stored.key(), () -> forget(stored.key(), named));
    else
      end(stored.key(), named, deadline);
  }

  /** Ends a grant that has waited in vain beside a grant in use. It never fails. */
  void endOverdue(Grant inUse, Optional<Waited> named, Deadline deadline) {
    var over = named.filter(one -> !WaitingGrant.mayBeStored(one.expiresAt(), clock.instant()));
    if (over.isEmpty()) return;
    attempt(inUse.key(), () -> {
      if (withdraw(inUse.key(), over.get().id())) end(inUse.key(), over, deadline);
    });
  }

  private void attempt(ConnectionKey connection, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      note(connection, e.getClass().getName());
    }
  }

  private void note(ConnectionKey connection, String detail) {
    journal.write("account_change_over", Map.of("connection", connection.connection(), "detail", detail));
  }
}
