package social.avatarai.mcp.benchmarks.coldstart;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Starts the process of a contestant, and measures it from outside. */
final class Launcher {
  /** The options of Lambda's java25 runtime. Its {@code -Xshare:auto} is the default, and may not stand beside a cache. */
  private static final List<String> JVM = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  private static final int WARM_CALLS = 40;
  private static final int MAX_SECONDS_OF_EXIT = 120;

  private final String java;
  private final Path work;
  private final LoopbackAws aws;

  Launcher(String java, Path work, LoopbackAws aws) {
    this.java = java;
    this.work = work;
    this.aws = aws;
  }

  /** Starts the process with these options of the JVM, and ends it after its calls. */
  ColdStart start(Contestant contestant, List<String> options) throws Exception {
    int calls = contestant.isRepeatable() ? 1 + WARM_CALLS : 1;
    contestant.prepare().run();
    try (var api = RuntimeApi.start(contestant.event(), calls)) {
      long begun = System.nanoTime();
      var process = process(contestant, options, api);
      try {
        requireOk(contestant, api.awaitFirst());
        var cpu = process.info().totalCpuDuration().orElse(Duration.ZERO);
        long store = aws.lastResponse();
        api.goOn();
        api.awaitLast();
        return coldStart(api, begun, store, cpu);
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }

  private static ColdStart coldStart(RuntimeApi api, long begun, long store, Duration cpu) {
    var given = api.given();
    var responded = api.responded();
    long[] warm = IntStream.range(1, responded.size()).mapToLong(call -> responded.get(call) - given.get(call))
        .sorted().toArray();
    return new ColdStart(Duration.ofNanos(given.getFirst() - begun),
        Duration.ofNanos(responded.getFirst() - given.getFirst()),
        Duration.ofNanos(Math.max(0, store - given.getFirst())), cpu,
        Duration.ofNanos(warm.length == 0 ? 0 : LongStream.of(warm).skip(warm.length / 2).findFirst().orElse(0)));
  }

  /** Starts the process, calls it once, and lets it end in order, so that the JVM writes its files. */
  void train(Contestant contestant, List<String> options) throws Exception {
    contestant.prepare().run();
    try (var api = RuntimeApi.start(contestant.event(), 1)) {
      var process = process(contestant, options, api);
      try {
        requireOk(contestant, api.awaitFirst());
        process.destroy();
        if (!process.waitFor(MAX_SECONDS_OF_EXIT, TimeUnit.SECONDS)) throw new IOException("a process does not end");
      } finally {
        process.destroyForcibly();
      }
    }
  }

  /** Runs another main class on the class path of a contestant, and returns its lines. */
  List<String> lines(Contestant contestant, Class<?> main, List<String> arguments) throws Exception {
    if (!(contestant.program() instanceof Contestant.JavaProgram program)) return List.of();
    contestant.prepare().run();
    var command = new ArrayList<>(List.of(java));
    command.addAll(JVM);
    command.addAll(List.of("-cp", String.join(":", program.classPath()), main.getName()));
    command.addAll(arguments);
    var builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(contestant.environment());
    var process = builder.redirectError(work.resolve("first-uses.log").toFile()).start();
    return process.inputReader().readAllLines();
  }

  private void requireOk(Contestant contestant, String response) throws IOException {
    if (!response.contains("\"statusCode\":200"))
      throw new IOException(contestant.name() + " responded with " + response);
  }

  private Process process(Contestant contestant, List<String> options, RuntimeApi api) throws IOException {
    var builder = new ProcessBuilder(command(contestant, options));
    var environment = builder.environment();
    String path = environment.getOrDefault("PATH", "");
    environment.clear();
    environment.putAll(Map.of("PATH", path, "LANG", "C.UTF-8", "TMPDIR", work.toString(), "AWS_LAMBDA_RUNTIME_API",
        api.address(), "AWS_LAMBDA_FUNCTION_NAME", contestant.name(), "AWS_LAMBDA_FUNCTION_VERSION", "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024", "AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"));
    environment.putAll(contestant.environment());
    var log = work.resolve(contestant.name() + ".log").toFile();
    var process = builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log)).start();
    process.onExit().thenRun(() -> api.refuse(new IOException("the process has ended; see " + log)));
    return process;
  }

  private List<String> command(Contestant contestant, List<String> options) {
    return switch (contestant.program()) {
      case Contestant.NodeProgram node -> node.command();
      case Contestant.JavaProgram program -> javaCommand(program, options);
    };
  }

  private List<String> javaCommand(Contestant.JavaProgram program, List<String> options) {
    var command = new ArrayList<>(List.of(java));
    command.addAll(Stream.concat(JVM.stream(), options.stream()).toList());
    command.addAll(program.arguments());
    return command;
  }
}
