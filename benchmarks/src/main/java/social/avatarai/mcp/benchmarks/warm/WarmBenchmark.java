package social.avatarai.mcp.benchmarks.warm;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;

/**
 * Measures a warm service from outside. What is compared takes turns, because other work on the machine comes and goes.
 */
public final class WarmBenchmark {
  private static final int AT_ONCE = 16;
  private static final int ROUNDS = 5;
  private static final int FLOWS = 10;
  private static final int WARM_UP_CALLS = 3000;

  private final int port;
  private final ServiceProcess service;
  private final FakeAuthorizationServer issuer = FakeAuthorizationServer.start();
  private final WarmMcpServer server = new WarmMcpServer(issuer);
  private int users;

  private WarmBenchmark(int port, long pid) {
    this.port = port;
    this.service = ServiceProcess.of(pid);
  }

  /** {@code PORT PID CALLS SECONDS MINUTES [COMMAND OF THE OTHER CLIENT …]}. */
  public static void main(String[] arguments) {
    try {
      var benchmark = new WarmBenchmark(Integer.parseInt(arguments[0]), Long.parseLong(arguments[1]));
      benchmark.warmUp();
      benchmark.latency(Integer.parseInt(arguments[2]));
      benchmark.throughput(Double.parseDouble(arguments[3]));
      benchmark.connects(List.of(arguments).subList(5, arguments.length));
      benchmark.memory(Integer.parseInt(arguments[4]));
      System.exit(0);
    } catch (RuntimeException e) {
      System.err.println("warm: " + e);
      System.exit(1);
    }
  }

  private WarmUser connected() {
    var user = new WarmUser(port, "warm-user-" + users++);
    user.connect(server.url(), issuer);
    return user;
  }

  private void warmUp() {
    try (var user = connected()) {
      for (int i = 0; i < WARM_UP_CALLS; i++) {
        user.callByAccess();
        user.callByProxy();
      }
    }
    var before = service.cpu();
    pause(Duration.ofSeconds(5));
    say("without calls the service uses %.1f ms of processor time a second",
        service.cpu().minus(before).toMillis() / 5.0);
  }

  private void latency(int calls) {
    latency("access-resource", calls, WarmUser::callByAccess);
    latency("mcp-proxy", calls, WarmUser::callByProxy);
  }

  private void latency(String name, int calls, Consumer<WarmUser> call) {
    var direct = new Latencies(calls);
    var through = new Latencies(calls);
    try (var user = connected(); var directly = new DirectCaller(server.port())) {
      var before = service.cpu();
      for (int i = 0; i < calls; i++) {
        direct.time(directly::call);
        through.time(() -> call.accept(user));
      }
      double cpu = service.cpu().minus(before).toNanos() / 1e6 / calls;
      say("%s: direct p50 %.2f ms, p99 %.2f ms; through the service p50 %.2f ms, p99 %.2f ms; added p50 %.2f ms, p99"
          + " %.2f ms; processor time %.2f ms a call (%d calls, one at a time)", name, direct.percentile(50),
          direct.percentile(99), through.percentile(50), through.percentile(99),
          through.percentile(50) - direct.percentile(50), through.percentile(99) - direct.percentile(99), cpu, calls);
    }
  }

  private void throughput(double seconds) {
    var callers = IntStream.range(0, AT_ONCE).mapToObj(_ -> connected()).toList();
    var direct = IntStream.range(0, AT_ONCE).mapToObj(_ -> new DirectCaller(server.port())).toList();
    try (var store = Child.start(storeCommand())) {
      for (int threads : List.of(1, AT_ONCE)) {
        var access = new ArrayList<Load>();
        var proxy = new ArrayList<Load>();
        var directly = new ArrayList<Load>();
        var reads = new ArrayList<Load>();
        double share = seconds / ROUNDS;
        store.ask(threads + " " + share); // The store has to be warm too.
        for (int round = 0; round < ROUNDS; round++) {
          directly.add(Load.run(threads, share, i -> direct.get(i)::call, service.handle()));
          access.add(Load.run(threads, share, i -> callers.get(i).again()::callByAccess, service.handle()));
          proxy.add(Load.run(threads, share, i -> callers.get(i).again()::callByProxy, service.handle()));
          reads.add(store.ask(threads + " " + share));
        }
        say(threads, Load.sum(directly), Load.sum(access), Load.sum(proxy), Load.sum(reads));
      }
    }
    callers.forEach(WarmUser::close);
    direct.forEach(DirectCaller::close);
  }

