package social.avatarai.mcp.local.mutation;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import social.avatarai.mcp.local.mutation.Mutation.TestMethod;

/**
 * The results of test classes that ran: the names of the test methods, one for each run of a method.
 *
 * @param passed what passed
 * @param failed what failed
 * @param broken what did not fail as a test fails
 */
record TestRun(List<String> passed, List<String> failed, List<String> broken) {
  /** In seconds. A test that hangs is as good as one that fails, but says less. */
  private static final int LONGEST = 300;

  int count() {
    return passed.size() + failed.size();
  }

  boolean hasFailed(TestMethod test) {
    return failed.contains(test.toString());
  }

  boolean hasPassed(TestMethod test) {
    return passed.contains(test.toString()) && !hasFailed(test);
  }

  /** Runs the whole classes of these methods, one process for each module. */
  static TestRun of(Collection<TestMethod> tests, TestSources sources, String classPath, Path work)
      throws IOException, InterruptedException {
    var modules = new TreeMap<Path, TreeSet<String>>();
    for (var test : tests) {
      var found = sources.find(test.testClass());
      modules.computeIfAbsent(found.module(), _ -> new TreeSet<>()).add(found.fullName());
    }
    var all = new TestRun(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (var module : modules.entrySet())
      all.add(run(module.getKey(), module.getValue(), classPath, Files.createDirectories(work)));
    return all;
  }

  private void add(List<String> lines) {
    for (String line : lines) {
      int blank = line.indexOf(' ');
      var list = switch (line.substring(0, blank)) {
        case "passed" -> passed;
        case "failed" -> failed;
        default -> broken;
      };
      list.add(line.substring(blank + 1));
    }
  }

  private static List<String> run(Path module, Collection<String> classes, String classPath, Path work)
      throws IOException, InterruptedException {
    var results = work.resolve("results");
    Files.deleteIfExists(results);
    var command = new ArrayList<>(
        List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classPath,
            TestProcess.class.getName(), results.toString()));
    command.addAll(classes);
    var builder = new ProcessBuilder(command).directory(module.toFile()).redirectErrorStream(true)
        .redirectOutput(work.resolve("log").toFile());
    builder.environment().put("DDB_LOCAL_TELEMETRY", "0");
    var process = builder.start();
    try {
      boolean ended = process.waitFor(LONGEST, SECONDS);
      return ended && Files.exists(results) ? Files.readAllLines(results) : List.of("broken " + classes);
    } finally {
      process.destroyForcibly();
    }
  }
}
