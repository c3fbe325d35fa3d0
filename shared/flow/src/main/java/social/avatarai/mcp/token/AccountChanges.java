package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;

/**
 * Consents that came back as another account. The grant of such a consent waits, and the connection keeps the grant that
 * it has, until the user decides.
 *
 * <p>The tokens that wait are noted like those of a grant that is gone, see {@link KeptTokens}, before they wait. So they
 * are revoked with the last grant of their client, whether the user decides, lets the time run out, disconnects or is
 * forgotten. The row of the grant in use names the one that waits. Without that word nothing that waits is kept, so a
 * disconnect and another consent end the waiting too.
 */
public final class AccountChanges {
  /** How long a grant waits for its user's decision. */
  public static final Duration CHANGE_LIFE = Duration.ofMinutes(10);

  private final Grants grants;
  private final WaitingGrants waiting;
  private final KeptTokens kept;
  private final Clock clock;
  private final Journal journal;

  public AccountChanges(Grants grants, WaitingGrants waiting, KeptTokens kept, Clock clock, Journal journal) {
    this.grants = grants;
    this.waiting = waiting;
    this.kept = kept;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * Lets a grant wait beside the grant that the connection has.
   *
   * @return false if the connection has another grant by now; then the grant does not wait
   */
  public boolean hold(Grant given, Grant held) {
    var token = kept.keepWaiting(given);
    var one = new WaitingGrant(given, clock.instant().plus(CHANGE_LIFE));
    waiting.keep(one);
    boolean noted = grants.noteAccountChange(held, one.change());
    if (!noted) {
      waiting.forget(one);
      kept.forget(token);
    }
    note("account_changed", given.key(), noted ? "waiting" : "overtaken");
    return noted;
  }

  /** The grant that waits under this id; {@code unknown_state} if there is none, or none any more. */
  public WaitingGrant find(ConnectionKey connection, GrantId id) {
    return waiting.find(connection).filter(one -> one.grant().id().equals(id))
        .filter(one -> clock.instant().isBefore(one.expiresAt())).orElseThrow(AccountChanges::unknown);
  }

  /** Drops the grant that waits: the connection keeps its own. */
  public void decline(WaitingGrant declined, Deadline deadline) {
    var grant = declined.grant();
    grants.endAccountChange(grant.key(), grant.id());
    waiting.forget(declined);
    var _ = kept.keepOrRevoke(grant, deadline);
    note("account_change_decided", grant.key(), "declined");
  }

  /** Ends the waiting of a grant that is stored by now. */
  public void confirmed(WaitingGrant stored) {
    kept.forget(stored.grant());
    waiting.forget(stored);
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
