package social.avatarai.mcp.token;

import java.util.Optional;
import social.avatarai.mcp.Secret;
import social.avatarai.mcp.registration.ClientIdentity;

/**
 * A token to be revoked at the issuer that gave it, as the client it was given to.
 *
 * @param connection whose connection
 * @param target who gave it
 * @param client the client it was given to
 * @param token the token
 * @param hint which kind of token it is, in the words of RFC 7009 §2.1
 */
record RevocableToken(GrantKey connection, GrantTarget target, ClientIdentity client, Secret token, String hint) {

  /** RFC 7009 §2.1: with a refresh token, the access tokens of its grant go too. */
  static RevocableToken of(Grant grant) {
    var refreshToken = grant.tokens().refreshToken();
    return refreshToken != null
        ? new RevocableToken(grant.key(), grant.target(), grant.client(), refreshToken, "refresh_token")
        : new RevocableToken(grant.key(), grant.target(), grant.client(), grant.tokens().accessToken(), "access_token");
  }

  static Optional<RevocableToken> of(ReplacedToken token) {
    return Optional.ofNullable(token.refreshToken()).map(refreshToken -> new RevocableToken(token.connection(),
        token.target(), token.client(), refreshToken, "refresh_token"));
  }
}
