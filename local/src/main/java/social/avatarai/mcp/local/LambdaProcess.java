package social.avatarai.mcp.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import social.avatarai.mcp.local.Template.Function;

/** A function's archive as its own process, on AWS's runtime interface emulator. */
final class LambdaProcess implements AutoCloseable {
  private static final Duration MAX_INVOCATION = Duration.ofSeconds(60);
  private static final Duration MAX_START = Duration.ofSeconds(20);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final Thread stop;
  private final URI invocations;

  private LambdaProcess(Process process, int port) {
    this.process = process;
    this.stop = Thread.ofPlatform().unstarted(() -> end(process));
    Runtime.getRuntime().addShutdownHook(stop);
    this.invocations = URI.create("http://127.0.0.1:" + port + "/2015-03-31/functions/function/invocations");
  }

  /**
   * The emulator that functions run on.
   *
   * @param program the runtime interface emulator
   * @param runtime the folder with the jars that Lambda's runtime brings
   * @param work a folder for unpacked archives and logs
   */
  record Emulator(Path program, Path runtime, Path work) {

    /** Unpacks an archive and returns its class path. */
    String unpack(Path archive) throws IOException {
      var libraries = Files.createDirectories(work.resolve(archive.getFileName() + ".d/lib"));
      try (var zip = FileSystems.newFileSystem(archive); var jars = Files.list(zip.getPath("lib"))) {
        for (var jar : jars.toList())
          Files.copy(jar, libraries.resolve(jar.getFileName().toString()));
      }
      return libraries + "/*";
    }
  }

  /** How an invocation ended. */
  sealed interface Outcome {

    record Returned(JsonNode result) implements Outcome {}

    /** The handler threw. */
    record Failed(JsonNode error) implements Outcome {}

    /** There is no handler: its class is missing, or could not be created. */
    record NotStarted(JsonNode error) implements Outcome {}
  }

  /** Starts a function, whose output goes to a log file. */
  static LambdaProcess start(Emulator emulator, Function function, String classPath, Map<String, String> settings)
      throws IOException {
    int[] ports = freePorts();
    var java = ProcessHandle.current().info().command().orElse("java");
    var builder = new ProcessBuilder(emulator.program().toString(), "--runtime-interface-emulator-address",
        "127.0.0.1:" + ports[0], "--runtime-api-address", "127.0.0.1:" + ports[1], java,
        // These are the settings of Lambda's java25 runtime.
        "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp",
        classPath + ":" + emulator.runtime() + "/*",
        "com.amazonaws.services.lambda.runtime.api.client.AWSLambda", function.handlerClass());
    // A deployment refuses to start with settings of the local runner, which the shell may have.
    builder.environment().keySet().removeIf(name -> name.matches("MCP_.*_CLIENT_SECRET"));
    builder.environment().putAll(settings);
    builder.environment()
        .putAll(Map.of("AWS_LAMBDA_FUNCTION_NAME", function.folder(), "AWS_LAMBDA_FUNCTION_TIMEOUT", "28",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024"));
    var log = emulator.work().resolve(function.folder() + ".log").toFile();
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log));
    return new LambdaProcess(builder.start(), ports[0]);
  }

  /** Invokes the function, as soon as it takes invocations. */
  Outcome invoke(String event) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(invocations).timeout(MAX_INVOCATION)
        .POST(HttpRequest.BodyPublishers.ofString(event)).build();
    long giveUp = System.nanoTime() + MAX_START.toNanos();
    while (true) {
      try {
        return outcome(http.send(request, HttpResponse.BodyHandlers.ofString()));
      } catch (ConnectException e) {
        if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > giveUp) throw e;
      }
    }
  }

  private static Outcome outcome(HttpResponse<String> response) throws IOException {
    JsonNode result = JSON.readTree(response.body());
    if (!result.has("errorType")) return new Outcome.Returned(result);
    boolean hasHandler = response.statusCode() == 200 && !isOfClasses(result.path("errorType").asText());
    return hasHandler ? new Outcome.Failed(result) : new Outcome.NotStarted(result);
  }

  /** Whether a class is missing or differs from the one at compile time. Then the archive is incomplete. */
  private static boolean isOfClasses(String errorType) {
    return List.of("ClassNotFoundException", "NoClassDefFoundError", "NoSuchMethodError", "ExceptionInInitializerError")
        .stream().anyMatch(errorType::endsWith);
  }

  /** Two different free ports. */
  private static int[] freePorts() throws IOException {
    var loopback = InetAddress.ofLiteral("127.0.0.1");
    try (var one = new ServerSocket(0, 1, loopback); var other = new ServerSocket(0, 1, loopback)) {
      return new int[]{one.getLocalPort(), other.getLocalPort()};
    }
  }

  @Override
  public void close() {
    http.close();
    end(process);
    Runtime.getRuntime().removeShutdownHook(stop);
  }

  /** Ends the emulator, which ends the function, and makes sure that both have ended. */
  private static void end(Process process) {
    var all = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) process.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
