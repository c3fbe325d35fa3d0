package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.token.Grants.Waited;

/**
 * Consents that came back as another account. The grant of such a consent waits, and the connection keeps the grant that
 * it has, until the user decides.
 *
 * <p>The tokens that wait are noted like those of a grant that is gone, see {@link KeptTokens}. As long as the user can
 * decide, what waits counts as a grant, so the end of another grant does not revoke it. The row of the
 * grant in use names the one that waits. Without that word nothing that waits is stored, so a disconnect and another
 * consent end the waiting too, see {@link WaitingEnds}. If nobody decides, the next refresh revokes what has waited.
 */
public final class AccountChanges {
  /** How long a grant waits for its user's decision. */
  public static final Duration CHANGE_LIFE = Duration.ofMinutes(10);

  private final Grants grants;
  private final WaitingGrants waiting;
  private final KeptTokens kept;
  private final WaitingEnds ends;
  private final Revocation revocation;
  private final StoreRetry retry;
  private final Clock clock;
  private final Journal journal;

  public AccountChanges(Grants grants, WaitingGrants waiting, KeptTokens kept, WaitingEnds ends, Revocation revocation,
      StoreRetry retry, Clock clock, Journal journal) {
    this.grants = grants;
    this.waiting = waiting;
    this.kept = kept;
    this.ends = ends;
    this.revocation = revocation;
    this.retry = retry;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * Lets a grant wait beside the grant that the connection has. Another one that waited there waits no more. The code is
   * spent, so each write is repeated as long as there is time. If this fails, the grant may wait or not: {@link #drop} it.
   *
   * @return false if the connection has another grant by now; then the grant does not wait
   */
  public boolean hold(Grant given, Grant held, Deadline deadline) {
    var one = new WaitingGrant(given, clock.instant().plus(CHANGE_LIFE));
    // In this order: the row protects the token, which could be revoked from the moment on that it is kept.
    retry.of(given.key(), deadline, () -> {
      waiting.keep(one);
      return one;
    });
    var token = retry.of(given.key(), deadline, () -> kept.keepWaiting(given));
    var noted = retry.of(given.key(), deadline, () -> grants.noteAccountChange(held, one.change()));
    if (!noted.done()) {
      waiting.forget(given.key(), given.id());
      kept.forget(token);
    }
    note("account_changed", given.key(), noted.done() ? "waiting" : "overtaken");
    ends.end(given.key(), noted.waited(), deadline);
    return noted.done();
  }

  /**
   * Drops the tokens of a grant that waits, or that may wait. As long as the user could decide for them, they are not
   * revoked. It never fails.
   *
   * @param current the grant that the connection has
   */
  public void drop(Grant given, Optional<Grant> current, Deadline deadline) {
    try {
      ends.withdraw(given.key(), given.id());
    } catch (RuntimeException e) {
      // The kept token is revoked by a later call.
      note("account_change_over", given.key(), e.getClass().getName());
      return;
    }
    revocation.drop(given, current, deadline);
  }

  /** The grant that waits under this id; {@code unknown_state} if there is none, or none any more. */
  public WaitingGrant find(ConnectionKey connection, GrantId id) {
    return waiting.find(connection, id)
        .filter(one -> clock.instant().isBefore(one.expiresAt())).orElseThrow(AccountChanges::unknown);
  }

  /**
   * Drops the grant that waits: the connection keeps its own. {@code unknown_state} if the user has decided otherwise
   * meanwhile.
   */
  public void decline(WaitingGrant declined, Deadline deadline) {
    var grant = declined.grant();
    if (!ends.withdraw(grant.key(), grant.id())) {
      // If the grant is in use, that grant protects its token.
      ends.end(grant.key(), Optional.of(new Waited(grant.id(), declined.expiresAt())), deadline);
      throw unknown();
    }
    var _ = kept.keepOrRevoke(grant, deadline);
    note("account_change_decided", grant.key(), "declined");
  }

  /** Ends the waiting of a grant that is stored by now. */
  public void confirmed(WaitingGrant stored) {
    kept.forget(stored.grant());
    waiting.forget(stored.grant().key(), stored.grant().id());
    note("account_change_decided", stored.grant().key(), "confirmed");
  }

  /** The failure of a consent whose grant waits. */
  public static Failure changed() {
    return new Failure.BadRequest(ErrorCode.ACCOUNT_CHANGED,
        "The consent came back as another account at the authorization server. The connection keeps its own account, "
            + "unless the user decides otherwise within " + CHANGE_LIFE.toMinutes() + " minutes: read both accounts "
            + "in the connection, and send the decision to complete.");
  }

  /** The failure of a decision about a grant that does not wait. */
  public static Failure unknown() {
    return new Failure.Unknown(ErrorCode.UNKNOWN_STATE,
        "No other account waits for a decision under this account_change; connect again.");
  }

  private void note(String event, ConnectionKey key, String detail) {
    journal.write(event, Map.of("connection", key.connection(), "detail", detail));
  }
}
