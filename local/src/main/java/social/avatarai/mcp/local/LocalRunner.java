package social.avatarai.mcp.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import social.avatarai.mcp.Failure;
import social.avatarai.mcp.testkit.Demo;

/**
 * Starts everything in this process, on loopback: stores, handlers, the local front, the schedule, and the demo servers.
 * Its one argument is the path of {@code template.yaml}; its settings are in the environment (README, local runner).
 */
public final class LocalRunner {
  private static final String SCHEDULED = "social.avatarai.mcp.functions.scheduledrefresh.ScheduledRefreshHandler";

  private static final int CANNOT_START = 2;

  private LocalRunner() {}

  public static void main(String[] arguments) throws Exception {
    var template = Template.read(Path.of(arguments[0]));
    var settings = new LocalSettings(System.getenv());
    var environment = settings.forHandlers(template);
    LocalSurroundings.use(stores(settings, environment));
    var guard = new LocalGuard(settings.publicBaseUrl(), settings.port(), list(environment, "CORS_ORIGINS"));
    var front = new LocalFront(settings.port(), new Routes(template.routes()), guard,
        environment.getOrDefault("USER_CLAIM", "sub"));
    var schedule = new LocalSchedule(Routes.make(SCHEDULED));
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
      schedule.close();
      front.close();
    }));
    front.start();
    if (settings.hasDemo()) demo(settings);
    System.out.println("ready http://localhost:" + front.port());
    new CountDownLatch(1).await(); // until SIGTERM
  }

  private static LocalSurroundings.Stores stores(LocalSettings settings, Map<String, String> environment)
      throws IOException {
    try {
      return LocalStores.open(settings, environment);
    } catch (Failure failure) {
      System.err.println("local/run: " + failure.safeMessage());
      System.exit(CANNOT_START);
      throw failure;
    }
  }

  private static void demo(LocalSettings settings) {
    var demo = Demo.start(settings.demoPort("DEMO_AUTH_PORT", Demo.AUTHORIZATION_SERVER_PORT),
        settings.demoPort("DEMO_MCP_PORT", Demo.MCP_SERVER_PORT));
    System.out.println("demo-mcp " + demo.mcpUrl());
    System.out.println("demo-issuer " + demo.issuer());
    System.out.println(SevenCalls.toCopy(settings.publicBaseUrl(), demo.mcpUrl(), demo.issuer()));
  }

  private static List<String> list(Map<String, String> environment, String name) {
    return Arrays.stream(environment.getOrDefault(name, "").split(",", -1)).map(String::strip)
        .filter(entry -> !entry.isEmpty()).toList();
  }
}
