package social.avatarai.mcp.local;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.testkit.Demo;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.testkit.Replica;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Starts everything in this process, on loopback: stores, handlers, the local front, the schedule, and the demo
 * servers. Its one argument is the path of {@code template.yaml}. Its settings are in the environment
 * ({@code docs/settings.md}).
 *
 * <p>If it cannot start, it prints one sentence on standard error, and the process ends with exit code 2.
 */
public final class LocalRunner {
  private static final String SCHEDULED = "social.avatarai.mcp.functions.scheduledrefresh.ScheduledRefreshHandler";
  private static final String GRANT_EVENTS = "social.avatarai.mcp.functions.grantevents.GrantEventsHandler";
  private static final String WEBHOOK = "social.avatarai.mcp.functions.webhook.WebhookHandler";
  private static final int CANNOT_START = 2;

  private final Path templateFile;
  private final LocalSettings settings;

  private LocalRunner(Path templateFile, Map<String, String> environment) {
    this.templateFile = templateFile.toAbsolutePath();
    this.settings = new LocalSettings(environment);
  }

  public static void main(String[] arguments) throws InterruptedException {
    try {
      new LocalRunner(Path.of(arguments[0]), System.getenv()).start();
    } catch (StartFault fault) {
      end(fault.sentence());
    } catch (Failure failure) {
      end(failure.safeMessage());
    } catch (Exception | LinkageError e) {
      var at = e.getStackTrace().length == 0 ? "" : " at " + e.getStackTrace()[0];
      end("Something went wrong here: " + e.getClass().getName() + at + ".");
    }
    new CountDownLatch(1).await(); // Runs until SIGTERM.
  }

  /** Prints the sentence and ends the process, with all threads that have been started. */
  private static void end(String sentence) {
    System.err.println("local/run: " + sentence);
    System.exit(CANNOT_START);
  }

  /** Starts with the parts that are most likely to fail. The front responds only when everything else is there. */
  private void start() throws IOException, ReflectiveOperationException {
    var template = template();
    var replicas = replicas();
    var environment = environment(template, replicas);
    var server = listen();
    var demo = settings.hasDemo() ? Optional.of(demo()) : Optional.<Demo>empty();
    var data = settings.usesEndpoint()
        ? Optional.<DataDirectory>empty()
        : settings.dataDirectory().map(DataDirectory::claim);
    var stores = LocalStores.open(settings, environment);
    LocalPlatform.use(stores);
    var events = new LocalEvents();
    LocalPlatform.carry(events);
    var stdio = settings.stdioServers();
    var programs = new LocalStdio(stdio.all(), stdio.secrets(), Journal.standard(Clock.systemUTC()));
    LocalPlatform.offer(programs);
    var routes = new Routes(template.routes());
    var front = front(server, routes, demo, Settings.read(environment, Profiles.load()));
    var schedule = new LocalSchedule(Routes.make(SCHEDULED));
    var stream = settings.hasEvents() ? Optional.of(stream(stores, events)) : Optional.<LocalStream>empty();
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
      programs.close();
      schedule.close();
      stream.ifPresent(LocalStream::close);
      events.close();
      front.close();
      data.ifPresent(DataDirectory::close);
    }));
    front.start();
    demo.ifPresent(this::say);
    if (!replicas.isEmpty()) System.out.println(new ReplicaWalk(settings.publicBaseUrl()).toCopy(replicas));
    System.out.println("ready http://localhost:" + settings.port());
  }

  private Template template() {
    try {
      return Template.read(templateFile);
    } catch (IOException e) {
      throw new StartFault("template.yaml cannot be read: start local/run in a whole copy of the project.");
    }
  }

  /** The variables that the handlers read as their environment. Faults of all settings are reported in one sentence. */
  private Map<String, String> environment(Template template, List<Replica> replicas) {
    var environment = settings.forHandlers(template);
    if (!replicas.isEmpty())
      environment.compute(Settings.OPERATOR_PROFILES, (_, own) -> Replica.profiles(replicas, own == null ? "" : own));
    var faults = Stream.concat(settings.faults().stream(),
        Settings.faults(environment, Profiles.load()).stream().map(settings::inItsPlace)).toList();
    if (faults.isEmpty()) return environment;
    throw new StartFault("The settings are wrong: " + String.join("; ", faults) + ".");
  }

  private HttpServer listen() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), settings.port()), 0);
    } catch (IOException e) {
      throw new StartFault("Port " + settings.port()
          + " cannot be listened on: stop the process that has it, or set PORT to another one.");
    }
  }

  private LocalStream stream(LocalPlatform.Stores stores, LocalEvents events) throws ReflectiveOperationException {
    if (settings.hasWebhook()) events.sendBy(Routes.make(WEBHOOK));
    String tokens = Objects.requireNonNull(stores.environment().get("TOKENS_TABLE"));
    try {
      return LocalStream.of(stores, tokens, Routes.make(GRANT_EVENTS));
    } catch (SdkException e) {
      throw new StartFault("What AWS_ENDPOINT_URL names offers no streams of tables: set EVENTS=off.");
    }
  }

  /** One of each provider. An OAuth App of GitHub has no refresh tokens to show. */
  private List<Replica> replicas() {
    if (!settings.hasReplicas()) return List.of();
    return Stream.of(FakeProvider.values()).filter(provider -> provider != FakeProvider.GITHUB_OAUTH_APP)
        .map(Replica::start).toList();
  }

  private Demo demo() {
    try {
      return Demo.start(settings.demoAuthorizationPort(), settings.demoMcpPort());
    } catch (UncheckedIOException e) {
      throw new StartFault(
          "A demo server " + e.getMessage() + ": stop the process that has the port, set DEMO_AUTH_PORT"
              + " and DEMO_MCP_PORT to other ones (0 takes any free one), or set DEMO=off.");
    }
  }

  private LocalFront front(HttpServer server, Routes routes, Optional<Demo> demo, Settings handlers)
      throws IOException {
    var project = Objects.requireNonNull(templateFile.getParent());
    var start = new StartPage(settings.publicBaseUrl(), demo.orElse(null), LocalDocuments.of(project));
    var pages = new LocalPages(start);
    var guard = new LocalGuard(settings.publicBaseUrl(), settings.port(), handlers.corsOrigins(),
        new Entrances.OfTemplate(pages, routes), Journal.standard(Clock.systemUTC()));
    return new LocalFront(server, guard, pages, new LocalInvoker(routes, handlers.userClaim()));
  }

  private void say(Demo demo) {
    System.out.println("demo-mcp " + demo.mcpUrl());
    System.out.println("demo-issuer " + demo.issuer());
    System.out.println(SevenCalls.toCopy(settings.publicBaseUrl(), demo.mcpUrl(), demo.issuer()));
  }
}
