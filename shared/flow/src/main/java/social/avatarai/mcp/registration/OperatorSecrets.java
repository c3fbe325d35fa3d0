package social.avatarai.mcp.registration;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.vault.CachedSecret;
import social.avatarai.mcp.vault.SecretVault;

/**
 * The secrets of the operator's clients. A secret is read when its client authenticates for the first time, so a
 * function that sends no client credentials needs no right to read it.
 */
public final class OperatorSecrets {
  private final SecretVault vault;
  private final Clock clock;
  private final Journal journal;
  private final Map<String, CachedSecret<ClientSecret>> known = new ConcurrentHashMap<>();

  public OperatorSecrets(SecretVault vault, Clock clock, Journal journal) {
    this.vault = vault;
    this.clock = clock;
    this.journal = journal;
  }

  /** The secret with this name in the vault; {@code misconfigured} if there is none. */
  ClientSecret read(String name) {
    return cached(name).current();
  }

  /** The same, as it is in the vault now, or was some seconds ago. */
  ClientSecret readAgain(String name) {
    return cached(name).reread();
  }

  private CachedSecret<ClientSecret> cached(String name) {
    return known.computeIfAbsent(name, _ -> new CachedSecret<>(name, () -> fromVault(name), clock, journal));
  }

  private ClientSecret fromVault(String name) {
    return vault.read(name).filter(value -> !value.isBlank()).map(ClientSecret::new).orElseThrow(
        () -> new Failure.Misconfigured("The secret of the client is not there.", "no secret " + name));
  }
}
