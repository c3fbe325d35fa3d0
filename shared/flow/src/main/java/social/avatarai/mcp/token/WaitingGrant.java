package social.avatarai.mcp.token;

import java.time.Duration;
import java.time.Instant;

/**
 * The grant of a consent that came back as another account, until its user decides. It is never used while it waits.
 *
 * @param grant the grant
 * @param expiresAt after this moment it is not kept any more, even if the row is still there
 */
public record WaitingGrant(Grant grant, Instant expiresAt) {
  /** A decision that was taken in time has ended by then, also in a process whose clock differs a little. */
  private static final Duration DECISIONS_OVER = Duration.ofMinutes(1);

  /** Whether a grant that waits until this moment may still be stored in its connection, so that its token must live. */
  public static boolean mayBeStored(Instant expiresAt, Instant now) {
    return now.isBefore(expiresAt.plus(DECISIONS_OVER));
  }

  AccountChange change() {
    var to = Account.of(grant.tokens().identity());
    if (to == null) throw new IllegalArgumentException("waits without an account");
    return new AccountChange(grant.id(), to, expiresAt);
  }
}
