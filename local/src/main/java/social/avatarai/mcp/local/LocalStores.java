package social.avatarai.mcp.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

import social.avatarai.mcp.Pause;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.aws.secretsmanager.SecretsManagerVault;
import social.avatarai.mcp.store.KeyRing;
import social.avatarai.mcp.store.SecretVault;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.MemoryVault;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;

/**
 * The stores of a local run: embedded, kept below {@code DATA_DIR} where it is set, or those of {@code AWS_ENDPOINT_URL}.
 * Tables and the key ring are made when they are not there.
 */
final class LocalStores {
  private LocalStores() {}

  static LocalSurroundings.Stores open(LocalSettings settings, Map<String, String> environment) throws IOException {
    if (!settings.usesEndpoint() && settings.dataDirectory().isPresent()) {
      DataFormat.require(settings.dataDirectory().get());
    }
    var client = dynamoDb(settings);
    var vault = vault(settings);
    prepare(client, vault, environment);
    return new LocalSurroundings.Stores(environment, client, vault);
  }

  /** Makes what a deployment's template would make. */
  static void prepare(DynamoDbClient client, SecretVault vault, Map<String, String> environment) {
    var tables = new Tables(name(environment, "SESSIONS_TABLE"), name(environment, "TOKENS_TABLE"),
        name(environment, "DUE_TABLE"), name(environment, "REGISTRATIONS_TABLE"), name(environment, "SERVERS_TABLE"));
    for (var creation : tables.creations()) {
      try {
        client.createTable(creation);
      } catch (ResourceInUseException e) {
        continue; // kept from an earlier run
      }
      tables.timesToLive().stream().filter(ttl -> ttl.tableName().equals(creation.tableName()))
          .forEach(client::updateTimeToLive);
    }
    String keyRing = name(environment, "KEY_RING_SECRET");
    if (vault.read(keyRing).isEmpty()) vault.create(keyRing, KeyRing.fresh());
  }

  private static DynamoDbClient dynamoDb(LocalSettings settings) throws IOException {
    if (settings.usesEndpoint()) return AwsClients.dynamoDb();
    var directory = settings.dataDirectory();
    if (directory.isEmpty()) return EmbeddedDynamoDb.inMemory().client();
    return EmbeddedDynamoDb.in(Files.createDirectories(directory.get().resolve("dynamodb"))).client();
  }

  private static SecretVault vault(LocalSettings settings) throws IOException {
    if (settings.usesEndpoint()) return new SecretsManagerVault(AwsClients.secretsManager(), Pause.real());
    var directory = settings.dataDirectory();
    return directory.isEmpty() ? new MemoryVault() : FileVault.open(directory.<Path>map(d -> d.resolve("vault")).get());
  }

  private static String name(Map<String, String> environment, String variable) {
    return Objects.requireNonNull(environment.get(variable), variable);
  }
}
