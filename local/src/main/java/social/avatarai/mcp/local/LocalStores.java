package social.avatarai.mcp.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Logger;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.aws.dynamodb.DynamoDbClientHolders;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.aws.secretsmanager.SecretsManagerVault;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.vault.KeyRing;
import social.avatarai.mcp.vault.SecretVault;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;
import software.amazon.dynamodb.services.local.shared.exceptions.LocalDBAccessException;

/**
 * The stores of a local run. They are embedded, and kept below {@code DATA_DIR} if it is set, or they are those of
 * {@code AWS_ENDPOINT_URL}. The tables and the key ring are created if they are missing.
 */
final class LocalStores {
  /**
   * Everything that this logger logs is also thrown, so the log is filtered. The field keeps the logger alive: the
   * filter would be lost with it.
   */
  private static final Logger SQLITE_LOG = Logger.getLogger("com.almworks.sqlite4java");

  private LocalStores() {}

  /** Opens the stores. If that fails, a {@link StartFault} says why. */
  static LocalPlatform.Stores open(LocalSettings settings, Map<String, String> environment) {
    return settings.usesEndpoint() ? atEndpoint(environment) : embedded(settings, environment);
  }

  private static LocalPlatform.Stores atEndpoint(Map<String, String> environment) {
    try {
      var vault = new SecretsManagerVault(AwsClients.secretsManager(), Pause.real());
      return prepared(environment, AwsClients.dynamoDb(), AwsClients.streams(), vault);
    } catch (AwsServiceException e) {
      throw new StartFault("What AWS_ENDPOINT_URL names refused the first calls (HTTP " + e.statusCode()
          + "): it must offer DynamoDB and Secrets Manager, to the given credentials.");
    } catch (SdkException e) {
      throw new StartFault(
          "What AWS_ENDPOINT_URL names cannot be used: start it there, or unset AWS_ENDPOINT_URL; and set"
              + " AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
    }
  }

  private static LocalPlatform.Stores embedded(LocalSettings settings, Map<String, String> environment) {
    SQLITE_LOG.setFilter(_ -> false); // DynamoDB Local sets the level itself.
    return settings.dataDirectory().map(folder -> kept(folder, environment))
        .orElseGet(() -> prepared(environment, EmbeddedDynamoDb.inMemory(), new MemoryVault()));
  }

  private static LocalPlatform.Stores kept(Path folder, Map<String, String> environment) {
    requireFormat(folder);
    try {
      var vault = FileVault.open(folder.resolve("vault"));
      return prepared(environment, EmbeddedDynamoDb.in(folder.resolve("dynamodb")), vault);
    } catch (IOException | UncheckedIOException | Failure | LocalDBAccessException e) {
      throw DataDirectory.damaged();
    }
  }

  private static void requireFormat(Path folder) {
    try {
      DataFormat.require(folder);
    } catch (IOException e) {
      throw DataDirectory.unusable();
    }
  }

  private static LocalPlatform.Stores prepared(Map<String, String> environment, EmbeddedDynamoDb database,
      SecretVault vault) {
    return prepared(environment, database.client(), database.streams(), vault);
  }

  private static LocalPlatform.Stores prepared(Map<String, String> environment, DynamoDbClient client,
      DynamoDbStreamsClient streams, SecretVault vault) {
    prepare(client, vault, environment);
    return new LocalPlatform.Stores(environment, client, streams, vault);
  }

  /** Creates what the template of a deployment would create. */
  static void prepare(DynamoDbClient client, SecretVault vault, Map<String, String> environment) {
    var tables = new Tables(name(environment, "SESSIONS_TABLE"), name(environment, "TOKENS_TABLE"),
        name(environment, "DUE_TABLE"), name(environment, "REGISTRATIONS_TABLE"), name(environment, "SERVERS_TABLE"));
    for (var creation : tables.creations()) {
      try {
        client.createTable(creation);
      } catch (ResourceInUseException e) {
        continue; // The table is from an earlier run.
      }
      tables.timesToLive().stream().filter(ttl -> ttl.tableName().equals(creation.tableName()))
          .forEach(client::updateTimeToLive);
      if (creation.tableName().equals(tables.registrations()))
        new DynamoDbClientHolders(client, tables).noteNewTable();
    }
    String keyRing = name(environment, "KEY_RING_SECRET");
    if (vault.read(keyRing).isEmpty()) vault.create(keyRing, KeyRing.fresh());
  }

  private static String name(Map<String, String> environment, String variable) {
    return Objects.requireNonNull(environment.get(variable), variable);
  }
}
