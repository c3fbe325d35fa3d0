package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.resource.StdioServers;

/** The whole service behind its local front, in this process, with its log. */
final class LocalService implements AutoCloseable {
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final LocalFront front;
  private final String base;
  private final LocalPlatform.Stores stores;
  private final LocalStdio programs;

  private LocalService(Map<String, String> more) throws Exception {
    var template = Template.read(Path.of("..", "template.yaml"));
    var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    int port = server.getAddress().getPort();
    var environment = new HashMap<>(more);
    environment.put("PORT", Integer.toString(port));
    var settings = new LocalSettings(environment);
    var journal = new Journal(new PrintStream(log, true, UTF_8), Clock.systemUTC());
    LocalPlatform.logTo(journal);
    stores = LocalStores.open(settings, settings.forHandlers(template));
    LocalPlatform.use(stores);
    var stdio = settings.stdioServers();
    programs = new LocalStdio(stdio.all(), stdio.secrets(), journal);
    LocalPlatform.offer(programs);
    var routes = new Routes(template.routes());
    var pages = new LocalPages(new StartPage(settings.publicBaseUrl(), null, LocalDocuments.of(Path.of(".."))));
    var guard = new LocalGuard(settings.publicBaseUrl(), port, List.of(), new Entrances.OfTemplate(pages, routes),
        journal);
    front = new LocalFront(server, guard, pages, new LocalInvoker(routes, "sub"));
    front.start();
    base = settings.publicBaseUrl();
  }

  static LocalService start(Map<String, String> settings) {
    try {
      return new LocalService(settings);
    } catch (Exception e) {
      throw new AssertionError("the service does not start", e);
    }
  }

  /** A new user, for whom nothing has been logged yet. */
  ApiUser user() {
    log.reset();
    return new ApiUser(base);
  }

  String base() {
    return base;
  }

  LocalPlatform.Stores stores() {
    return stores;
  }

  LocalStdio programs() {
    return programs;
  }

  @Override
  public void close() {
    front.close();
    programs.close();
    LocalPlatform.offer(StdioServers.none());
  }

  String log() {
    return log.toString(UTF_8);
  }
}
