package social.avatarai.mcp.local;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.functions.callback.CallbackHandler;
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
    var demo = settings.hasDemo() ? demo(settings) : null;
    var routes = new Routes(template.routes());
    var documents = LocalDocuments.of(Objects.requireNonNull(Path.of(arguments[0]).toAbsolutePath().getParent()));
    var pages = new LocalPages(new StartPage(settings.publicBaseUrl(), demo, documents));
    var guard = new LocalGuard(settings.publicBaseUrl(), settings.port(), list(environment, "CORS_ORIGINS"),
        forPeople(pages, routes), Journal.standard(Clock.systemUTC()));
    var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), settings.port()), 0);
    var front = new LocalFront(server, guard, pages,
        new LocalInvoker(routes, environment.getOrDefault("USER_CLAIM", "sub")));
    var schedule = new LocalSchedule(Routes.make(SCHEDULED));
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
      schedule.close();
      front.close();
    }));
    front.start();
    if (demo != null) say(settings, demo);
    System.out.println("ready http://localhost:" + settings.port());
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

  private static Demo demo(LocalSettings settings) {
    return Demo.start(settings.demoPort("DEMO_AUTH_PORT", Demo.AUTHORIZATION_SERVER_PORT),
        settings.demoPort("DEMO_MCP_PORT", Demo.MCP_SERVER_PORT));
  }

  /** Which paths browsers are sent to: our pages, and where authorization servers send them back to. */
  static Predicate<String> forPeople(LocalPages pages, Routes routes) {
    return path -> pages.isPage(path)
        || routes.find("GET", path).filter(match -> match.handler() instanceof CallbackHandler).isPresent();
  }

  private static void say(LocalSettings settings, Demo demo) {
    System.out.println("demo-mcp " + demo.mcpUrl());
    System.out.println("demo-issuer " + demo.issuer());
    System.out.println(SevenCalls.toCopy(settings.publicBaseUrl(), demo.mcpUrl(), demo.issuer()));
  }

  private static List<String> list(Map<String, String> environment, String name) {
    return Arrays.stream(environment.getOrDefault(name, "").split(",", -1)).map(String::strip)
        .filter(entry -> !entry.isEmpty()).toList();
  }
}
