package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundRequest;

/** The whole service behind its local front, as one user calls it. Keeps everything that it answers and logs to them. */
final class LocalService implements AutoCloseable {
  private final HttpClient client = HttpClient.newHttpClient();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final List<String> answers = new ArrayList<>();
  private String user = "";
  private final LocalFront front;
  private final String base;

  /** An answer to the user. */
  record Answer(int status, JsonNode body, List<String> cookies) {}

  private LocalService(Map<String, String> more) throws Exception {
    var template = Template.read(Path.of("..", "template.yaml"));
    var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    int port = server.getAddress().getPort();
    var environment = new HashMap<>(more);
    environment.put("PORT", Integer.toString(port));
    var settings = new LocalSettings(environment);
    var journal = new Journal(new PrintStream(log, true, UTF_8), Clock.systemUTC());
    LocalPlatform.logTo(journal);
    LocalPlatform.use(LocalStores.open(settings, settings.forHandlers(template)));
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

  /** From now on another user calls, for whom nothing has been answered or logged yet. */
  LocalService forAnotherUser() {
    user = "user-" + Unguessable.text();
    log.reset();
    answers.clear();
    return this;
  }

  @Override
  public void close() {
    front.close();
    client.close();
  }

  String log() {
    return log.toString(UTF_8);
  }

  /** The bodies and headers of all answers. */
  List<String> answers() {
    return answers;
  }

  Answer get(String path, Map<String, String> query, String... headers) {
    return send(HttpRequest.newBuilder(URI.create(base + path + "?" + OutboundRequest.formBody(query))), headers);
  }

  Answer post(String path, ObjectNode body) {
    return send(HttpRequest.newBuilder(URI.create(base + path)).header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
  }

  Answer delete(String path) {
    return send(HttpRequest.newBuilder(URI.create(base + path)).DELETE());
  }

  private Answer send(HttpRequest.Builder request, String... headers) {
    if (headers.length > 0) request.headers(headers);
    try {
      var response = client.send(request.header("X-Local-User", user).build(), HttpResponse.BodyHandlers.ofString());
      answers.add(response.body() + response.headers().map());
      assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
      return new Answer(response.statusCode(), Json.value(response.body().getBytes(UTF_8)).orElseThrow(),
          response.headers().allValues("set-cookie"));
    } catch (IOException e) {
      throw new AssertionError("no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
