package social.avatarai.mcp.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.local.Template.Function;
import social.avatarai.mcp.testkit.Demo;
import social.avatarai.mcp.testkit.event.AsHttp;
import social.avatarai.mcp.testkit.event.SampleEvent;
import social.avatarai.mcp.testkit.event.Seeds;

/**
 * Replays the sample events on the archives that are deployed ({@code local/lambdas}). Each function runs as its own
 * process with its archive unchanged. Events that need an upstream server are replayed twice: once with our platform in
 * front of the archive, which allows loopback, and once without it, when loopback must be refused.
 */
public final class LambdaGate {
  /** Lambda's limit is 250 MB unpacked. This is our own limit, for the cold start. */
  private static final long MAX_ARCHIVE_BYTES = 30_000_000;

  private final Path root;
  private final LambdaProcess.Emulator emulator;
  private final Function function;
  private final LambdaStores stores;
  private final List<String> faults = new ArrayList<>();

  private LambdaGate(Path root, LambdaProcess.Emulator emulator, Function function, LambdaStores stores) {
    this.root = root;
    this.emulator = emulator;
    this.function = function;
    this.stores = stores;
  }

  /**
   * The arguments are the project's folder, the runtime interface emulator, a work folder, and the functions if not all
   * are meant.
   */
  public static void main(String[] arguments) throws Exception {
    var root = Path.of(arguments[0]);
    var wanted = List.of(arguments).subList(3, arguments.length);
    var emulator = new LambdaProcess.Emulator(Path.of(arguments[1]), root.resolve("local/target/runtime"),
        Path.of(arguments[2]));
    var template = Template.read(root.resolve("template.yaml"));
    int functions = 0;
    int events = 0;
    int failures = 0;
    try (var demo = Demo.start(0, 0)) {
      for (var function : template.functions()) {
        if (!wanted.isEmpty() && !wanted.contains(function.folder())) continue;
        var gate = new LambdaGate(root, emulator, function, new LambdaStores(template, function.folder()));
        functions++;
        events += gate.replay(demo);
        failures += gate.faults.size();
      }
    }
    System.out.printf("lambdas: %d functions, %d events, %d failures%n", functions, events, failures);
    System.exit(failures == 0 && functions > 0 ? 0 : 1);
  }

  private int replay(Demo demo) throws IOException, InterruptedException {
    var archive = root.resolve(function.archive());
    long bytes = Files.size(archive);
    if (bytes > MAX_ARCHIVE_BYTES) faults.add("the archive has " + bytes + " bytes");
    var libraries = emulator.unpack(archive);
    var events = SampleEvent.of(root.resolve("events"), function.folder());
    replayAsDeployed(events, libraries);
    replayLocally(events.stream().filter(SampleEvent::needsUpstream).map(event -> event.against(demo)).toList(),
        libraries,
        stores.seeds(demo.mcpUrl(), demo.issuer()));
    System.out.printf("%s: %d events, %d failures, %.1f MB%n", function.folder(), events.size(), faults.size(),
        bytes / 1e6);
    faults.forEach(fault -> System.out.println("  FAULT " + fault));
    return events.size();
  }

  private void replayAsDeployed(List<SampleEvent> events, String classPath) throws IOException, InterruptedException {
    var seeds = stores.seeds("http://localhost:9402/mcp", "http://localhost:9401");
    try (var deployed = LambdaProcess.start(emulator, function, classPath, stores.environment())) {
      for (var event : events) {
        if (event.needsUpstream()) replay(event.withoutUpstream(), ", loopback refused", deployed, seeds);
        else
          replay(event, "", deployed, seeds);
      }
    }
  }

  private void replayLocally(List<SampleEvent> events, String classPath, Seeds seeds)
      throws IOException, InterruptedException {
    if (events.isEmpty()) return;
    var withLocalPlatform = ownClasses() + ":" + classPath;
    try (var local = LambdaProcess.start(emulator, function, withLocalPlatform, stores.environment())) {
      for (var event : events)
        replay(event, "", local, seeds);
    }
  }

  /** The folder with the classes of the local runner, and with the service file that names its platform. */
  private static Path ownClasses() {
    return Path.of(URI.create(LambdaGate.class.getProtectionDomain().getCodeSource().getLocation().toString()));
  }

  private void replay(SampleEvent event, String how, LambdaProcess process, Seeds seeds)
      throws IOException, InterruptedException {
    stores.clear();
    event.seed().ifPresent(seeds::write);
    fault(event, process.invoke(event.text())).ifPresent(fault -> faults.add(event.name() + how + ": " + fault));
  }

  private static Optional<String> fault(SampleEvent event, LambdaProcess.Outcome outcome) {
    return switch (outcome) {
      case LambdaProcess.Outcome.Returned(var result) -> event.judge(AsHttp.of(result));
      // A function behind API Gateway must respond, whatever happens.
      case LambdaProcess.Outcome.Failed(var error) when event.text().contains("\"requestContext\"") ->
        Optional.of("the invocation failed: " + error);
      case LambdaProcess.Outcome.Failed(var error) -> event.judge(AsHttp.failed(code(error)));
      case LambdaProcess.Outcome.NotStarted(var error) -> Optional.of("the function does not start: " + error);
    };
  }

  /**
   * The code of the error. A failed invocation names only the type of the exception, and the input of the schedule can
   * be wrong in only one way.
   */
  private static String code(JsonNode error) {
    return error.path("errorType").asText().endsWith("Failure$BadRequest") ? "invalid_request" : "internal_error";
  }
}
