package social.avatarai.mcp.store;

import org.jspecify.annotations.Nullable;

import social.avatarai.mcp.Failure;

/** The key ring of the secret vault: read once by each process, and again only when somebody asks. */
public final class VaultKeyRing implements KeyRingSource {
  private final SecretVault vault;
  private final String name;
  private volatile @Nullable KeyRing ring;

  /**
   * @param vault where the ring is kept
   * @param name the name of its secret
   */
  public VaultKeyRing(SecretVault vault, String name) {
    this.vault = vault;
    this.name = name;
  }

  @Override
  public KeyRing current() {
    KeyRing known = ring;
    return known == null ? reload() : known;
  }

  @Override
  public KeyRing reload() {
    KeyRing read = vault.read(name).map(KeyRing::parse)
        .orElseThrow(() -> new Failure.Misconfigured("There is no key ring.", "no secret " + name));
    ring = read;
    return read;
  }
}
