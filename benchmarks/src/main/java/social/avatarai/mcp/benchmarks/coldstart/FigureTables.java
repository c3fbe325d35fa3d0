package social.avatarai.mcp.benchmarks.coldstart;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import social.avatarai.mcp.benchmarks.coldstart.ColdStartBenchmark.Entry;
import social.avatarai.mcp.benchmarks.coldstart.LoadedClasses.Origin;

/** The figures as Markdown tables. All times are medians in milliseconds. */
final class FigureTables {
  private final Map<Entry, List<ColdStart>> starts;
  private final Map<Entry, LoadedClasses> classes;

  FigureTables(Map<Entry, List<ColdStart>> starts, Map<Entry, LoadedClasses> classes) {
    this.starts = starts;
    this.classes = classes;
  }

  void print(PrintStream out) {
    out.println("| function | mode | cold start | / bare | / Node | until the first event | the stores | the rest "
        + "| CPU | first call / warm call |");
    out.println("|---|---|---|---|---|---|---|---|---|---|");
    starts.keySet().forEach(entry -> out.println(times(entry)));
    out.println();
    out.println(
        "| function | mode | classes | archived | JDK | AWS SDK | Jackson | HttpClient | ours | runtime | other "
            + "| generated |");
    out.println("|---|---|---|---|---|---|---|---|---|---|---|---|");
    classes.forEach((entry, loaded) -> out.println(counts(entry, loaded)));
  }

  private String times(Entry entry) {
    double whole = median(entry, ColdStart::whole);
    double store = median(entry, ColdStart::store);
    double first = median(entry, ColdStart::firstCall);
    double warm = median(entry, ColdStart::warmCall);
    return String.format(Locale.ROOT, "| %s | %s | %.0f | %s | %s | %.0f | %.0f | %.0f | %.0f | %s |",
        entry.contestant().name(), entry.mode().option(), whole, ratio(whole, "bare", entry.mode()),
        ratio(whole, "node", Mode.PLAIN), median(entry, ColdStart::initialized), store, first - store,
        median(entry, ColdStart::cpu),
        warm == 0 ? "–" : String.format(Locale.ROOT, "%.0f / %.1f", first, warm));
  }

  private String ratio(double whole, String name, Mode mode) {
    return starts.keySet().stream().filter(one -> one.contestant().name().equals(name) && one.mode() == mode)
        .findFirst().map(one -> String.format(Locale.ROOT, "%.2f", whole / median(one, ColdStart::whole))).orElse("–");
  }

  private double median(Entry entry, Function<ColdStart, Duration> part) {
    var sorted = starts.getOrDefault(entry, List.of()).stream().map(part).sorted().toList();
    return ColdStartBenchmark.millis(sorted.get(sorted.size() / 2));
  }

  private static String counts(Entry entry, LoadedClasses loaded) {
    var line = new StringBuilder(String.format(Locale.ROOT, "| %s | %s | %d | %d |", entry.contestant().name(),
        entry.mode().option(), loaded.all(), loaded.archived()));
    for (var origin : List.of(Origin.JDK, Origin.AWS_SDK, Origin.JACKSON, Origin.HTTP_CLIENT, Origin.OURS,
        Origin.RUNTIME, Origin.OTHER, Origin.GENERATED))
      line.append(' ').append(loaded.byOrigin().getOrDefault(origin, 0)).append(" |");
    return line.toString();
  }
}
