package social.avatarai.mcp.benchmarks.coldstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.benchmarks.coldstart.inside.FirstUses;
import social.avatarai.mcp.testkit.Demo;

/** The cold start of packaged functions, in interleaved rounds. {@code benchmarks/cold-start} says what it takes. */
public final class ColdStartBenchmark {
  /** Starts before the first round: they fill the caches of the disk and warm the stores up. */
  private static final int WARM_UP = 2;

  private final Options options;
  private final Launcher launcher;
  private final Caches caches;
  private final Path work;
  private final String upstream;
  private final Map<Entry, List<ColdStart>> starts = new LinkedHashMap<>();
  private final Map<Entry, LoadedClasses> classes = new LinkedHashMap<>();

  private ColdStartBenchmark(Options options, Launcher launcher, Caches caches, Path work, String upstream) {
    this.upstream = upstream;
    this.options = options;
    this.launcher = launcher;
    this.caches = caches;
    this.work = work;
  }

  /** A line of the tables. */
  record Entry(Contestant contestant, Mode mode) {
    boolean isNode() { return contestant.program() instanceof Contestant.NodeProgram; }
  }

  /** The arguments are in {@link Options}. */
  public static void main(String[] arguments) {
    // The pools of the stores would keep the process alive.
    try {
      run(Options.of(arguments));
      System.exit(0);
    } catch (Exception e) {
      System.err.println("cold-start: " + e);
      System.exit(1);
    }
  }

  private static void run(Options options) throws Exception {
    var work = Files.createDirectories(options.work());
    try (var aws = new LoopbackAws(); var demo = Demo.start(0, 0)) {
      var java = ProcessHandle.current().info().command().orElseThrow();
      var launcher = new Launcher(java, work, aws);
      var caches = new Caches(Files.createDirectories(options.caches()), Path.of(java).resolve("../..").normalize(),
          launcher);
      var contestants = new Contestants(options.root(), new Packages(options.root(), work), aws, demo, launcher);
      String document = demo.issuer() + "/.well-known/oauth-authorization-server";
      new ColdStartBenchmark(options, launcher, caches, work, document).measure(contestants);
    }
  }

  private void measure(Contestants contestants) throws Exception {
    var entries = entries(contestants);
    for (var entry : entries) {
      for (int round = 0; round < WARM_UP; round++)
        start(entry);
      if (!entry.isNode()) classes.put(entry, loaded(entry));
    }
    for (int round = 0; round < options.rounds(); round++) {
      for (var entry : entries)
        starts.computeIfAbsent(entry, _ -> new ArrayList<>()).add(start(entry));
      System.err.println("round " + (round + 1) + " of " + options.rounds());
    }
    new FigureTables(starts, classes).print(System.out);
    firstUses(entries);
  }

  /** Where the time of access-resource goes. */
  private void firstUses(List<Entry> entries) throws Exception {
    var like = entries.stream().map(Entry::contestant).filter(one -> one.name().equals("access-resource")).findFirst();
    if (like.isEmpty()) return;
    var uses = new FirstUseTimes();
    for (int round = 0; round < options.rounds(); round++)
      uses.add(launcher.lines(like.get(), FirstUses.class,
          List.of(upstream, like.get().environment().getOrDefault("TOKENS_TABLE", ""))));
    uses.print(System.out);
  }

  private List<Entry> entries(Contestants contestants) throws Exception {
    var entries = new ArrayList<Entry>();
    for (var contestant : contestants(contestants)) {
      for (var mode : options.modes()) {
        var entry = new Entry(contestant, mode);
        if (mode == Mode.PLAIN || !entry.isNode()) entries.add(entry);
      }
    }
    return entries;
  }

  private List<Contestant> contestants(Contestants contestants) throws Exception {
    var chosen = new ArrayList<Contestant>();
    for (String name : options.contestants()) {
      chosen.add(switch (name) {
        case "bare" -> contestants.bare();
        case "access-resource" -> contestants.accessResource();
        case "access-resource-by-runtime" -> contestants.accessResourceByRuntime();
        case "unprimed" -> contestants.unprimed();
        case "rested" -> contestants.rested();
        case "callback" -> contestants.callback();
        case "start-authorization" -> contestants.startAuthorization();
        case "node" -> contestants.node(options.node(), options.script());
        default -> ofOtherCheckout(contestants, name);
      });
    }
    return chosen;
  }

  private static Contestant ofOtherCheckout(Contestants contestants, String name) throws IOException {
    String prefix = "access-resource@";
    if (name.startsWith(prefix)) return contestants.accessResourceOf(Path.of(name.substring(prefix.length())));
    throw new IllegalArgumentException("no contestant " + name + "; there are " + Contestants.NAMES);
  }

  private ColdStart start(Entry entry) throws Exception {
    return launcher.start(entry.contestant(), caches.options(entry.contestant(), entry.mode()));
  }

  private LoadedClasses loaded(Entry entry) throws Exception {
    var log = work.resolve(entry.contestant().name() + "-" + entry.mode().option() + ".classes");
    var with = new ArrayList<>(caches.options(entry.contestant(), entry.mode()));
    with.add(LoadedClasses.option(log));
    launcher.train(entry.contestant(), with);
    return LoadedClasses.read(log);
  }

  static double millis(Duration time) {
    return time.toNanos() / 1e6;
  }
}
