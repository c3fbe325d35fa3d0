package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.testkit.store.Samples.ISSUER;

import java.time.Clock;
import java.util.HashMap;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.registration.ClientSecrets;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.SplitClientSecrets;
import social.avatarai.mcp.registration.VaultClientSecrets;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.store.ClientSecretsContract;
import social.avatarai.mcp.testkit.store.Samples;

/** The secrets of users are in the table, those of the deployment in the vault. */
class DynamoDbClientSecretsTest extends ClientSecretsContract {
  private static final ClientId CLIENT = new ClientId("client-1");
  private static final ClientSecret SECRET = new ClientSecret("invented-secret-to-look-for");

  private final MemoryVault vault = new MemoryVault();
  private final ClientSecrets inVault = new VaultClientSecrets(vault, "stack", Clock.systemUTC());
  private final ClientSecrets secrets = new SplitClientSecrets(inVault,
      new DynamoDbClientSecrets(Stores.client(), Stores.TABLES, Stores.CIPHER));
  private final Owner user = Owner.of(Samples.user());

  @Override
  protected ClientSecrets clientSecrets() {
    return secrets;
  }

  @Test
  void keepsAUsersInTheTableSealedAndTheDeploymentsInTheVault() {
    secrets.keep(user, ISSUER, CLIENT, SECRET);
    assertThat(vault.contents()).isEmpty();
    assertThat(Stores.scan(Stores.TABLES.registrations()).toString()).contains(user.key())
        .doesNotContain(SECRET.reveal());
    secrets.keep(Owner.deployment(), ISSUER, CLIENT, SECRET);
    assertThat(vault.contents()).hasSize(1);
  }

  @Test
  void aSecretCopiedToAnotherUserOrClientDoesNotOpen() {
    secrets.keep(user, ISSUER, CLIENT, SECRET);
    var item = Stores.raw(Stores.TABLES.registrations(),
        Values.key(user.key(), RegistrationItem.secret(ISSUER, CLIENT)));
    var other = Owner.of(Samples.user());
    var copy = new HashMap<>(item);
    copy.put(Tables.PARTITION, Values.text(other.key()));
    Stores.put(Stores.TABLES.registrations(), copy);
    assertThatThrownBy(() -> secrets.find(other, ISSUER, CLIENT)).isInstanceOf(Failure.Misconfigured.class);
    var another = new ClientId("client-2");
    copy.put(Tables.PARTITION, Values.text(user.key()));
    copy.put(Tables.SORT, Values.text(RegistrationItem.secret(ISSUER, another)));
    Stores.put(Stores.TABLES.registrations(), copy);
    assertThatThrownBy(() -> secrets.find(user, ISSUER, another)).isInstanceOf(Failure.Misconfigured.class);
  }

  @Test
  void findsAndForgetsWhatWasKeptInTheVaultBefore() {
    inVault.keep(user, ISSUER, CLIENT, SECRET);
    assertThat(secrets.find(user, ISSUER, CLIENT)).contains(SECRET);
    var replaced = new ClientSecret("invented-replacement");
    secrets.keep(user, ISSUER, CLIENT, replaced);
    assertThat(secrets.find(user, ISSUER, CLIENT)).contains(replaced);
    secrets.remove(user, ISSUER, CLIENT);
    assertThat(secrets.find(user, ISSUER, CLIENT)).isEmpty();
    assertThat(vault.contents()).isEmpty();
  }

  @Test
  void isNoRegistrationAndGoesWithTheRest() {
    secrets.keep(user, ISSUER, CLIENT, SECRET);
    var registrations = new DynamoDbRegistrations(Stores.client(), Stores.TABLES, Stores.CIPHER);
    assertThat(registrations.all(user)).isEmpty();
    registrations.deleteRest(new UserId(user.key().substring(2)));
    assertThat(secrets.find(user, ISSUER, CLIENT)).isEmpty();
  }
}
