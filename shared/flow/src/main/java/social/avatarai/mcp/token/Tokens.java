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
 * @param refreshToken for the issuer; null if there is none
 * @param scope the granted scopes
 * @param obtainedAt when the token response came
 * @param expiresAt when the access token expires; null if the issuer does not say
 * @param identity the account that the tokens belong to; null if the issuer does not say
 */
public record Tokens(AccessToken accessToken, @Nullable RefreshToken refreshToken, Scopes scope, Instant obtainedAt,
    @Nullable Instant expiresAt, @Nullable Identity identity) {

  /** Tokens of an unknown account. */
  public Tokens(AccessToken accessToken, @Nullable RefreshToken refreshToken, Scopes scope, Instant obtainedAt,
      @Nullable Instant expiresAt) {
    this(accessToken, refreshToken, scope, obtainedAt, expiresAt, null);
  }

  /** The same tokens, of this account; null if it is not known. */
  public Tokens of(@Nullable Identity account) {
    return new Tokens(accessToken, refreshToken, scope, obtainedAt, expiresAt, account);
  }

  public boolean isExpired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  /** Whether the access token lives longer than a day, or has no known end (the guide's security checklist). */
  public boolean isLongLived() {
    return expiresAt == null || expiresAt.isAfter(obtainedAt.plus(Duration.ofDays(1)));
  }
}