  private static void say(int threads, Load direct, Load access, Load proxy, Load reads) {
    double ours = access.cpuMillisPerCall();
    say("%d at once: direct %.0f calls/s; access-resource %.0f calls/s, processor time %.2f ms a call; mcp-proxy %.0f"
        + " calls/s, %.2f ms; the store's read alone %.0f reads/s, %.2f ms; of access-resource the store's share is"
        + " %.0f %%, ours %.2f ms; calls / reads %.2f", threads, direct.perSecond(), access.perSecond(), ours,
        proxy.perSecond(), proxy.cpuMillisPerCall(), reads.perSecond(), reads.cpuMillisPerCall(),
        100 * reads.cpuMillisPerCall() / ours, ours - reads.cpuMillisPerCall(),
        access.perSecond() / reads.perSecond());
  }

  /** The store alone runs as it does within the service. */
  private static List<String> storeCommand() {
    return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
        System.getProperty("java.class.path"), StoreReads.class.getName());
  }

  private void connects(List<String> otherClient) {
    if (otherClient.isEmpty()) return;
    var command = new ArrayList<>(otherClient);
    command.add(server.url());
    long received = server.received();
    try (var other = Child.start(command)) {
      other.ask("1");
      flows(1);
      var ours = new ArrayList<Load>();
      var theirs = new ArrayList<Load>();
      long ourRequests = 0;
      long theirRequests = 0;
      for (int round = 0; round < ROUNDS; round++) {
        received = requests();
        ours.add(flows(FLOWS));
        ourRequests += requests() - received;
        received = requests();
        theirs.add(other.ask(Integer.toString(FLOWS)));
        theirRequests += requests() - received;
      }
      var our = Load.sum(ours);
      var their = Load.sum(theirs);
      say("connect: processor time %.1f ms a connection, %.0f ms of time, %.1f requests; the TypeScript client %.1f ms,"
          + " %.0f ms, %.1f requests; ratio of processor time %.2f (%d connections each)", our.cpuMillisPerCall(),
          1000 / our.perSecond(), (double) ourRequests / our.calls(), their.cpuMillisPerCall(),
          1000 / their.perSecond(), (double) theirRequests / their.calls(),
          our.cpuMillisPerCall() / their.cpuMillisPerCall(), our.calls());
    }
  }

  private long requests() {
    return server.received() + issuer.metadataRequests().size() + issuer.registrations().size()
        + issuer.authorizeRequests().size() + issuer.tokenRequests().size();
  }

  private Load flows(int count) {
    var before = service.cpu();
    long begun = System.nanoTime();
    for (int i = 0; i < count; i++)
      connected().close();
    return new Load(count, Duration.ofNanos(System.nanoTime() - begun), service.cpu().minus(before));
  }

  private void memory(int minutes) {
    if (minutes == 0) return;
    var callers = IntStream.range(0, AT_ONCE).mapToObj(_ -> connected()).toList();
    long calls = 0;
    for (int minute = 0; minute <= minutes; minute++) {
      say("memory after %d min and %d calls: %.1f MB of live objects, %.0f MB held by the process", minute, calls,
          service.liveMegabytes(), service.residentMegabytes());
      if (minute == minutes) break;
      calls += Load.run(AT_ONCE, 60, i -> callers.get(i).again()::callByAccess, service.handle()).calls();
    }
    callers.forEach(WarmUser::close);
  }

  /** The time without calls is what is measured here. */
  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void say(String format, Object... values) {
    System.out.printf(Locale.ROOT, "warm: " + format + "%n", values);
  }
}
