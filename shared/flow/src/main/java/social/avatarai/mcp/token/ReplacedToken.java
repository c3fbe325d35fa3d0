package social.avatarai.mcp.token;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.registration.ClientIdentity;

/**
 * The refresh token of a grant that a later consent has replaced, at the same issuer and for the same client.
 *
 * <p>It is kept until the connection ends and revoked then: some issuers end everything that a user has granted to a
 * client with any one token of it, so revoking it earlier could end the grant that has replaced it.
 *
 * @param connection whose connection
 * @param grant the grant it belonged to
 * @param version the version of that grant: the refresh token of a later version is the one that works
 * @param target who gave it
 * @param client the client it was given to
 * @param refreshToken the token; null where it cannot be opened any more
 * @param replacedAt when it was replaced, in whole milliseconds
 */
public record ReplacedToken(GrantKey connection, GrantId grant, long version, GrantTarget target, ClientIdentity client,
    @Nullable RefreshToken refreshToken, Instant replacedAt) {

  /** The refresh token of a grant that has one. */
  static ReplacedToken of(Grant replaced, Instant now) {
    return new ReplacedToken(replaced.key(), replaced.id(), replaced.version(), replaced.target(), replaced.client(),
        Objects.requireNonNull(replaced.tokens().refreshToken()), now);
  }
}
