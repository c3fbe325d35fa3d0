package social.avatarai.mcp.aws.secretsmanager;

import org.junit.jupiter.api.condition.EnabledIf;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.aws.StoreHost;
import social.avatarai.mcp.testkit.store.SecretVaultContract;
import social.avatarai.mcp.vault.SecretVault;

/** The contract against the Secrets Manager of an emulator of AWS. */
@EnabledIf(value = "social.avatarai.mcp.aws.StoreHost#isElsewhere", disabledReason = "needs an emulator of AWS: .ci/emulators")
class EmulatedSecretsManagerTest extends SecretVaultContract {
  private final SecretVault vault = new SecretsManagerVault(StoreHost.CURRENT.secretsManager(), Pause.real());

  @Override
  protected SecretVault vault() {
    return vault;
  }
}
