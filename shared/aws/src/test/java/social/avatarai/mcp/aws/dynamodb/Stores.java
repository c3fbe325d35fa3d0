package social.avatarai.mcp.aws.dynamodb;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.aws.StoreHost;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.KeyRing;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.VaultKeyRing;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The tables that the tests of this JVM share, on its {@link StoreHost}.
 *
 * <p>Their names begin with random text, so that a long-lived emulator can be used again.
 */
final class Stores {
  static final Tables TABLES = Tables.withPrefix(Unguessable.text().substring(0, 12) + "-");
  static final TokenCipher CIPHER = cipher();

  private static @Nullable DynamoDbClient client;

  private Stores() {}

  /** A client of the tables. The tables exist when it is returned. */
  static synchronized DynamoDbClient client() {
    if (client == null) {
      client = clientWith();
      TABLES.creations().forEach(client::createTable);
      var waiter = client.waiter();
      TABLES.creations().forEach(table -> waiter.waitUntilTableExists(wait -> wait.tableName(table.tableName())));
      TABLES.timesToLive().forEach(client::updateTimeToLive);
      new DynamoDbClientHolders(client, TABLES).noteNewTable();
    }
    return client;
  }

  /** A new client with these interceptors. Every read of it must be consistent too. */
  static DynamoDbClient clientWith(ExecutionInterceptor... interceptors) {
    var all = Stream.concat(Stream.of(new ConsistentReads()), Stream.of(interceptors))
        .toArray(ExecutionInterceptor[]::new);
    return StoreHost.CURRENT.dynamoDb(all);
  }

  /** A client of the embedded tables with this retry strategy. */
  static DynamoDbClient embeddedWith(RetryStrategy retries, ExecutionInterceptor... interceptors) {
    assumeFalse(StoreHost.isElsewhere());
    client();
    return EmbeddedDynamoDb.inMemory().clientWith(ClientOverrideConfiguration.builder().retryStrategy(retries),
        interceptors);
  }

  /** An item as it is stored. */
  static Map<String, AttributeValue> raw(String table, Map<String, AttributeValue> key) {
    return client().getItem(get -> get.tableName(table).key(key).consistentRead(true)).item();
  }

  /** Makes an item of the servers table unreadable: the attribute that every such item must have is removed. */
  static void spoilServer(Map<String, AttributeValue> key) {
    var item = new HashMap<>(raw(TABLES.servers(), key));
    item.remove("url");
    put(TABLES.servers(), item);
  }

  static void put(String table, Map<String, AttributeValue> item) {
    client().putItem(put -> put.tableName(table).item(item));
  }

  /** All items of a table. */
  static List<Map<String, AttributeValue>> scan(String table) {
    return client().scanPaginator(scan -> scan.tableName(table).consistentRead(true)).items().stream().toList();
  }

  private static TokenCipher cipher() {
    var vault = new MemoryVault();
    vault.create("key-ring", KeyRing.fresh());
    return new AeadTokenCipher(
        new VaultKeyRing(vault, "key-ring", Clock.systemUTC(), Journal.standard(Clock.systemUTC())));
  }
}
