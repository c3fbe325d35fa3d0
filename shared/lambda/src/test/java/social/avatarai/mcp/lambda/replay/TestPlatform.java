package social.avatarai.mcp.lambda.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.aws.dynamodb.DynamoDbBuiltInServers;
import social.avatarai.mcp.aws.dynamodb.DynamoDbClientHolders;
import social.avatarai.mcp.aws.dynamodb.DynamoDbDueGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbServers;
import social.avatarai.mcp.aws.dynamodb.DynamoDbSessions;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.event.DeliveryQueue;
import social.avatarai.mcp.event.EventBus;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.lambda.Platform;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.event.Seeds;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.KeyRing;
import social.avatarai.mcp.vault.SecretVault;
import social.avatarai.mcp.vault.VaultKeyRing;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * The platform of a test. It has its own tables in the embedded DynamoDB, which are created when they are first used,
 * and an empty vault. A test can change the rest before it asks for the wiring.
 */
public final class TestPlatform implements Platform, AutoCloseable {
  private final Map<String, String> environment = new HashMap<>();
  private final SecretVault vault = new MemoryVault();
  private final TestBus bus = new TestBus();
  private final Map<String, Duration> pauses = new HashMap<>();
  private final Tables tables = Tables.withPrefix("t" + Unguessable.text().replace("-", "x") + "-");
  private final Clock clock;
  private final Set<String> asked = new TreeSet<>();
  private @Nullable DynamoDbClient client;
  private boolean hasTables;
  private boolean primes;
  private AddressPolicy policy = AddressPolicy.withLoopback();
  private Pause pause = duration -> {};
  private PrintStream log = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);

  /** Where this wiring stores its data, for tests that look there themselves. */
  public record Stores(DynamoDbClient client, SecretVault vault, Tables tables, String keyRingSecret) {}

  public TestPlatform(Clock clock) {
    this.clock = clock;
    environment
        .putAll(Map.of("SESSIONS_TABLE", tables.sessions(), "TOKENS_TABLE", tables.tokens(), "DUE_TABLE", tables.due(),
            "REGISTRATIONS_TABLE", tables.registrations(), "SERVERS_TABLE", tables.servers(), "KEY_RING_SECRET",
            "test/key-ring", "SIGNING_KEY_SECRET", "test/signing-key", "CLIENT_SECRET_PREFIX", "test", "REQUIRED_SCOPE",
            "mcp:use"));
    environment.putAll(Map.of("EVENTS", "all", "EVENT_BUS", "test", "WEBHOOK_URL", "http://localhost:1/hook",
        "WEBHOOK_SECRET_NAME", "test/webhook", "WEBHOOK_QUEUE", "https://sqs.example.com/webhook"));
    vault.create("test/key-ring", KeyRing.fresh());
  }

  /** Adds a setting or replaces the value of one. */
  public TestPlatform with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  public TestPlatform with(AddressPolicy other) {
    policy = other;
    return this;
  }

  public TestPlatform with(Pause other) {
    pause = other;
    return this;
  }

  /** Uses another client, for example one that counts calls or loses responses. */
  public TestPlatform with(DynamoDbClient other) {
    client = other;
    return this;
  }

  /** Writes the log to a stream that the test can read. */
  public TestPlatform loggingTo(PrintStream other) {
    log = other;
    return this;
  }

  /** Lets its functions load ahead what their first call needs, as on Lambda. */
  public TestPlatform priming() {
    primes = true;
    return this;
  }

  @Override
  public boolean primes() {
    return primes;
  }

  public Wiring wiring() {
    var settings = Settings.read(environment, Profiles.load());
    return new Wiring(settings, settings.profiles(), this, journal());
  }

  /** The names of the tables. The tables exist once a store has been used. */
  public Tables tables() {
    return tables;
  }

  /**
   * Which clients were asked for, by the methods of {@link Platform}: {@code dynamoDb}, {@code vault}, and
   * {@code addressPolicy} for the outbound door.
   */
  public Set<String> clients() {
    return Set.copyOf(asked);
  }

  public Stores stores() {
    return new Stores(dynamoDb(), vault, tables, "test/key-ring");
  }

  /** Seeds for the tables of this wiring, whose records name these servers. */
  public Seeds seeds(String mcpUrl, String issuer) {
    var cipher = new AeadTokenCipher(new VaultKeyRing(vault, "test/key-ring", clock, journal()));
    var client = dynamoDb();
    var stores = new Seeds.Stores(new DynamoDbSessions(client, tables, cipher),
        new DynamoDbGrants(client, tables, cipher), new DynamoDbDueGrants(client, tables),
        new DynamoDbServers(client, tables, cipher), new DynamoDbBuiltInServers(client, tables, cipher));
    return new Seeds(stores, clock, mcpUrl, issuer);
  }

  @Override
  public Map<String, String> environment() {
    return environment;
  }

  @Override
  public AddressPolicy addressPolicy() {
    asked.add("addressPolicy");
    return policy;
  }

  @Override
  public boolean bindsSessions() {
    return true;
  }

  @Override
  public synchronized DynamoDbClient dynamoDb() {
    asked.add("dynamoDb");
    if (!hasTables) {
      tables.creations().forEach(embedded()::createTable);
      new DynamoDbClientHolders(embedded(), tables).noteNewTable();
      hasTables = true;
    }
    return client == null ? embedded() : client;
  }

  private static DynamoDbClient embedded() { return EmbeddedDynamoDb.inMemory().client(); }

  public SecretVault vault() {
    return vault;
  }

  @Override
  public SecretVault vault(Settings settings) {
    asked.add("vault");
    return vault;
  }

  /** The bus of the test. It keeps what it gets, and refuses on request. */
  public TestBus bus() {
    return bus;
  }

  @Override
  public EventBus eventBus(String name) {
    asked.add("eventBus");
    return bus;
  }

  @Override
  public DeliveryQueue deliveryQueue(String url) {
    asked.add("deliveryQueue");
    return pauses::put;
  }

  /** For how long each message was hidden, by its receipt. */
  public Map<String, Duration> pauses() {
    return pauses;
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public Journal journal() {
    return new Journal(log, clock);
  }

  @Override
  public Pause pause() {
    return pause;
  }

  /** Drops the tables: the embedded DynamoDB gets slower with every table it has. */
  @Override
  public synchronized void close() {
    if (!hasTables) return;
    for (var creation : tables.creations())
      embedded().deleteTable(table -> table.tableName(creation.tableName()));
  }
}
