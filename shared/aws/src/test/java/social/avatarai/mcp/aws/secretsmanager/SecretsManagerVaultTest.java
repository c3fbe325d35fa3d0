package social.avatarai.mcp.aws.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.aws.TestClients;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.VaultClientSecrets;
import social.avatarai.mcp.testkit.CountingInterceptor;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.testkit.store.SecretVaultContract;
import social.avatarai.mcp.vault.SecretVault;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException;

/** Uses a fake, because these cases do not happen on demand in an emulator. */
class SecretsManagerVaultTest extends SecretVaultContract {
  private final FakeSecretsManager service = service();
  private final CountingInterceptor calls = new CountingInterceptor();
  private final List<Duration> pauses = new ArrayList<>();
  private final SecretVault vault = new SecretsManagerVault(TestClients.at(service.url(), calls), pauses::add);

  private static FakeSecretsManager service() {
    try {
      return new FakeSecretsManager();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected SecretVault vault() {
    return vault;
  }

  @AfterEach
  void close() {
    service.close();
  }

  @Test
  void eachStepIsOneCall() {
    vault.create("name", "value");
    vault.read("name");
    vault.replace("name", "other");
    vault.delete("name");
    assertThat(calls.counts())
        .isEqualTo(Map.of("CreateSecret", 1, "GetSecretValue", 1, "PutSecretValue", 1, "DeleteSecret", 1));
  }

  @Test
  void readsNoSecretThatIsMarkedForDeletion() {
    vault.create("name", "value");
    service.markForDeletion("name");
    assertThat(vault.read("name")).isEmpty();
  }

  @Test
  void writesNoSecretThatIsMarkedForDeletion() {
    vault.create("name", "value");
    service.markForDeletion("name");
    assertThatThrownBy(() -> vault.create("name", "new")).isInstanceOf(Failure.Misconfigured.class);
    assertThatThrownBy(() -> vault.replace("name", "new")).isInstanceOf(Failure.Misconfigured.class);
  }

  @Test
  void deletesWithoutARecoveryWindow() {
    vault.create("name", "value");
    vault.delete("name");
    assertThat(service.isMarkedForDeletion("name")).isFalse();
    assertThat(vault.read("name")).isEmpty();
  }

  @Test
  void leavesASecretThatIsMarkedForDeletionToItsEnd() {
    vault.create("name", "value");
    service.markForDeletion("name");
    vault.delete("name");
    assertThat(calls.counts().get("DeleteSecret")).isOne();
  }

  @Test
  void waitsForTheNameOfADeletedSecret() {
    vault.create("name", "first");
    vault.delete("name");
    service.keepDeletedNamesFor(3);
    assertThat(vault.create("name", "second")).isTrue();
    assertThat(vault.read("name")).contains("second");
    assertThat(pauses).containsExactly(Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(1));
  }

  @Test
  void saysSoWhenTheNameStaysTaken() {
    vault.create("name", "first");
    vault.delete("name");
    service.keepDeletedNamesFor(1_000);
    assertThatThrownBy(() -> vault.create("name", "second")).isInstanceOfSatisfying(Failure.Misconfigured.class,
        failure -> assertThat(failure.detail()).contains("name is marked for deletion"));
    assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus))
        .isEqualTo(SecretsManagerVault.WAITED_FOR_A_NAME).isLessThan(AwsClients.MAX_CALL_TIME);
  }

  @Test
  void makesAVersionForEachWriteAndReadsTheLast() {
    vault.create("name", "first");
    vault.replace("name", "same");
    vault.replace("name", "same");
    assertThat(service.versions()).isEqualTo(3);
    assertThat(vault.read("name")).contains("same");
  }

  @Test
  void deletesThoughTheResponseGotLost() {
    vault.create("name", "value");
    service.loseNextResponse();
    vault.delete("name");
    assertThat(vault.read("name")).isEmpty();
  }

  @Test
  void keepsAClientSecretThoughTheSecretAppearsLate() {
    var user = Owner.of(Samples.user());
    var secrets = new VaultClientSecrets(vault, "stack", Clock.systemUTC());
    var client = new ClientId("client-1");
    service.beLateFor(2);
    secrets.keep(user, Samples.ISSUER, client, new ClientSecret("invented-secret"));
    assertThat(secrets.find(user, Samples.ISSUER, client)).contains(new ClientSecret("invented-secret"));
    assertThat(service.versions()).isOne();
  }

  @Test
  void createsThoughTheResponseGotLost() {
    service.loseNextResponse();
    assertThat(vault.create("name", "value")).isTrue();
    assertThat(calls.counts()).isEqualTo(Map.of("CreateSecret", 2));
    assertThat(vault.create("name", "value")).isFalse();
  }

  @Test
  void asksAgainWhenItIsThrottled() {
    vault.create("name", "value");
    calls.reset();
    service.failNext("ThrottlingException");
    assertThat(vault.read("name")).contains("value");
    assertThat(calls.counts()).isEqualTo(Map.of("GetSecretValue", 2));
  }

  @Test
  void whatItMayNotReadIsNotAbsent() {
    service.failNext("AccessDeniedException");
    assertThatThrownBy(() -> vault.read("name")).isInstanceOf(SecretsManagerException.class);
    service.failNext("DecryptionFailure");
    assertThatThrownBy(() -> vault.read("name")).isInstanceOf(SecretsManagerException.class);
  }

  @Test
  void createsWithTheGivenKey() {
    vault.create("default", "value");
    assertThat(service.kmsKeyId()).isNull();
    new SecretsManagerVault(TestClients.at(service.url(), calls), "alias/invented", pauses::add).create("own", "value");
    assertThat(service.kmsKeyId()).isEqualTo("alias/invented");
  }
}
