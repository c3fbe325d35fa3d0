package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP server on 127.0.0.1 that responds through one handler. The whole server is also one scriptable
 * {@link Endpoint}.
 */
public final class LoopbackHttp implements AutoCloseable {

  /** Responds to one request. Requests arrive in parallel, each on its own virtual thread. */
  @FunctionalInterface
  public interface Handler {
    Response respond(Received request);
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Endpoint endpoint;
  private final AtomicReference<@Nullable RuntimeException> fault = new AtomicReference<>();

  private LoopbackHttp(HttpServer server, Handler handler) {
    this.server = server;
    this.endpoint = new Endpoint("server", handler);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
  }

  public static LoopbackHttp start(Handler handler) {
    return start(0, handler);
  }

  /** Starts on a port; 0 for any free port. */
  public static LoopbackHttp start(int port, Handler handler) {
    var http = bind(port, handler);
    http.serve();
    return http;
  }

  /** Binds the port, so that the URL is known, but responds to no request before {@link #serve()}. */
  static LoopbackHttp bind(int port, Handler handler) {
    try {
      var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
      return new LoopbackHttp(HttpServer.create(address, 0), handler);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + port, e);
    }
  }

  void serve() {
    server.start();
  }

  /** Serves the paths that begin like this in another way, such as with streams. */
  void serveBelow(String path, HttpHandler handler) {
    server.createContext(path, handler);
  }

  /** Serves the paths that begin like this through another handler. Their requests are not recorded. */
  void answerBelow(String path, Handler handler) {
    serveBelow(path, exchange -> {
      try (exchange) {
        send(exchange, handler.respond(receive(exchange)));
      }
    });
  }

  /** The origin, without a slash at the end. */
  public String url() {
    return "http://localhost:" + port();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public List<Received> requests() {
    return endpoint.requests();
  }

  /** The whole server as an endpoint, for scripted exchanges. */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** Stops at once. Then fails if a handler failed or a scripted exchange was never played. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    var broken = fault.get();
    if (broken != null) throw new AssertionError("a handler broke", broken);
    endpoint.verifyScriptPlayed();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      send(exchange, respond(receive(exchange)));
    }
  }

  private Response respond(Received request) {
    try {
      return endpoint.respond(request);
    } catch (RuntimeException e) {
      fault.compareAndSet(null, e);
      return Response.of(500);
    }
  }

  static Received receive(HttpExchange exchange) throws IOException {
    var headers = new TreeMap<String, List<String>>();
    exchange.getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
    var uri = exchange.getRequestURI();
    return new Received(exchange.getRequestMethod(), uri.getRawPath(),
        Optional.ofNullable(uri.getRawQuery()).orElse(""),
        Collections.unmodifiableMap(headers), new String(exchange.getRequestBody().readAllBytes(), UTF_8));
  }

  static void send(HttpExchange exchange, Response response) throws IOException {
    if (response.equals(Response.NONE)) return;
    for (var header : response.headers())
      exchange.getResponseHeaders().add(header.name(), header.value());
    byte[] body = response.bytes();
    exchange.sendResponseHeaders(response.status(), body.length == 0 ? -1 : body.length);
    if (body.length > 0) exchange.getResponseBody().write(body);
  }
}
