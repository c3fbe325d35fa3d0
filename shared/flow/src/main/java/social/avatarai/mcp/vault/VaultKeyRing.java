package social.avatarai.mcp.vault;

import java.time.Clock;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;

/**
 * The key ring in the secret vault. A process without a key ring does not start. A running process learns of a new
 * current key within {@link CachedSecret#REREAD_AFTER}.
 */
public final class VaultKeyRing implements KeyRingSource {
  private final CachedSecret<KeyRing> ring;

  /**
   * @param vault the vault that has the ring
   * @param name the name of the ring's secret
   */
  public VaultKeyRing(SecretVault vault, String name, Clock clock, Journal journal) {
    this.ring = new CachedSecret<>(name, () -> read(vault, name), clock, journal);
  }

  @Override
  public KeyRing current() {
    return ring.current();
  }

  @Override
  public Expected expect() {
    return ring.expect();
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
