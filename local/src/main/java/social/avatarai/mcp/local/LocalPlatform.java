package social.avatarai.mcp.local;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.aws.AwsJsonService;
import social.avatarai.mcp.aws.eventbridge.EventBridgeBus;
import social.avatarai.mcp.aws.secretsmanager.SecretsManagerVault;
import social.avatarai.mcp.aws.sqs.SqsDeliveryQueue;
import social.avatarai.mcp.event.DeliveryQueue;
import social.avatarai.mcp.event.EventBus;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.lambda.Platform;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.resource.StdioServers;
import social.avatarai.mcp.vault.SecretVault;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/**
 * The platform outside of AWS. The wiring of the handlers finds it on the class path. Only this platform can allow
 * connections to loopback ({@code ALLOW_LOOPBACK}, on by default), and only here can the binding to a browser be
 * switched off ({@code SESSION_BINDING=off}).
 */
public final class LocalPlatform implements Platform {
  private static final AtomicReference<@Nullable Stores> STORES = new AtomicReference<>();
  private static final AtomicReference<@Nullable Journal> JOURNAL = new AtomicReference<>();
  private static final AtomicReference<@Nullable LocalEvents> EVENTS = new AtomicReference<>();
  private static final AtomicReference<StdioServers> PROGRAMS = new AtomicReference<>(StdioServers.none());

  /**
   * What the handlers of a run in one process share.
   *
   * @param environment the variables that the handlers read as their environment
   * @param dynamoDb the tables
   * @param streams the streams of the tables
   * @param vault the secrets
   */
  record Stores(Map<String, String> environment, DynamoDbClient dynamoDb, DynamoDbStreamsClient streams,
      SecretVault vault) {}

  /** Gives the handlers of this process their stores, before the first handler is created. */
  static void use(Stores stores) {
    STORES.set(stores);
  }

  /** Gives the handlers a bus and a queue in this process, instead of those of AWS. */
  static void carry(LocalEvents events) {
    EVENTS.set(events);
  }

  /** Gives the handlers the servers that the operator has defined as programs. */
  static void offer(StdioServers programs) {
    PROGRAMS.set(programs);
  }

  /** Gives the handlers another log than standard output. */
  static void logTo(Journal journal) {
    JOURNAL.set(journal);
  }

  @Override
  public Map<String, String> environment() {
    var stores = STORES.get();
    return stores == null ? System.getenv() : stores.environment();
  }

  @Override
  public AddressPolicy addressPolicy() {
    return isOn("ALLOW_LOOPBACK") ? AddressPolicy.withLoopback() : AddressPolicy.publicInternet();
  }

  @Override
  public boolean bindsSessions() {
    return isOn("SESSION_BINDING");
  }

  @Override
  public DynamoDbClient dynamoDb() {
    var stores = STORES.get();
    return stores == null ? AwsClients.dynamoDb() : stores.dynamoDb();
  }

  @Override
  public SecretVault vault(Settings settings) {
    var stores = STORES.get();
    var vault = stores == null
        ? new SecretsManagerVault(AwsClients.secretsManager(), Pause.real())
        : stores.vault();
    return new EnvironmentSecrets(vault, System.getenv());
  }

  @Override
  public EventBus eventBus(String name) {
    var events = EVENTS.get();
    return events == null
        ? new EventBridgeBus(AwsJsonService.of(EventBridgeBus.PROTOCOL, System.getenv()), name)
        : events;
  }

  @Override
  public DeliveryQueue deliveryQueue(String url) {
    var events = EVENTS.get();
    return events == null
        ? new SqsDeliveryQueue(AwsJsonService.of(SqsDeliveryQueue.PROTOCOL, System.getenv()), url)
        : events;
  }

  @Override
  public StdioServers stdioServers() {
    return PROGRAMS.get();
  }

  @Override
  public Clock clock() {
    return Clock.systemUTC();
  }

  @Override
  public Journal journal() {
    var journal = JOURNAL.get();
    return journal == null ? Journal.standard(clock()) : journal;
  }

  @Override
  public Pause pause() {
    return Pause.real();
  }

  private static boolean isOn(String name) {
    return new LocalSettings(System.getenv()).isOn(name);
  }
}
