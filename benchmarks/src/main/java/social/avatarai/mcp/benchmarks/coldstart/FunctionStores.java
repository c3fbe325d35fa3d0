package social.avatarai.mcp.benchmarks.coldstart;

import java.time.Clock;
import java.util.Map;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.aws.dynamodb.DynamoDbBuiltInServers;
import social.avatarai.mcp.aws.dynamodb.DynamoDbClientHolders;
import social.avatarai.mcp.aws.dynamodb.DynamoDbDueGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbServers;
import social.avatarai.mcp.aws.dynamodb.DynamoDbSessions;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.benchmarks.FunctionSettings;
import social.avatarai.mcp.testkit.Demo;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.event.Seeds;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.KeyRing;
import social.avatarai.mcp.vault.VaultKeyRing;

/** The tables, the key ring and the settings of one function. */
final class FunctionStores {
  private final LoopbackAws aws;
  private final Tables tables;
  private final String keyRing;
  private final MemoryVault vault = new MemoryVault();

  FunctionStores(LoopbackAws aws, String function) {
    this.aws = aws;
    this.tables = Tables.withPrefix(function + "-");
    this.keyRing = function + "/key-ring";
    vault.create(keyRing, KeyRing.fresh());
    aws.putSecret(keyRing, vault.read(keyRing).orElseThrow());
  }

  Tables tables() {
    return tables;
  }

  /** Creates the tables again, and writes the data that the event expects. */
  void reset(String seed, Demo demo) {
    var there = aws.client().listTables().tableNames();
    for (var creation : tables.creations()) {
      if (there.contains(creation.tableName()))
        aws.client().deleteTable(delete -> delete.tableName(creation.tableName()));
      aws.client().createTable(creation);
    }
    new DynamoDbClientHolders(aws.client(), tables).noteNewTable();
    if (!seed.isEmpty()) seeds(demo).write(seed);
  }

  private Seeds seeds(Demo demo) {
    var clock = Clock.systemUTC();
    var cipher = new AeadTokenCipher(new VaultKeyRing(vault, keyRing, clock, Journal.standard(clock)));
    var client = aws.client();
    var stores = new Seeds.Stores(new DynamoDbSessions(client, tables, cipher),
        new DynamoDbGrants(client, tables, cipher), new DynamoDbDueGrants(client, tables),
        new DynamoDbServers(client, tables, cipher), new DynamoDbBuiltInServers(client, tables, cipher));
    return new Seeds(stores, clock, demo.mcpUrl(), demo.issuer());
  }

  /** The settings of the function, as the template sets them. */
  Map<String, String> environment() {
    var environment = FunctionSettings.of(tables, keyRing);
    environment.putAll(aws.environment());
    // Every start of a flow counts; none of them shall reach the limit of its user.
    environment.put("BUDGET_REQUESTS_PER_HOUR", "999999");
    return environment;
  }
}
