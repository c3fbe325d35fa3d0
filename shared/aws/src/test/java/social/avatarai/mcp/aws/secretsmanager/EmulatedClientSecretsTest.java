package social.avatarai.mcp.aws.secretsmanager;

import java.time.Clock;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.registration.ClientSecrets;
import social.avatarai.mcp.registration.VaultClientSecrets;
import social.avatarai.mcp.testkit.store.ClientSecretsContract;

/** The contract against the Secrets Manager at {@code AWS_ENDPOINT_URL}. */
@EnabledIfEnvironmentVariable(named = "AWS_ENDPOINT_URL", matches = "http.+", disabledReason = "needs an emulator of AWS at AWS_ENDPOINT_URL")
class EmulatedClientSecretsTest extends ClientSecretsContract {
  private final ClientSecrets clientSecrets = new VaultClientSecrets(
      new SecretsManagerVault(AwsClients.secretsManager(), Pause.real()), Unguessable.text(), Clock.systemUTC());

  @Override
  protected ClientSecrets clientSecrets() {
    return clientSecrets;
  }
}
