package social.avatarai.mcp.token;

import java.time.Instant;

/**
 * The grant of a consent that came back as another account, until its user decides. It is never used while it waits.
 *
 * @param grant the grant
 * @param expiresAt after this moment it is not kept any more, even if the row is still there
 */
public record WaitingGrant(Grant grant, Instant expiresAt) {

  AccountChange change() {
    var to = Account.of(grant.tokens().identity());
    if (to == null) throw new IllegalArgumentException("waits without an account");
    return new AccountChange(grant.id(), to, expiresAt);
  }
}
