package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;

/**
 * The local stand-in for API Gateway: HTTP on loopback in front of the handlers, with the gateway's limits and its own
 * short error bodies. Who calls is what {@code X-Local-User} says.
 */
final class LocalFront implements AutoCloseable {
  /** API Gateway's limit for request line and headers together. */
  private static final int MOST_HEAD_BYTES = 10 * 1024;
  /** API Gateway's limit for a request's payload. */
  private static final int MOST_BODY_BYTES = 10 * 1024 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final Routes routes;
  private final LocalPages pages;
  private final LocalGuard guard;
  private final String userClaim;

  LocalFront(int port, Routes routes, LocalGuard guard, String userClaim) throws IOException {
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 0);
    this.routes = routes;
    this.pages = new LocalPages();
    this.guard = guard;
    this.userClaim = userClaim;
    server.createContext("/", this::serve);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
  }

  void start() {
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!guard.admits(exchange)) {
        message(exchange, 403, "Forbidden");
      } else if (guard.isPreflight(exchange)) {
        exchange.sendResponseHeaders(204, -1);
      } else {
        answer(exchange);
      }
    } catch (RuntimeException e) {
      System.err.println("local front: " + e);
      message(exchange, 500, "Internal Server Error");
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    var uri = exchange.getRequestURI();
    byte[] body = exchange.getRequestBody().readNBytes(MOST_BODY_BYTES + 1);
    var request = new ApiEvent.Incoming(exchange.getRequestMethod(), uri.getRawPath(),
        Optional.ofNullable(uri.getRawQuery()).orElse(""), exchange.getRequestHeaders(),
        Base64.getEncoder().encodeToString(body));
    if (ApiEvent.headBytes(request) > MOST_HEAD_BYTES) {
      message(exchange, 431, "Request Header Fields Too Large");
    } else if (body.length > MOST_BODY_BYTES) {
      message(exchange, 413, "Request Entity Too Large");
    } else if (!pages.serve(exchange)) {
      var match = routes.find(request.method(), request.rawPath());
      if (match.isEmpty()) message(exchange, 404, "Not Found");
      else
        invoke(exchange, request, match.get());
    }
  }

  private void invoke(HttpExchange exchange, ApiEvent.Incoming request, Routes.Match match) throws IOException {
    var claims = new ApiEvent.Claims(userClaim, header(exchange, "X-Local-User", "local-user"),
        header(exchange, "X-Local-Scope", ""));
    var event = ApiEvent.of(request, match, claims);
    var answer = new ByteArrayOutputStream();
    match.handler().handleRequest(new ByteArrayInputStream(JSON.writeValueAsBytes(event)), answer, new LocalContext());
    JsonNode reply = JSON.readTree(answer.toByteArray());
    reply.path("headers").properties()
        .forEach(header -> exchange.getResponseHeaders().set(header.getKey(), header.getValue().asText()));
    reply.path("cookies").forEach(cookie -> exchange.getResponseHeaders().add("Set-Cookie", cookie.asText()));
    send(exchange, reply.path("statusCode").asInt(), reply.path("body").asText(""));
  }

  private static String header(HttpExchange exchange, String name, String otherwise) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).orElse(otherwise);
  }

  private static void message(HttpExchange exchange, int status, String text) throws IOException {
    exchange.getResponseHeaders().put("Content-Type", List.of("application/json"));
    send(exchange, status, JSON.createObjectNode().put("message", text).toString());
  }

  static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) exchange.getResponseBody().write(bytes);
  }
}
