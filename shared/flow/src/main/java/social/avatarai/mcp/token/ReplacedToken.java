package social.avatarai.mcp.token;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Secret;
import social.avatarai.mcp.registration.ClientIdentity;

/**
 * The token of a grant that is gone: a later consent has replaced the grant, or its connection has ended.
 *
 * <p>It is kept until the user has no grant of the same issuer and client any more, and revoked then: some issuers end
 * everything that a user has granted to a client with any one token of it, so revoking it earlier could end a grant that is
 * in use.
 *
 * @param connection whose connection
 * @param grant the grant it belonged to
 * @param version the version of that grant: the refresh token of a later version is the one that works
 * @param target who gave it
 * @param client the client it was given to
 * @param token the refresh token, or the access token of a grant that had no refresh token; null where it cannot be opened
 *        any more
 * @param replacedAt when the grant went, in whole milliseconds
 */
public record ReplacedToken(ConnectionKey connection, GrantId grant, long version, GrantTarget target,
    ClientIdentity client,
    @Nullable Secret token, Instant replacedAt) {

  /** RFC 7009 §2.1: with a refresh token, the access tokens of its grant go too. */
  static ReplacedToken of(Grant gone, Instant now) {
    var refreshToken = gone.tokens().refreshToken();
    return new ReplacedToken(gone.key(), gone.id(), gone.version(), gone.target(), gone.client(),
        refreshToken != null ? refreshToken : gone.tokens().accessToken(), now);
  }

  /** Whether the other is of the same issuer and client: some issuers end both with a revocation of one. */
  boolean isOfSameClientAs(ReplacedToken other) {
    return target.issuer().equals(other.target.issuer()) && client.id().equals(other.client.id());
  }

  /** Whether the other belonged to the same grant. */
  boolean isOfSameGrantAs(ReplacedToken other) {
    return connection.equals(other.connection) && grant.equals(other.grant);
  }
}
