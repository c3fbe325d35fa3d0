package social.avatarai.mcp.token;

import java.time.Instant;

/**
 * A consent that came back as another account than that of the connection. The new grant waits for the user's decision,
 * and the connection keeps its own grant.
 *
 * @param id which grant waits: a decision names it, so that no other one is kept by mistake
 * @param to the account of the grant that waits
 * @param expiresAt after this moment it waits no longer
 */
public record AccountChange(GrantId id, Account to, Instant expiresAt) {

  public boolean isOver(Instant now) {
    return !now.isBefore(expiresAt);
  }
}
