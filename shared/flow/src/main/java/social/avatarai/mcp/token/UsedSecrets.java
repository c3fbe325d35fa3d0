package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
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
  /** How often one process looks for another secret of one grant in a minute. A user's secret costs a call each time. */
  private static final int MAX_LOOKS_A_MINUTE = 5;
  private static final int MAX_REMEMBERED = 1_000;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final CredentialSource credentials;
  private final TokenCipher cipher;
  private final Clock clock;
  private final Map<GrantId, Looks> looks = RecentMap.ofAtMost(MAX_REMEMBERED);

  public UsedSecrets(CredentialSource credentials, TokenCipher cipher, Clock clock) {
    this.credentials = credentials;
    this.cipher = cipher;
    this.clock = clock;
  }

  /** How often a process has looked since a moment. */
  private record Looks(Instant since, int count) {}

  /** The digest of the secret that an attempt is made with; null for a client without a secret. */
  @Nullable
  String digest(Grant grant, ClientCredentials used) {
    var secret = secret(used);
    return secret == null ? null : cipher.mac(secret.reveal(), place(grant));
  }

  /**
   * Whether the client has another secret now. If that cannot be found out, it has not. A process may remember an older
   * secret than the one that the failed attempt was made with, so a difference is looked at twice.
   */
  boolean hasChanged(Grant grant) {
    String used = grant.state().notes().usedSecret();
    if (used == null || !takeLook(grant.id())) return false;
    try {
      var client = grant.client();
      boolean differs = isAnother(secret(credentials.of(client, grant.target().registeredAt())), used, grant);
      if (!differs || !client.owner().isDeployment()) return differs;
      return isAnother(credentials.secretNow(client, grant.target().registeredAt()).orElse(null), used, grant);
    } catch (RuntimeException e) {
      return false;
    }
  }

  private boolean isAnother(@Nullable ClientSecret secret, String used, Grant grant) {
    return secret != null && !cipher.matches(used, secret.reveal(), place(grant));
  }

  /** Counts a look. Returns false if there were enough in this minute. */
  private synchronized boolean takeLook(GrantId grant) {
    var now = clock.instant();
    var before = looks.get(grant);
    var known = before != null && now.isBefore(before.since().plus(MINUTE)) ? before : new Looks(now, 0);
    looks.put(grant, new Looks(known.since(), known.count() + 1));
    return known.count() < MAX_LOOKS_A_MINUTE;
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
