package social.avatarai.mcp.benchmarks.simulation;

import java.io.OutputStream;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.testkit.FixedClock;
import social.avatarai.mcp.testkit.memory.MemoryDueGrants;
import social.avatarai.mcp.testkit.memory.MemoryGrants;
import social.avatarai.mcp.testkit.memory.MemoryLeases;
import social.avatarai.mcp.testkit.memory.RefreshSteps;
import social.avatarai.mcp.testkit.memory.StoreTraffic;
import social.avatarai.mcp.testkit.memory.StoreTraffic.Item;
import social.avatarai.mcp.token.DueGrants;
import social.avatarai.mcp.token.Freshness;
import social.avatarai.mcp.token.RefreshTiming;
import social.avatarai.mcp.token.Refresher;
import social.avatarai.mcp.token.ScheduledRefresh;

/**
 * Simulates the refresh of many grants, a minute at a time: users use their grants, and the schedule runs. The code that
 * decides and refreshes is the real one. Only the stores, the issuers and the clock are simulated.
 */
public final class RefreshSimulation {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration BETWEEN_NOTES_OF_USE = Duration.ofHours(1);
  private static final int MINUTES_OF_DAY = 1_440;
  private static final int DUE = 1_000;

  private final Scenario scenario;
  private final Random random = new Random(20_260_101);
  private final FixedClock clock = FixedClock.at(START);
  private final StoreTraffic traffic = new StoreTraffic();
  private final MemoryGrants grants = new MemoryGrants(traffic);
  private final MemoryDueGrants dueGrants = new MemoryDueGrants(traffic);
  private final Population population;
  private final Refresher refresher;
  /** One for each worker: a worker is a process of its own, which remembers what it has handled. */
  private final List<ScheduledRefresh> workers;
  private final Lateness lateness = new Lateness();
  private final AtomicLong refreshes = new AtomicLong();
  private final Map<Item, Long> scheduled = new EnumMap<>(Item.class);
  private final Map<Item, Long> onUse = new EnumMap<>(Item.class);
  private boolean inSchedule;
  private long most;
  private long unfinished;
  private long uses;
  private long refreshedOnUse;

  private RefreshSimulation(Scenario scenario) {
    this.scenario = scenario;
    this.population = new Population(scenario, START, random);
    var journal = new Journal(new PrintStream(OutputStream.nullOutputStream()), clock);
    var issuers = new SimulatedIssuers(scenario.tokenLife(), this::noteRefresh);
    var stores = new RefreshSteps.Stores(grants, dueGrants, new MemoryLeases(traffic));
    var steps = new RefreshSteps(stores, issuers, clock, _ -> {}, new SecureRandom(), journal);
    this.refresher = steps.refresher();
    this.workers = Stream.generate(steps::scheduled).limit(scenario.workers()).toList();
  }

  /** Simulates each number of grants in turn: {@code 10000,1000000 [hours=24 …]}; or only one run: {@code due}. */
  public static void main(String[] arguments) {
    if (arguments[0].equals("due")) {
      long few = new RefreshSimulation(Scenario.parse(10_000)).readsOfOneRun();
      long many = new RefreshSimulation(Scenario.parse(1_000_000)).readsOfOneRun();
      System.out.printf(Locale.ROOT,
          "items read for %,d due grants: %,d of 10 k stored, %,d of 1 M stored; ratio %.2f%n",
          DUE, few, many, (double) many / few);
      return;
    }
    var options = Arrays.copyOfRange(arguments, 1, arguments.length);
    for (String number : arguments[0].split(","))
      new RefreshSimulation(Scenario.parse(Integer.parseInt(number), options)).run();
  }

  /** The items that one run reads when {@value #DUE} of the stored grants are due. */
  private long readsOfOneRun() {
    population.storeDue(grants, dueGrants, DUE);
    skipToStart();
    clock.advance(MINUTE);
    traffic.reset();
    runSchedule();
    if (refreshes.get() != DUE) throw new IllegalStateException("refreshed " + refreshes.get());
    return traffic.itemsRead();
  }

