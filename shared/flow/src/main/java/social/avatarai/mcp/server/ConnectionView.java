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
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.Grant.Warning;

/**
 * A connection as its user sees it. It contains no token.
 *
 * @param id the server's {@code mcpId}, or {@code r:} and the digest of the resource
 * @param status the status of the connection
 * @param cause the reason for the status: a word of {@link Cause}, of the grant's state, or an error code; null when the
 *        status needs none
 * @param issuer the issuer of the grant, else the issuer that the server's record names; null when neither is known
 * @param resource the resource of the grant; null without a grant
 * @param scope the granted scopes; null without a grant
 * @param expiresAt when the access token expires; null without a token, or when the issuer does not say
 * @param lastUsedAt when a request last used the grant, to the hour, at first when it was given; null without a grant
 * @param warnings what is unusual about the connection, although it works
 * @param account the account at the issuer, foreign text; null if it is not known
 * @param accountChange a consent that came back as another account and waits for a decision; null for none
 * @param error what stands against using the connection, or why the last attempt to connect failed; null for nothing
 * @param alias what the user calls the server beside others; null without a record, or if the record does not say
 */
public record ConnectionView(ConnectionId id, Status status, @Nullable String cause, @Nullable Issuer issuer,
    @Nullable ResourceUri resource, @Nullable Scopes scope, @Nullable Instant expiresAt, @Nullable Instant lastUsedAt,
    Set<Warning> warnings, @Nullable Account account, @Nullable AccountChange accountChange,
    @Nullable ConnectionError error, @Nullable String alias) {

  public ConnectionView {
    warnings = Set.copyOf(warnings);
  }

  /** The same of a record with this alias. */
  ConnectionView withAlias(@Nullable String name) {
    return new ConnectionView(id, status, cause, issuer, resource, scope, expiresAt, lastUsedAt, warnings, account,
        accountChange, error, name);
  }

  /** The reason for a connection's status, where neither an error code nor the grant names the reason. */
  public enum Cause {
    /** A flow has begun, and the user has not consented yet. */
    CONSENT_PENDING,
    /** The access token has expired, and the authorization server gave no refresh token. */
    TOKEN_EXPIRED,
    /** The last attempts to renew the grant failed, and an earlier release has not noted why. */
    REFRESH_FAILING,
    /** The stored connection cannot be read any more. */
    UNREADABLE;

    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
