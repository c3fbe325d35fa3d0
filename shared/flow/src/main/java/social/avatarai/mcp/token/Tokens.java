package social.avatarai.mcp.token;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;

/**
 * The tokens of a grant.
 *
 * @param accessToken for the resource
 * @param refreshToken for the issuer; null when it gives none
 * @param scope what was granted
 * @param obtainedAt when the answer came
 * @param expiresAt when the access token ends; null when the issuer does not say
 */
public record Tokens(AccessToken accessToken, @Nullable RefreshToken refreshToken, Scopes scope, Instant obtainedAt,
    @Nullable Instant expiresAt) {

  public boolean isExpired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  /** Whether the access token lives longer than a day, or says no end (the user's security checklist). */
  public boolean isLongLived() {
    return expiresAt == null || expiresAt.isAfter(obtainedAt.plus(Duration.ofDays(1)));
  }
}
