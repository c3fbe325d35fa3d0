package social.avatarai.mcp.benchmarks.schedule;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Stream;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.aws.dynamodb.DynamoDbDueGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbGrants;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.http.OutboundDoor;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.memory.MemoryDueGrants;
import social.avatarai.mcp.testkit.memory.MemoryGrants;
import social.avatarai.mcp.testkit.memory.MemoryLeases;
import social.avatarai.mcp.testkit.memory.RefreshSteps;
import social.avatarai.mcp.testkit.memory.StoreTraffic;
import social.avatarai.mcp.token.DueGrants;
import social.avatarai.mcp.token.ScheduledRefresh;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.VaultKeyRing;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * How many due grants one run renews in a second, against issuers on loopback. After each run, the very calls that it
 * made to the store are made once more without the rest of the service: this is the ceiling that the store sets.
 */
public final class ScheduleBenchmark {
  private static final int LAST_SHARD = DueGrants.SHARDS - 1;
  /** The store's calls alone are made by this many threads: more than a run, whose issuers are all at one site. */
  private static final int AT_ONCE = 64;
  private static final int WARM_UP = 3;
  private static final Duration TIME = Duration.ofSeconds(300);

  private final int grants;
  private final int rounds;
  private final Clock clock = Clock.systemUTC();
  private final List<LoopbackIssuer> issuers = Stream.generate(LoopbackIssuer::new).limit(8).toList();

  private ScheduleBenchmark(int grants, int rounds) {
    this.grants = grants;
    this.rounds = rounds;
  }

  /** {@code embedded|memory|endpoint GRANTS ROUNDS}. */
  public static void main(String[] arguments) {
    var benchmark = new ScheduleBenchmark(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
    // The pools of the store and of the door would keep the process alive.
    try {
      benchmark.measure(arguments[0]);
      System.exit(0);
    } catch (RuntimeException e) {
      System.err.println("schedule: " + e);
      System.exit(1);
    }
  }

  private void measure(String mode) {
    switch (mode) {
      case "memory" -> inMemory();
      case "endpoint" -> onTables("the store at the endpoint", AwsClients.dynamoDb());
      default -> onTables("the embedded store", EmbeddedDynamoDb.inMemory().client());
    }
    issuers.forEach(LoopbackIssuer::close);
  }

  private void onTables(String store, DynamoDbClient client) {
    var tables = Tables.withPrefix("b" + Unguessable.text().replace("-", "x") + "-");
    var calls = new RecordedCalls(client);
    var platform = new BenchmarkPlatform(calls.client(), tables, clock);
    var profiles = Profiles.load();
    var flow = new Wiring(Settings.read(platform.environment(), profiles), profiles, platform, platform.journal())
        .flow();
    var ring = new VaultKeyRing(platform.vault(), BenchmarkPlatform.KEY_RING, clock, platform.journal());
    var stored = new DynamoDbGrants(client, tables, new AeadTokenCipher(ring));
    var due = new DynamoDbDueGrants(client, tables);
    try (var rows = new ScheduledTables(client, tables)) {
      var empty = rows.contents();
      var whole = new ArrayList<Double>();
      var alone = new ArrayList<Double>();
      for (int round = 0; round < WARM_UP + rounds; round++) {
        rows.restore(empty);
        new DueRound(round, grants, issuers).store(stored, due, clock.instant());
        var before = rows.contents();
        calls.clear();
        whole.add(rate(() -> flow.refreshDue(0, LAST_SHARD, Deadline.in(TIME))));
        rows.restore(before);
        alone.add(perSecond(timed(() -> calls.replay(AT_ONCE))));
      }
      print(median(whole), store, median(alone), calls.size());
    }
  }

  private void inMemory() {
    var grantStore = new MemoryGrants(new StoreTraffic());
    var due = new MemoryDueGrants(new StoreTraffic());
    var journal = BenchmarkPlatform.silent(clock);
    var door = new OutboundDoor(AddressPolicy.withLoopback());
    var stores = new RefreshSteps.Stores(grantStore, due, new MemoryLeases(new StoreTraffic()));
    var schedule = new RefreshSteps(stores, door, clock, Pause.real(), new SecureRandom(), journal).scheduled();
    var whole = new ArrayList<Double>();
    for (int round = 0; round < WARM_UP + rounds; round++) {
      due.expireBefore(Long.MAX_VALUE);
      new DueRound(round, grants, issuers).store(grantStore, due, clock.instant());
      whole.add(rate(() -> schedule.run(0, LAST_SHARD, Deadline.in(TIME))));
    }
    System.out.printf(Locale.ROOT, "schedule: %.0f refreshes/s with stores in memory (%d grants, median of %d)%n",
        median(whole), grants, rounds);
  }

  private double rate(Supplier<ScheduledRefresh.Run> run) {
    long asked = asked();
    var result = new ArrayList<ScheduledRefresh.Run>();
    double rate = perSecond(timed(() -> result.add(run.get())));
    boolean isWhole = result.getFirst().refreshed() == grants && result.getFirst().finished();
    if (!isWhole || asked() - asked != grants) throw new IllegalStateException("not all were renewed: " + result);
    return rate;
  }

  private long asked() {
    return issuers.stream().mapToLong(LoopbackIssuer::granted).sum();
  }

  private double perSecond(Duration time) {
    return grants * 1e9 / time.toNanos();
  }

  private static Duration timed(Runnable work) {
    long begun = System.nanoTime();
    work.run();
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private static double median(List<Double> all) {
    var measured = all.subList(WARM_UP, all.size()).stream().sorted().toList();
    return measured.get(measured.size() / 2);
  }

  private void print(double whole, String store, double alone, int calls) {
    System.out.printf(Locale.ROOT, "schedule: %.0f refreshes/s; %s alone: %.0f refreshes' worth of calls/s; ratio %.2f "
        + "(%d grants, %.2f calls each, median of %d)%n", whole, store, alone, whole / alone, grants,
        (double) calls / grants, rounds);
  }
}
