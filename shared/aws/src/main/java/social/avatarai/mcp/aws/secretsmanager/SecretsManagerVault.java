package social.avatarai.mcp.aws.secretsmanager;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.vault.SecretVault;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.InvalidRequestException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceExistsException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/**
 * Secrets Manager as the secret vault.
 *
 * <p>Each write carries a token of its own, so that one which the SDK sends twice makes one version.
 *
 * <p>What is deleted is gone without a recovery window, because somebody wants it forgotten. The service carries that
 * out a moment later and refuses to make a secret of the same name until then: it is tried again for
 * {@link #WAITED_FOR_A_NAME} in all.
 */
public final class SecretsManagerVault implements SecretVault {
  /** The longest wait for the name of a deleted secret: within the time of a call. */
  static final Duration WAITED_FOR_A_NAME = Duration.ofMillis(7_750);
  private static final Duration FIRST_WAIT = Duration.ofMillis(250);
  private static final int MAX_WAITS = 5;

  private final SecretsManagerClient client;
  private final @Nullable String kmsKeyId;
  private final Pause pause;

  /** Secrets are encrypted with the account's default key. */
  public SecretsManagerVault(SecretsManagerClient client, Pause pause) {
    this(client, null, pause);
  }

  /** @param kmsKeyId the KMS key that secrets made here are encrypted with; null for the account's default key */
  public SecretsManagerVault(SecretsManagerClient client, @Nullable String kmsKeyId, Pause pause) {
    this.client = client;
    this.kmsKeyId = kmsKeyId;
    this.pause = pause;
  }

  @Override
  public Optional<String> read(String name) {
    try {
      return Optional.ofNullable(client.getSecretValue(get -> get.secretId(name)).secretString());
    } catch (ResourceNotFoundException e) {
      return Optional.empty();
    } catch (InvalidRequestException e) {
      // What a secret marked for deletion is answered with; there is no other reason to refuse a plain read.
      return Optional.empty();
    }
  }

  @Override
  public boolean create(String name, String value) {
    var wait = FIRST_WAIT;
    for (int waits = 0;; waits++) {
      try {
        return createNow(name, value);
      } catch (InvalidRequestException e) {
        if (waits == MAX_WAITS) throw unwritable(name, "marked for deletion");
        pause.of(wait);
        wait = wait.multipliedBy(2);
      }
    }
  }

  private boolean createNow(String name, String value) {
    try {
      client.createSecret(create -> create.name(name).secretString(value).kmsKeyId(kmsKeyId)
          .clientRequestToken(UUID.randomUUID().toString()));
      return true;
    } catch (ResourceExistsException e) {
      return false;
    }
  }

  @Override
  public void replace(String name, String value) {
    try {
      client.putSecretValue(put -> put.secretId(name).secretString(value)
          .clientRequestToken(UUID.randomUUID().toString()));
    } catch (ResourceNotFoundException e) {
      throw unwritable(name, "not there");
    } catch (InvalidRequestException e) {
      throw unwritable(name, "marked for deletion");
    }
  }

  @Override
  public void delete(String name) {
    try {
      client.deleteSecret(delete -> delete.secretId(name).forceDeleteWithoutRecovery(true));
    } catch (ResourceNotFoundException e) {
      // Gone already.
    } catch (InvalidRequestException e) {
      // Marked for deletion already: it goes when that says.
    }
  }

  private static Failure.Misconfigured unwritable(String name, String why) {
    return new Failure.Misconfigured("A secret cannot be kept.", "secret " + name + " is " + why);
  }
}
