package social.avatarai.mcp.benchmarks.schedule;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.benchmarks.FunctionSettings;
import social.avatarai.mcp.event.DeliveryQueue;
import social.avatarai.mcp.event.EventBus;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.lambda.Platform;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.vault.KeyRing;
import social.avatarai.mcp.vault.SecretVault;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** The platform of a benchmark: tables of its own, secrets in memory, loopback, and a log that goes nowhere. */
final class BenchmarkPlatform implements Platform {
  static final String KEY_RING = "benchmark/key-ring";

  private final DynamoDbClient client;
  private final Tables tables;
  private final Clock clock;
  private final SecretVault vault = new MemoryVault();

  BenchmarkPlatform(DynamoDbClient client, Tables tables, Clock clock) {
    this.client = client;
    this.tables = tables;
    this.clock = clock;
    vault.create(KEY_RING, KeyRing.fresh());
  }

  @Override
  public Map<String, String> environment() {
    return FunctionSettings.of(tables, KEY_RING);
  }

  @Override
  public AddressPolicy addressPolicy() {
    return AddressPolicy.withLoopback();
  }

  @Override
  public boolean bindsSessions() {
    return true;
  }

  @Override
  public DynamoDbClient dynamoDb() {
    return client;
  }

  SecretVault vault() {
    return vault;
  }

  @Override
  public SecretVault vault(Settings settings) {
    return vault;
  }

  @Override
  public EventBus eventBus(String name) {
    throw new IllegalStateException("a benchmark has no bus");
  }

  @Override
  public DeliveryQueue deliveryQueue(String url) {
    throw new IllegalStateException("a benchmark has no queue");
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public Journal journal() {
    return silent(clock);
  }

  /** A log that goes nowhere. */
  static Journal silent(Clock clock) {
    return new Journal(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), clock);
  }

  @Override
  public Pause pause() {
    return Pause.real();
  }
}
