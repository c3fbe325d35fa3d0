package social.avatarai.mcp.token;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Secret;
import social.avatarai.mcp.registration.ClientIdentity;

/**
 * The token of a grant that is gone: a later consent has replaced the grant, or its connection has ended.
 *
 * <p>The token is kept until the user has no grant of the same issuer and client any more, and is revoked then. At some
 * issuers the revocation of any one token ends everything that an account has granted to the client. So an earlier
 * revocation could end a grant that is in use. A grant that is known to be of another account is not in danger.
 *
 * @param connection the user and the connection
 * @param grant the grant that the token belonged to
 * @param version the version of that grant; only the refresh token of the latest version works
 * @param target the issuer and the resource. The query of the server's URL is dropped: the token goes to the issuer only
 * @param client the client of the grant
 * @param token the refresh token, or the access token of a grant without a refresh token or of an issuer that revokes
 *        access tokens only; null if it cannot be opened any more
 * @param replacedAt when the grant was replaced or ended, in whole milliseconds
 * @param account the account of the grant; null if it is not known
 */
public record ReplacedToken(ConnectionKey connection, GrantId grant, long version, GrantTarget target,
    ClientIdentity client,
    @Nullable Secret token, Instant replacedAt, @Nullable Identity account) {

  public ReplacedToken {
    target = target.withoutQuery();
  }

  /** The token of a grant whose account is not known. */
  public ReplacedToken(ConnectionKey connection, GrantId grant, long version, GrantTarget target, ClientIdentity client,
      @Nullable Secret token, Instant replacedAt) {
    this(connection, grant, version, target, client, token, replacedAt, null);
  }

  /**
   * RFC 7009 §2.1: the revocation of a refresh token also ends the access tokens of its grant.
   *
   * @param ofAccessToken whether the issuer revokes access tokens and no refresh tokens
   */
  static ReplacedToken of(Grant gone, boolean ofAccessToken, Instant now) {
    var refreshToken = ofAccessToken ? null : gone.tokens().refreshToken();
    return new ReplacedToken(gone.key(), gone.id(), gone.version(), gone.target(), gone.client(),
        refreshToken != null ? refreshToken : gone.tokens().accessToken(), now, gone.tokens().identity());
  }

  /** Whether the other has the same issuer and client. Some issuers end both if one is revoked. */
  boolean isOfSameClientAs(ReplacedToken other) {
    return target.issuer().means(other.target.issuer()) && client.id().equals(other.client.id());
  }

  /** Whether the other belonged to the same grant. */
  boolean isOfSameGrantAs(ReplacedToken other) {
    return connection.equals(other.connection) && grant.equals(other.grant);
  }
}
