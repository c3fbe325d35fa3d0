package social.avatarai.mcp.token;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.token.Leases.Lease;

/**
 * An attempt to refresh a grant.
 *
 * @param grant the grant as it was read, with the endpoint that the refresh token was sent to
 * @param from the state that failures are counted from: the grant's own, or as if no attempt had failed
 * @param lease the lease under which the refresh token was sent
 * @param usedSecret the digest of the client secret that was sent with it; null if there was none
 * @param deadline the time by which the outcome must be recorded
 */
record RefreshAttempt(Grant grant, GrantState from, Lease lease, @Nullable String usedSecret, Deadline deadline) {
  RefreshAttempt at(Grant sent) {
    return new RefreshAttempt(sent, from, lease, usedSecret, deadline);
  }

  RefreshAttempt withoutSecret() {
    return new RefreshAttempt(grant, from, lease, null, deadline);
  }
}
