package social.avatarai.mcp.token;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.registration.ClientCredentials;
import social.avatarai.mcp.registration.CredentialSource;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;

/**
 * Recognises that the secret of a client has changed since an attempt with the old one failed. A failure with one
 * secret says nothing about another secret, so the wait after it does not count any more.
 */
public final class UsedSecrets {
  private final CredentialSource credentials;
  private final TokenCipher cipher;

  public UsedSecrets(CredentialSource credentials, TokenCipher cipher) {
    this.credentials = credentials;
    this.cipher = cipher;
  }

  /** The digest of the secret that an attempt is made with; null for a client without a secret. */
  @Nullable
  String digest(Grant grant, ClientCredentials used) {
    var secret = secret(used);
    return secret == null ? null : cipher.mac(secret.reveal(), place(grant));
  }

  /** Whether the client has another secret now. If that cannot be found out, it has not. */
  boolean hasChanged(Grant grant) {
    String used = grant.state().notes().usedSecret();
    if (used == null) return false;
    try {
      var secret = secret(credentials.of(grant.client(), grant.target().issuer()));
      return secret != null && !cipher.matches(used, secret.reveal(), place(grant));
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static @Nullable ClientSecret secret(ClientCredentials credentials) {
    return switch (credentials) {
      case ClientCredentials.None _ -> null;
      case ClientCredentials.SecretBasic(var _, var secret) -> secret;
      case ClientCredentials.SecretPost(var _, var secret) -> secret;
    };
  }

  private static Place place(Grant grant) {
    return Place.of("tokens", grant.key().user().value(), grant.key().connection().value(), grant.id().value(),
        grant.target().issuer().value(), "usedSecret");
  }
}
