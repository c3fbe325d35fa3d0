package social.avatarai.mcp.benchmarks.coldstart;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The lines of several runs of {@code FirstUses}, as a Markdown table of medians. */
final class FirstUseTimes {
  private final Map<String, List<Double>> elapsed = new LinkedHashMap<>();
  private final Map<String, List<Double>> cpu = new LinkedHashMap<>();

  void add(List<String> lines) {
    for (String line : lines) {
      String[] parts = line.split("\t");
      elapsed.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(Double.valueOf(parts[1]));
      cpu.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(Double.valueOf(parts[2]));
    }
  }

  void print(PrintStream out) {
    out.println();
    out.println("| first use, one after the other, plain | ms | CPU ms |");
    out.println("|---|---|---|");
    elapsed.forEach((name, times) -> out.printf(Locale.ROOT, "| %s | %.0f | %.0f |%n", name, median(times),
        median(cpu.getOrDefault(name, times))));
  }

  private static double median(List<Double> times) {
    return times.stream().sorted().skip(times.size() / 2).findFirst().orElse(0.0);
  }
}
