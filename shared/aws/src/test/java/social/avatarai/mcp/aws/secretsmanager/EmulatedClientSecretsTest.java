package social.avatarai.mcp.aws.secretsmanager;

import java.time.Clock;
import org.junit.jupiter.api.condition.EnabledIf;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.aws.StoreHost;
import social.avatarai.mcp.registration.ClientSecrets;
import social.avatarai.mcp.registration.VaultClientSecrets;
import social.avatarai.mcp.testkit.store.ClientSecretsContract;

/** The contract against the Secrets Manager of an emulator of AWS. */
@EnabledIf(value = "social.avatarai.mcp.aws.StoreHost#isElsewhere", disabledReason = "needs an emulator of AWS: .ci/emulators")
class EmulatedClientSecretsTest extends ClientSecretsContract {
  private final ClientSecrets clientSecrets = new VaultClientSecrets(
      new SecretsManagerVault(StoreHost.CURRENT.secretsManager(), Pause.real()), Unguessable.text(), Clock.systemUTC());

  @Override
  protected ClientSecrets clientSecrets() {
    return clientSecrets;
  }
}
