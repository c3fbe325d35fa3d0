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
 * <p>Each write has its own token, so that a write that the SDK sends twice creates one version.
 *
 * <p>A secret is deleted without a recovery window, because its owner wants it gone. The service deletes it a moment
 * later, and until then refuses to create a secret of the same name. So creating is retried for {@link
 * #WAITED_FOR_A_NAME} in all.
 */
public final class SecretsManagerVault implements SecretVault {
  /** The longest wait for the name of a deleted secret. It is shorter than the time of a call. */
  static final Duration WAITED_FOR_A_NAME = Duration.ofMillis(7_750);
  private static final Duration FIRST_WAIT = Duration.ofMillis(250);
  private static final int MAX_WAITS = 5;

  private final SecretsManagerClient client;
  private final @Nullable String kmsKeyId;
  private final Pause pause;

  /** Encrypts secrets with the account's default key. */
  public SecretsManagerVault(SecretsManagerClient client, Pause pause) {
    this(client, null, pause);
  }

  /** @param kmsKeyId the KMS key for secrets that are created here; null for the account's default key */
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
      // The service refuses a plain read in this way only for a secret that is marked for deletion.
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
      // The secret is gone already.
    } catch (InvalidRequestException e) {
      // The secret is marked for deletion already and will go then.
    }
  }

  private static Failure.Misconfigured unwritable(String name, String why) {
    return new Failure.Misconfigured("A secret cannot be kept.", "secret " + name + " is " + why);
  }
}
