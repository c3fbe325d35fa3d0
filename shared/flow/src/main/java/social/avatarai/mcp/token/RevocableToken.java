package social.avatarai.mcp.token;

import java.util.Optional;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ConnectionKey;
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
record RevocableToken(ConnectionKey connection, GrantTarget target, ClientIdentity client, Secret token, String hint) {

  /** Empty where the token cannot be opened any more. */
  static Optional<RevocableToken> of(ReplacedToken kept) {
    return Optional.ofNullable(kept.token()).map(token -> new RevocableToken(kept.connection(), kept.target(),
        kept.client(), token, token instanceof AccessToken ? "access_token" : "refresh_token"));
  }
}
