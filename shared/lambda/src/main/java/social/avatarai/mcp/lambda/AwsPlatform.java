package social.avatarai.mcp.lambda;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.SharedClock;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.aws.AwsJsonService;
import social.avatarai.mcp.aws.TimeOfStore;
import social.avatarai.mcp.aws.eventbridge.EventBridgeBus;
import social.avatarai.mcp.aws.secretsmanager.SecretsManagerVault;
import social.avatarai.mcp.aws.sqs.SqsDeliveryQueue;
import social.avatarai.mcp.event.DeliveryQueue;
import social.avatarai.mcp.event.EventBus;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.vault.SecretVault;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * A deployment on AWS. Only the public internet can be reached and sessions are bound to browsers; no setting changes
 * this. A benchmark extends this class, to measure the same platform with servers on loopback.
 */
public class AwsPlatform implements Platform {
  /** These settings exist for the local runner only. A deployment that has one of them does not start. */
  private static final List<String> LOCAL_ONLY = List.of("ALLOW_LOOPBACK", "SESSION_BINDING", "WEBHOOK_SECRET");

  /** A client secret in the clear. The local runner takes one; a deployment gets the name of a secret instead. */
  private static final Pattern PLAIN_SECRET = Pattern.compile("MCP_.*_CLIENT_SECRET");

  private final SharedClock clock = new SharedClock(Clock.systemUTC());

  protected AwsPlatform() {
    refuseLocalSettings(System.getenv().keySet());
  }

  /** Refuses names of settings that only the local runner may have; {@code misconfigured} names the first one. */
  static void refuseLocalSettings(Set<String> names) {
    names.stream().filter(name -> LOCAL_ONLY.contains(name) || PLAIN_SECRET.matcher(name).matches()).sorted()
        .findFirst().ifPresent(name -> {
          throw new Failure.Misconfigured(name + " exists for the local runner only.", name);
        });
  }

  @Override
  public Map<String, String> environment() {
    return System.getenv();
  }

  @Override
  public AddressPolicy addressPolicy() {
    return AddressPolicy.publicInternet();
  }

  @Override
  public boolean bindsSessions() {
    return true;
  }

  @Override
  public DynamoDbClient dynamoDb() {
    return AwsClients.dynamoDb(new TimeOfStore(clock, Journal.standard(clock)));
  }

  @Override
  public SecretVault vault(Settings settings) {
    // Secrets that are created here are encrypted with the template's key, not with the account's default key.
    return new SecretsManagerVault(AwsClients.secretsManager(), "alias/" + settings.clientSecretPrefix(), pause());
  }

  @Override
  public EventBus eventBus(String name) {
    return new EventBridgeBus(AwsJsonService.of(EventBridgeBus.PROTOCOL, environment()), name);
  }

  @Override
  public DeliveryQueue deliveryQueue(String url) {
    return new SqsDeliveryQueue(AwsJsonService.of(SqsDeliveryQueue.PROTOCOL, environment()), url);
  }

  @Override
  public boolean primes() {
    return true;
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public Pause pause() {
    return Pause.real();
  }
}
