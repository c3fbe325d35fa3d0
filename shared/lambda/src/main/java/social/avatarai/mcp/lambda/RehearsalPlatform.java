package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.SharedClock;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.aws.TimeOfStore;
import social.avatarai.mcp.aws.secretsmanager.SecretsManagerVault;
import social.avatarai.mcp.event.DeliveryQueue;
import social.avatarai.mcp.event.EventBus;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.vault.SecretVault;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The platform of a {@link Rehearsal}: all that it calls is its own server, and it logs nothing. What is rehearsed has a
 * route, so it has neither an event bus nor a queue.
 */
final class RehearsalPlatform implements Platform, AutoCloseable {
  private final SharedClock clock = new SharedClock(Clock.systemUTC());
  private final Journal journal = new Journal(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8), clock);
  private final DynamoDbClient dynamoDb;
  private final SecretsManagerClient secrets;

  RehearsalPlatform(RehearsalServer server) {
    this.dynamoDb = AwsClients.dynamoDbAt(server.stores(), new TimeOfStore(clock, journal));
    this.secrets = AwsClients.secretsManagerAt(server.stores());
  }

  @Override
  public Map<String, String> environment() {
    return Map.of();
  }

  @Override
  public AddressPolicy addressPolicy() {
    return AddressPolicy.onlyLoopback();
  }

  @Override
  public boolean bindsSessions() {
    return true;
  }

  @Override
  public DynamoDbClient dynamoDb() {
    return dynamoDb;
  }

  @Override
  public SecretVault vault(Settings settings) {
    return new SecretsManagerVault(secrets, "none", pause());
  }

  @Override
  public EventBus eventBus(String name) {
    throw new UnsupportedOperationException("a rehearsal publishes nothing");
  }

  @Override
  public DeliveryQueue deliveryQueue(String url) {
    throw new UnsupportedOperationException("a rehearsal sends nothing");
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public Journal journal() {
    return journal;
  }

  @Override
  public Pause pause() {
    return Pause.real();
  }

  @Override
  public void close() {
    List.<SdkAutoCloseable>of(dynamoDb, secrets).forEach(SdkAutoCloseable::close);
  }
}
