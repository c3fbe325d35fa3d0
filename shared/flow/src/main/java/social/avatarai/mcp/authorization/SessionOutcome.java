package social.avatarai.mcp.authorization;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Scopes;

/**
 * How a flow ended, without a token: what a second telling of the same callback is answered with.
 *
 * @param error why it failed; null when it is connected
 * @param upstreamStatus the HTTP status with which the authorization server refused the code; null when none was seen
 * @param scope what was granted
 * @param expiresAt when the access token ends; null when unknown
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
