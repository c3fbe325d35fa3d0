package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Executors;
import social.avatarai.mcp.http.Json;

/**
 * The local stand-in for API Gateway: HTTP on loopback in front of the handlers, with the limits of the gateway and its
 * short error bodies.
 */
final class LocalFront implements AutoCloseable {
  /** API Gateway's limit for request line and headers together. */
  static final int MAX_HEAD_BYTES = 10 * 1024;
  /** API Gateway's limit for the body of a request. */
  private static final int MAX_BODY_BYTES = 10 * 1024 * 1024;

  private final HttpServer server;
  private final LocalGuard guard;
  private final LocalPages pages;
  private final LocalInvoker invoker;

  LocalFront(HttpServer server, LocalGuard guard, LocalPages pages, LocalInvoker invoker) {
    this.server = server;
    this.guard = guard;
    this.pages = pages;
    this.invoker = invoker;
    server.createContext("/", this::serve);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
  }

  void start() {
    server.start();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      var refusal = guard.judge(exchange);
      if (refusal.isPresent()) {
        refuse(exchange, refusal.get());
      } else if (guard.isPreflight(exchange)) {
        exchange.sendResponseHeaders(204, -1);
      } else {
        respond(exchange);
      }
    } catch (RuntimeException e) {
      System.err.println("local front: " + e);
      message(exchange, 500, "Internal Server Error");
    }
  }

  private void respond(HttpExchange exchange) throws IOException {
    var uri = exchange.getRequestURI();
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
    var request = new ApiEvent.Incoming(exchange.getRequestMethod(), uri.getRawPath(),
        Optional.ofNullable(uri.getRawQuery()).orElse(""), exchange.getRequestHeaders(),
        Base64.getEncoder().encodeToString(body));
    if (ApiEvent.headBytes(request) > MAX_HEAD_BYTES) {
      message(exchange, 431, "Request Header Fields Too Large");
    } else if (body.length > MAX_BODY_BYTES) {
      message(exchange, 413, "Request Entity Too Large");
    } else if (!pages.serve(exchange) && !invoker.serve(exchange, request)) {
      message(exchange, 404, "Not Found");
    }
  }

  /**
   * Sends a refusal that API Gateway does not have. The member {@code message} looks like that of the gateway; the rest
   * says what a developer has to know.
   */
  private void refuse(HttpExchange exchange, LocalRefusal refusal) throws IOException {
    json(exchange, 403, Json.newObject().put("message", "Forbidden").put("reason", refusal.word())
        .put("description", guard.describe(refusal)));
  }

  private static void message(HttpExchange exchange, int status, String text) throws IOException {
    json(exchange, status, Json.newObject().put("message", text));
  }

  private static void json(HttpExchange exchange, int status, ObjectNode body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    send(exchange, status, body.toString());
  }

  static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    boolean isEmpty = bytes.length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, isEmpty ? -1 : bytes.length);
    if (!isEmpty) exchange.getResponseBody().write(bytes);
  }
}
