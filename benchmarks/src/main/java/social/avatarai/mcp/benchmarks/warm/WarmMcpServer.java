package social.avatarai.mcp.benchmarks.warm;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;

/**
 * An MCP server on loopback that speaks MCP 2025-11-25 with a session, and asks for a token of its authorization server.
 * It keeps nothing of a request.
 */
final class WarmMcpServer {
  /** A token that the server takes without having seen a consent, for the calls that are made directly. */
  static final String DIRECT_TOKEN = "direct-token-000000000000000000000000000000000";
  static final String SESSION = "session-0000000000000000";

  private static final String JSON = "Content-Type: application/json\r\n";
  private static final String TEXT = "The answer of the tool, as long as such answers are. ".repeat(8);

  private final ServerSocket server;
  private final FakeAuthorizationServer authorizationServer;
  private final Set<String> tokens = ConcurrentHashMap.newKeySet();
  private final AtomicLong received = new AtomicLong();

  WarmMcpServer(FakeAuthorizationServer authorizationServer) {
    this.authorizationServer = authorizationServer;
    tokens.add("Bearer " + DIRECT_TOKEN);
    try {
      server = new ServerSocket(0, 256, InetAddress.ofLiteral("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  String url() {
    return origin() + "/mcp";
  }

  /** How many requests the server has received, requests for metadata included. */
  long received() {
    return received.get();
  }

  private String origin() {
    return "http://localhost:" + port();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        var connection = server.accept();
        Thread.ofPlatform().daemon().start(() -> serve(connection));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (var wire = new Wire(socket)) {
      for (var request = wire.receive(); request.isPresent(); request = wire.receive()) {
        received.incrementAndGet();
        respond(wire, request.get());
      }
    } catch (UncheckedIOException e) {
      // The client has closed the connection.
    }
  }

  private void respond(Wire wire, Wire.Message request) {
    if (request.head().startsWith("GET /.well-known/oauth-protected-resource")) {
      var document = Json.newObject().put("resource", url());
      document.putArray("authorization_servers").add(authorizationServer.issuer());
      wire.send("HTTP/1.1 200 OK\r\n" + JSON, document.toString());
    } else if (!request.head().contains(" /mcp ")) {
      wire.send("HTTP/1.1 404 Not Found\r\n", "");
    } else if (!isAdmitted(request.header("authorization"))) {
      wire.send("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer resource_metadata=\"" + origin()
          + "/.well-known/oauth-protected-resource/mcp\"\r\n", "");
    } else if (!request.head().startsWith("POST ")) {
      wire.send("HTTP/1.1 405 Method Not Allowed\r\n", "");
    } else {
      post(wire, request);
    }
  }

  private boolean isAdmitted(String authorization) {
    if (tokens.contains(authorization)) return true;
    return authorization.startsWith("Bearer ") && authorizationServer.accepts(authorization.substring(7))
        && tokens.add(authorization);
  }

  private static void post(Wire wire, Wire.Message request) {
    var message = Json.object(request.body().getBytes(UTF_8)).orElseThrow();
    String method = message.path("method").asText();
    if (!message.has("id")) {
      wire.send("HTTP/1.1 202 Accepted\r\n", "");
    } else if (method.equals("initialize")) {
      wire.send("HTTP/1.1 200 OK\r\n" + JSON + "Mcp-Session-Id: " + SESSION + "\r\n",
          response(message, initialized()));
    } else if (request.header("mcp-session-id").isEmpty()) {
      var error = Json.newObject().put("jsonrpc", "2.0");
      error.putObject("error").put("code", -32000).put("message", "Bad Request: Mcp-Session-Id is missing");
      wire.send("HTTP/1.1 400 Bad Request\r\n" + JSON, error.toString());
    } else {
      wire.send("HTTP/1.1 200 OK\r\n" + JSON,
          response(message, method.equals("tools/list") ? tools() : called()));
    }
  }

  private static String response(ObjectNode request, ObjectNode result) {
    var response = Json.newObject().put("jsonrpc", "2.0");
    response.set("id", request.path("id"));
    response.set("result", result);
    return response.toString();
  }

  private static ObjectNode initialized() {
    var result = Json.newObject().put("protocolVersion", "2025-11-25");
    result.putObject("capabilities").putObject("tools");
    result.putObject("serverInfo").put("name", "warm-mcp-server").put("version", "1.0.0");
    return result;
  }

  private static ObjectNode tools() {
    var result = Json.newObject();
    result.putArray("tools").addObject().put("name", "say").putObject("inputSchema").put("type", "object");
    return result;
  }

  private static ObjectNode called() {
    var result = Json.newObject();
    result.putArray("content").addObject().put("type", "text").put("text", TEXT);
    return result;
  }
}
