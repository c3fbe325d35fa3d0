package social.avatarai.mcp.aws;

import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.store.SecretVaultContract;
import social.avatarai.mcp.vault.SecretVault;

class MemoryVaultTest extends SecretVaultContract {
  private final MemoryVault vault = new MemoryVault();

  @Override
  protected SecretVault vault() {
    return vault;
  }
}
