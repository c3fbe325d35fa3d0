package social.avatarai.mcp.server;

import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.token.Grant.Warning;

/**
 * A connection of a user as it is shown; no token has a place in it.
 *
 * @param id the server's {@code mcpId}, or {@code r:} and the digest of the resource
 * @param status how it is doing
 * @param cause why, as one word; null when there is no more to say. One of {@link Cause}, or an error code
 * @param issuer who gave the grant, else the issuer that the server's record names; null when neither is known
 * @param resource what the grant is for; null without a grant
 * @param scope what was granted; null without a grant
 * @param expiresAt when the access token ends; null when there is none, or the issuer does not say
 * @param lastUsedAt when a request last used the grant, to the hour, and at first when it was given; null without a grant
 * @param warnings what is unusual about it, though it works
 * @param error why connecting its server failed last; null when it did not
 */
public record ConnectionView(ConnectionId id, Status status, @Nullable String cause, @Nullable Issuer issuer,
    @Nullable ResourceUri resource, @Nullable Scopes scope, @Nullable Instant expiresAt, @Nullable Instant lastUsedAt,
    Set<Warning> warnings, @Nullable ConnectionError error) {

  public ConnectionView {
    warnings = Set.copyOf(warnings);
  }

  /** Why a connection is in its state, where no error code says it. */
  public enum Cause {
    /** A flow has begun, and no consent has come back. */
    CONSENT_PENDING,
    /** The authorization server refuses to renew the grant. */
    REFRESH_REFUSED,
    /** The access token has ended, and the authorization server gave no refresh token. */
    TOKEN_EXPIRED,
    /** The last attempts to renew the grant failed; they go on. */
    REFRESH_FAILING,
    /** What is stored of it cannot be read any more. */
    UNREADABLE;

    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
