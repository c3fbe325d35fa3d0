package social.avatarai.mcp.authorization;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Scopes;

/**
 * How a flow ended, without tokens. A repeated callback gets this outcome.
 *
 * @param error why the flow failed; null if it succeeded
 * @param upstreamStatus the HTTP status with which the authorization server refused the code; null if there was none
 * @param scope the granted scopes
 * @param expiresAt when the access token expires; null if unknown
 */
public record SessionOutcome(@Nullable ErrorCode error, @Nullable Integer upstreamStatus, Scopes scope,
    @Nullable Instant expiresAt) {

  public static SessionOutcome connected(Scopes scope, @Nullable Instant expiresAt) {
    return new SessionOutcome(null, null, scope, expiresAt);
  }

  public static SessionOutcome failed(ErrorCode error) {
    return failed(error, null);
  }

  public static SessionOutcome failed(ErrorCode error, @Nullable Integer upstreamStatus) {
    return new SessionOutcome(error, upstreamStatus, Scopes.none(), null);
  }
}
