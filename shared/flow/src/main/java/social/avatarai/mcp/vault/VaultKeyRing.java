package social.avatarai.mcp.vault;

import java.time.Clock;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;

/**
 * The key ring of the secret vault. A process without one does not start; one that runs learns of a new current key
 * within {@link CachedSecret#REREAD_AFTER}.
 */
public final class VaultKeyRing implements KeyRingSource {
  private final CachedSecret<KeyRing> ring;

  /**
   * @param vault where the ring is kept
   * @param name the name of its secret
   */
  public VaultKeyRing(SecretVault vault, String name, Clock clock, Journal journal) {
    this.ring = new CachedSecret<>(name, () -> read(vault, name), clock, journal);
  }

  @Override
  public KeyRing current() {
    return ring.current();
  }

  @Override
  public KeyRing reload() {
    return ring.reread();
  }

  private static KeyRing read(SecretVault vault, String name) {
    return vault.read(name).map(KeyRing::parse)
        .orElseThrow(() -> new Failure.Misconfigured("There is no key ring.", "no secret " + name));
  }
}
