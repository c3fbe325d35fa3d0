package social.avatarai.mcp.aws.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.aws.TestClients;
import social.avatarai.mcp.store.SecretVault;
import social.avatarai.mcp.testkit.CountingInterceptor;
import social.avatarai.mcp.testkit.store.SecretVaultContract;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException;

/** Against a fake, because what matters here is what an emulator does not do on demand. */
class SecretsManagerVaultTest extends SecretVaultContract {
  private final FakeSecretsManager service = service();
  private final CountingInterceptor calls = new CountingInterceptor();
  private final SecretVault vault = new SecretsManagerVault(TestClients.at(service.url(), calls));

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
    assertThat(calls.counts()).isEqualTo(Map.of("CreateSecret", 1, "GetSecretValue", 1, "PutSecretValue", 1));
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
  void createsThoughTheAnswerGotLost() {
    service.loseNextAnswer();
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
  void createsWithTheKeyItIsTold() {
    vault.create("default", "value");
    assertThat(service.kmsKeyId()).isNull();
    new SecretsManagerVault(TestClients.at(service.url(), calls), "alias/invented").create("own", "value");
    assertThat(service.kmsKeyId()).isEqualTo("alias/invented");
  }
}