  private void skipToStart() {
    for (int shard = 0; shard < DueGrants.SHARDS; shard++)
      dueGrants.advance(shard, RefreshTiming.minute(START));
  }

  private void noteRefresh(int grant) {
    if (!inSchedule) {
      refreshedOnUse++;
      return;
    }
    refreshes.incrementAndGet();
    long due = grants.peek(population.key(grant)).orElseThrow().state().dueMinute();
    lateness.note(RefreshTiming.minute(clock.instant()) - due);
  }

  private void run() {
    long begun = System.nanoTime();
    population.store(grants, dueGrants);
    skipToStart();
    for (int minute = 0; minute < scenario.hours() * 60; minute++)
      simulateMinute();
    print(Duration.ofNanos(System.nanoTime() - begun));
  }

  private void simulateMinute() {
    clock.advance(MINUTE);
    traffic.reset();
    double expected = (double) scenario.active() * scenario.usesPerDay() / MINUTES_OF_DAY;
    long now = (long) expected + (random.nextDouble() < expected % 1 ? 1 : 0);
    for (long i = 0; i < now; i++)
      use(random.nextInt(scenario.active()));
    addTo(onUse);
    traffic.reset();
    runSchedule();
    addTo(scheduled);
    dueGrants.expireBefore(RefreshTiming.minute(clock.instant()) - 10);
  }

  private void use(int number) {
    uses++;
    var grant = grants.read(population.key(number)).orElseThrow();
    if (grant.state().lastUsed().plus(BETWEEN_NOTES_OF_USE).isBefore(clock.instant())) {
      grants.noteUse(grant, clock.instant());
      grant = grant.usedAt(clock.instant());
    }
    if (!(refresher.fresh(grant, Deadline.in(MINUTE)) instanceof Freshness.Fresh)) {
      throw new IllegalStateException("a grant cannot be used");
    }
  }

  private void runSchedule() {
    inSchedule = true;
    long before = refreshes.get();
    int shards = DueGrants.SHARDS / scenario.workers();
    for (int worker = 0; worker < workers.size(); worker++) {
      var run = workers.get(worker).run(worker * shards, (worker + 1) * shards - 1, Deadline.in(MINUTE));
      if (!run.finished()) unfinished++;
    }
    most = Math.max(most, refreshes.get() - before);
    inSchedule = false;
  }

  private void addTo(Map<Item, Long> counts) {
    for (var item : Item.values())
      counts.merge(item, traffic.count(item), Long::sum);
  }

  private void print(Duration took) {
    var cost = new MonthlyCost(scenario, scheduled, onUse, refreshes.get());
    System.out.printf(Locale.ROOT, "%n%,d grants, %d issuers, tokens of %d min, %d %% active, %d uses a day, %d h, "
        + "%d workers%n", scenario.grants(), scenario.issuers(), scenario.tokenLife().toMinutes(),
        scenario.activePercent(), scenario.usesPerDay(), scenario.hours(), scenario.workers());
    System.out.printf(Locale.ROOT, "  refreshes: %,d by the schedule (most in a minute: %,d), %,d of %,d uses%n",
        refreshes.get(), most, refreshedOnUse, uses);
    System.out.printf(Locale.ROOT, "  lateness in minutes: p50 %d, p99 %d, p99.9 %d, most %d; unfinished runs: %d%n",
        lateness.percentile(0.5), lateness.percentile(0.99), lateness.percentile(0.999), lateness.percentile(1),
        unfinished);
    scheduled.forEach((item, count) -> System.out.printf(Locale.ROOT, "  %-14s %,14d   (%.2f a refresh)%n",
        item.name().toLowerCase(Locale.ROOT), count, (double) count / Math.max(1, refreshes.get())));
    cost.parts().forEach((part, usd) -> System.out.printf(Locale.ROOT, "  %-34s %10.2f USD%n", part, usd));
    System.out.printf(Locale.ROOT, "simulated: %,d grants: %.2f USD a month; %,d s of this machine%n",
        scenario.grants(),
        cost.total(), took.toSeconds());
  }
}
