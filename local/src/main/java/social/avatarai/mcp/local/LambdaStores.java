package social.avatarai.mcp.local;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.aws.dynamodb.DynamoDbBuiltInServers;
import social.avatarai.mcp.aws.dynamodb.DynamoDbDueGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbServers;
import social.avatarai.mcp.aws.dynamodb.DynamoDbSessions;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.aws.secretsmanager.SecretsManagerVault;
import social.avatarai.mcp.testkit.event.Seeds;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.SecretVault;
import social.avatarai.mcp.vault.VaultKeyRing;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;

/**
 * The settings of a function under {@code local/lambdas}. Each function has its own tables and secrets in the emulator
 * of AWS.
 */
final class LambdaStores {
  private final DynamoDbClient client = AwsClients.dynamoDb();
  private final SecretVault vault = new SecretsManagerVault(AwsClients.secretsManager(), Pause.real());
  private final Map<String, String> environment;
  private final Tables tables;

  LambdaStores(Template template, String function) {
    this.environment = new HashMap<>(template.settings());
    this.tables = Tables.withPrefix(function + "-");
    environment
        .putAll(Map.of("SESSIONS_TABLE", tables.sessions(), "TOKENS_TABLE", tables.tokens(), "DUE_TABLE", tables.due(),
            "REGISTRATIONS_TABLE", tables.registrations(), "SERVERS_TABLE", tables.servers()));
    environment
        .putAll(Map.of("KEY_RING_SECRET", function + "/key-ring", "SIGNING_KEY_SECRET", function + "/signing-key",
            "CLIENT_SECRET_PREFIX", function));
    // The settings that the sample events expect, and those without which single functions do not start.
    environment.putAll(Map.of("REQUIRED_SCOPE", "mcp:use", "JWKS_URI", "https://issuer.example.com/jwks.json",
        "JWT_ISSUER", "https://issuer.example.com", "JWT_AUDIENCE", "https://api.example.com"));
    environment.putAll(Map.of("EVENTS", "all", "EVENT_BUS", function, "WEBHOOK_URL", "https://app.example.com/hook",
        "WEBHOOK_SECRET_NAME", function + "/webhook", "WEBHOOK_QUEUE", function));
  }

  Map<String, String> environment() {
    return environment;
  }

  /** The stored data that the events expect, with this MCP server and its authorization server. */
  Seeds seeds(String mcpUrl, String issuer) {
    var clock = Clock.systemUTC();
    String keyRing = Objects.requireNonNull(environment.get("KEY_RING_SECRET"));
    var cipher = new AeadTokenCipher(new VaultKeyRing(vault, keyRing, clock, Journal.standard(clock)));
    var stores = new Seeds.Stores(new DynamoDbSessions(client, tables, cipher),
        new DynamoDbGrants(client, tables, cipher), new DynamoDbDueGrants(client, tables),
        new DynamoDbServers(client, tables, cipher), new DynamoDbBuiltInServers(client, tables, cipher));
    return new Seeds(stores, clock, mcpUrl, issuer);
  }

  /** Creates the tables again, so that no event finds what another event left. */
  void clear() {
    var there = client.listTables().tableNames();
    tables.creations().stream().map(CreateTableRequest::tableName).filter(there::contains)
        .forEach(name -> client.deleteTable(delete -> delete.tableName(name)));
    LocalStores.prepare(client, vault, environment);
  }
}
