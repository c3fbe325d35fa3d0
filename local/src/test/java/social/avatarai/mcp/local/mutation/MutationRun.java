package social.avatarai.mcp.local.mutation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import javax.tools.ToolProvider;
import social.avatarai.mcp.local.mutation.Mutation.TestMethod;

/**
 * Breaks one check after the other, and runs the tests that must then fail. Prints a table. Ends with 1 if a mutation
 * survives, does not apply, or fails in another way than the list says.
 */
public final class MutationRun {
  /** A run needs a processor for the tests and one for the servers that they start. */
  private static final int AT_ONCE = 2;

  private final Path root;
  private final Path work;
  private final String classPath;
  private final TestSources sources;
  private final PrintStream out = new PrintStream(System.out, true, UTF_8);

  /** What became of one mutation. */
  private record Verdict(Mutation mutation, int tests, boolean isKilled, String words, long seconds) {
    String row() {
      return "| " + mutation.name() + " | " + mutation.sourceName() + " | " + tests + " | "
          + (isKilled ? words : "**NOT AS WANTED**: " + words) + " | " + seconds + " |";
    }
  }

  private MutationRun(Path root, String classPath) {
    this.root = root;
    this.work = root.resolve("target/mutations");
    this.classPath = classPath;
    this.sources = TestSources.of(root);
  }

  /** The root of the project, the class path of all tests, and the names of mutations; without names, all of them. */
  public static void main(String[] arguments) throws Exception {
    var run = new MutationRun(Path.of(arguments[0]).toAbsolutePath().normalize(), arguments[1]);
    var chosen = run.chosen(List.of(arguments).subList(2, arguments.length));
    System.exit(run.requireGreen(chosen) && run.breakAll(chosen) ? 0 : 1);
  }

  private List<Mutation> chosen(List<String> names) {
    var all = Mutation.all(root);
    var unknown = names.stream().filter(name -> all.stream().noneMatch(one -> one.name().equals(name))).toList();
    if (!unknown.isEmpty()) throw new IllegalArgumentException("there is no mutation " + unknown);
    return names.isEmpty() ? all : all.stream().filter(one -> names.contains(one.name())).toList();
  }

  /** Without a mutation, every test passes. Otherwise a failure would say nothing. */
  private boolean requireGreen(List<Mutation> mutations) throws Exception {
    var tests = mutations.stream().flatMap(mutation -> mutation.tests().stream()).distinct().toList();
    var modules = tests.stream().map(test -> sources.find(test.testClass()).module()).distinct().toList();
    var runs = together(modules.stream().<Callable<TestRun>>map(module -> () -> TestRun.of(of(module, tests), sources,
        classPath, work.resolve("unbroken").resolve(root.relativize(module)))).toList(), _ -> {});
    boolean green = true;
    for (var run : runs) {
      for (String name : concat(run.failed(), run.broken())) {
        out.println("fails without a mutation: " + name);
        green = false;
      }
    }
    for (var test : tests) {
      if (runs.stream().anyMatch(run -> run.hasPassed(test))) continue;
      out.println("does not pass without a mutation: " + test);
      green = false;
    }
    return green;
  }

  private List<TestMethod> of(Path module, List<TestMethod> tests) {
    return tests.stream().filter(test -> sources.find(test.testClass()).module().equals(module)).toList();
  }

  private static List<String> concat(List<String> one, List<String> other) {
    var all = new ArrayList<>(one);
    all.addAll(other);
    return all;
  }

  private boolean breakAll(List<Mutation> mutations) throws Exception {
    out.println("| mutation | file | tests run | failed as wanted | seconds |");
    out.println("|---|---|---|---|---|");
    var verdicts = together(mutations.stream().<Callable<Verdict>>map(one -> () -> timed(one)).toList(),
        verdict -> out.println(verdict.row()));
    long killed = verdicts.stream().filter(Verdict::isKilled).count();
    out.println("mutations: " + killed + " of " + verdicts.size() + " made their tests fail");
    return killed == verdicts.size() && killed > 0;
  }

  private Verdict timed(Mutation mutation) throws IOException, InterruptedException {
    long began = System.nanoTime();
    var verdict = verdict(mutation);
    return new Verdict(mutation, verdict.tests(), verdict.isKilled(), verdict.words(),
        (System.nanoTime() - began) / 1_000_000_000);
  }

  private Verdict verdict(Mutation mutation) throws IOException, InterruptedException {
    if (mutation.occurrences(root) != 1) return survived(mutation, 0, "no longer applies");
    var place = work.resolve(mutation.name());
    var overlay = Files.createDirectories(place.resolve("classes"));
    var source = Files.writeString(place.resolve(mutation.sourceName()), mutation.broken(root));
    if (!compile(source, overlay, place)) return survived(mutation, 0, "does not compile, see " + place);
    var run = TestRun.of(mutation.tests(), sources, overlay + System.getProperty("path.separator") + classPath, place);
    return judge(mutation, run);
  }

  private static Verdict judge(Mutation mutation, TestRun run) {
    var passing = mutation.tests().stream().filter(test -> !run.hasFailed(test)).map(TestMethod::toString).toList();
    if (!run.broken().isEmpty()) return survived(mutation, run.count(), "breaks the run of " + run.broken().getFirst());
    if (!passing.isEmpty()) return survived(mutation, run.count(), "does not make fail " + passing);
    // Where nothing passes, the mutation may have broken what all tests need, and says nothing about the check.
    if (run.passed().isEmpty()) return survived(mutation, run.count(), "no test of the run passes");
    String killers = mutation.tests().stream().map(TestMethod::toString).collect(joining(", "));
    return new Verdict(mutation, run.count(), true, killers, 0);
  }

  private static Verdict survived(Mutation mutation, int tests, String why) {
    return new Verdict(mutation, tests, false, why, 0);
  }

  /** Compiles the one file against the classes of the build. */
  private boolean compile(Path source, Path overlay, Path place) throws IOException {
    try (var log = Files.newOutputStream(place.resolve("compiler"))) {
      return ToolProvider.getSystemJavaCompiler().run(null, log, log, "--release", "25", "-proc:none", "-implicit:none",
          "-nowarn", "-d", overlay.toString(), "-cp", classPath, source.toString()) == 0;
    }
  }

  /** The results in the order of the tasks. Each is shown as soon as those before it are there. */
  private static <T> List<T> together(List<Callable<T>> tasks, Consumer<T> shown)
      throws InterruptedException, ExecutionException {
    try (var threads = Executors.newFixedThreadPool(AT_ONCE)) {
      var running = tasks.stream().map(threads::submit).toList();
      var results = new ArrayList<T>();
      for (var task : running) {
        var result = task.get();
        shown.accept(result);
        results.add(result);
      }
      return results;
    }
  }
}
