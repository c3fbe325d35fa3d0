package social.avatarai.mcp.aws.secretsmanager;

import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.testkit.store.SecretVaultContract;
import social.avatarai.mcp.vault.SecretVault;

/** The contract against the Secrets Manager at {@code AWS_ENDPOINT_URL}. */
@EnabledIfEnvironmentVariable(named = "AWS_ENDPOINT_URL", matches = "http.+", disabledReason = "needs an emulator of AWS at AWS_ENDPOINT_URL")
class EmulatedSecretsManagerTest extends SecretVaultContract {
  private final SecretVault vault = new SecretsManagerVault(AwsClients.secretsManager(), Pause.real());

  @Override
  protected SecretVault vault() {
    return vault;
  }
}
