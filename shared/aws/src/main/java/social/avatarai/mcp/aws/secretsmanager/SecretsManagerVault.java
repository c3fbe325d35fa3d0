package social.avatarai.mcp.aws.secretsmanager;

import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.store.SecretVault;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.InvalidRequestException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceExistsException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/**
 * Secrets Manager as the secret vault.
 *
 * <p>Each write carries a token of its own, so that one which the SDK sends twice makes one version.
 */
public final class SecretsManagerVault implements SecretVault {
  private final SecretsManagerClient client;
  private final @Nullable String kmsKeyId;

  /** Secrets are encrypted with the account's default key. */
  public SecretsManagerVault(SecretsManagerClient client) {
    this(client, null);
  }

  /** @param kmsKeyId the KMS key that secrets made here are encrypted with; null for the account's default key */
  public SecretsManagerVault(SecretsManagerClient client, @Nullable String kmsKeyId) {
    this.client = client;
    this.kmsKeyId = kmsKeyId;
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
    try {
      client.createSecret(create -> create.name(name).secretString(value).kmsKeyId(kmsKeyId)
          .clientRequestToken(UUID.randomUUID().toString()));
      return true;
    } catch (ResourceExistsException e) {
      return false;
    } catch (InvalidRequestException e) {
      throw unwritable(name, "marked for deletion");
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

  private static Failure.Misconfigured unwritable(String name, String why) {
    return new Failure.Misconfigured("A secret cannot be kept.", "secret " + name + " is " + why);
  }
}
