package social.avatarai.mcp.token;

import java.util.Optional;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Secret;
import social.avatarai.mcp.registration.ClientIdentity;

/**
 * A token to be revoked at its issuer, with the credentials of its client.
 *
 * @param connection the user and the connection
 * @param target the issuer and its token endpoint
 * @param client the client of the grant
 * @param token the token
 * @param hint the kind of token, in the words of RFC 7009 §2.1
 */
record RevocableToken(ConnectionKey connection, GrantTarget target, ClientIdentity client, Secret token, String hint) {
  private static final String ACCESS_TOKEN = "access_token";

  /** The access token of the same grant. */
  RevocableToken with(AccessToken accessToken) {
    return new RevocableToken(connection, target, client, accessToken, ACCESS_TOKEN);
  }

  boolean isRefreshToken() { return !hint.equals(ACCESS_TOKEN); }

  /** Empty if the token cannot be opened any more. */
  static Optional<RevocableToken> of(ReplacedToken kept) {
    return Optional.ofNullable(kept.token()).map(token -> new RevocableToken(kept.connection(), kept.target(),
        kept.client(), token, token instanceof AccessToken ? ACCESS_TOKEN : "refresh_token"));
  }
}
