import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * Trains the AOT cache of the function in this folder: starts it on a Runtime API of its own, gives it one event, and
 * lets it end. Then it writes {@code java.args}, with which the function starts from the cache.
 *
 * <p>The function reaches no store and no server, and has no secret: its settings are invented, and the stores are named
 * at a port of loopback where nothing listens. So its response is an error. Its priming, which ends before the event as
 * where Lambda starts a process ahead, has loaded all the same what a good call needs.
 */
public final class TrainingRun {
  private static final List<String> FLAGS = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  /** The profiles of methods in a cache are for the second compiler, which these flags leave out. */
  private static final List<String> WRITING = List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTRecordTraining",
      "-XX:AOTCacheOutput=function.aot");
  private static final long MAX_SECONDS = 120;
  private static final AtomicBoolean PRIMES = new AtomicBoolean(true);
  private static Thread reader;

  private TrainingRun() {}

  public static void main(String[] arguments) throws Exception {
    String classPath;
    try (var jars = Files.list(Path.of("lib"))) {
      classPath = jars.map(Path::toString).filter(name -> name.endsWith(".jar")).sorted().collect(Collectors.joining(":"));
    }
    var function = List.of("-cp", classPath, "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
        Files.readString(Path.of("handler")).strip());
    train(function);
    var args = new ArrayList<>(FLAGS);
    args.add("-XX:AOTCache=function.aot");
    args.addAll(function);
    Files.write(Path.of("java.args"), args);
  }

  private static void train(List<String> function) throws Exception {
    var responded = new CountDownLatch(1);
    var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    var event = Files.readAllBytes(Path.of("event.json"));
    var given = new AtomicBoolean();
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/2018-06-01/runtime/invocation/next", exchange -> {
      if (!given.getAndSet(true)) give(exchange, event);
    });
    server.createContext("/2018-06-01/runtime/", exchange -> {
      System.out.println(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      exchange.sendResponseHeaders(202, -1);
      exchange.close();
      responded.countDown();
    });
    server.start();
    try {
      end(start(function, server.getAddress().getPort()), responded);
    } finally {
      server.stop(0);
    }
  }

  private static void give(HttpExchange exchange, byte[] event) throws IOException {
    var headers = exchange.getResponseHeaders();
    headers.set("Lambda-Runtime-Aws-Request-Id", "training");
    headers.set("Lambda-Runtime-Deadline-Ms", Long.toString(System.currentTimeMillis() + 28_000));
    headers.set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:training");
    // The runtime's native client reads this header without asking whether it is there.
    headers.set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, event.length);
    exchange.getResponseBody().write(event);
    exchange.close();
  }

  private static Process start(List<String> function, int port) throws IOException {
    var command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java")));
    command.addAll(FLAGS);
    command.addAll(WRITING);
    command.addAll(function);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    var environment = builder.environment();
    environment.putAll(Map.of("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:" + port, "AWS_LAMBDA_FUNCTION_NAME", "training",
        "AWS_LAMBDA_FUNCTION_VERSION", "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024",
        "AWS_LAMBDA_INITIALIZATION_TYPE", "provisioned-concurrency", "AWS_REGION", "us-east-1", "AWS_ACCESS_KEY_ID",
        "none", "AWS_SECRET_ACCESS_KEY", "none", "AWS_ENDPOINT_URL", "http://127.0.0.1:1"));
    for (String name : List.of("SESSIONS_TABLE", "TOKENS_TABLE", "DUE_TABLE", "REGISTRATIONS_TABLE", "SERVERS_TABLE",
        "KEY_RING_SECRET", "SIGNING_KEY_SECRET", "CLIENT_SECRET_PREFIX"))
      environment.put(name, "training");
    var process = builder.start();
    reader = Thread.ofPlatform().daemon().start(() -> process.inputReader().lines().forEach(TrainingRun::see));
    return process;
  }

  /** Shows a line of the function, and notes a failed priming: the cache would work, but make starts slower. */
  private static void see(String line) {
    System.out.println(line);
    if (line.contains("priming_failed")) PRIMES.set(false);
  }

  /** Ends the function in order, which writes the cache. */
  private static void end(Process process, CountDownLatch responded) throws Exception {
    process.onExit().thenRun(responded::countDown);
    try {
      if (!responded.await(MAX_SECONDS, TimeUnit.SECONDS)) throw new IOException("the function does not respond");
      if (!process.isAlive()) throw new IOException("the function has ended");
      // Not process.destroy(), which closes the output: the JVM writes the cache, and says so, after this.
      process.toHandle().destroy();
      if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) throw new IOException("the function does not end");
    } finally {
      process.destroyForcibly();
    }
    reader.join();
    if (!PRIMES.get()) throw new IOException("the priming has failed");
    if (!Files.exists(Path.of("function.aot"))) throw new IOException("the JVM has written no cache");
  }
}
