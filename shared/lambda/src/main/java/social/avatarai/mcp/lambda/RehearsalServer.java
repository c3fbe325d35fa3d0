package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.vault.KeyRing;

/**
 * What a {@link Rehearsal} calls in place of DynamoDB, Secrets Manager and an MCP server: a socket on loopback, with one
 * item at most, a key ring that is thrown away, and an empty list of tools. It reads no more of a request than that takes.
 */
final class RehearsalServer implements AutoCloseable {
  /** Any date: the clock that observes it is thrown away too. */
  private static final String DATE = "Thu, 01 Jan 2026 00:00:00 GMT";

  private final ServerSocket socket;
  private final Queue<Socket> accepted = new ConcurrentLinkedQueue<>();
  private final String keyRing = KeyRing.fresh();
  /** The item that was put last. */
  private volatile JsonNode item = MissingNode.getInstance();

  RehearsalServer() {
    try {
      this.socket = new ServerSocket(0, 0, InetAddress.ofLiteral("127.0.0.1"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().name("rehearsal").start(this::accept);
  }

  /** Where the stores are. */
  URI stores() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort());
  }

  /** Where the MCP server is. */
  EndpointUrl mcpServer() {
    return new EndpointUrl(stores() + "/mcp");
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        var connection = socket.accept();
        accepted.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) {
        return; // Closed.
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      var in = new BufferedInputStream(connection.getInputStream());
      for (var head = Head.read(in); head.length() > 0; head = Head.read(in))
        respond(connection, response(head.operation(), Json.object(in.readNBytes(head.length())).orElseThrow()));
    } catch (IOException | RuntimeException e) {
      // The caller of this request fails, and with it the rehearsal, which reports it.
    }
  }

  private static void respond(Socket connection, ObjectNode response) throws IOException {
    byte[] body = JsonText.bytes(response);
    var all = new ByteArrayOutputStream();
    all.writeBytes(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: " + DATE + "\r\nContent-Length: "
        + body.length + "\r\n\r\n").getBytes(ISO_8859_1));
    all.writeBytes(body);
    connection.getOutputStream().write(all.toByteArray());
  }

  /**
   * The head of a request.
   *
   * @param operation of a store; empty for a message to the MCP server
   * @param length of the body, in bytes
   */
  private record Head(String operation, int length) {

    static Head read(InputStream in) throws IOException {
      String operation = "";
      int length = 0;
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        String name = line.substring(0, line.indexOf(':') + 1).toLowerCase(Locale.ROOT);
        String value = line.substring(name.length()).strip();
        if (name.equals("x-amz-target:")) operation = value.substring(value.indexOf('.') + 1);
        if (name.equals("content-length:")) length = Integer.parseInt(value);
      }
      return new Head(operation, length);
    }

    private static String line(InputStream in) throws IOException {
      var line = new StringBuilder();
      for (int read = in.read(); read >= 0 && read != '\n'; read = in.read())
        line.append((char) read);
      return line.toString().strip();
    }
  }

  private ObjectNode response(String operation, ObjectNode request) {
    return switch (operation) {
      case "PutItem" -> put(request.path("Item"));
      case "GetItem" -> Json.newObject().set("Item", item);
      case "Query" -> Json.newObject().set("Items", items());
      case "BatchGetItem" -> batch(request.path("RequestItems"));
      case "GetSecretValue" -> Json.newObject().put("SecretString", keyRing);
      case "" -> toolList(request.path("id"));
      default -> throw new IllegalArgumentException(operation);
    };
  }

  private ObjectNode put(JsonNode added) {
    item = added;
    return Json.newObject();
  }

  private ObjectNode batch(JsonNode tables) {
    var response = Json.newObject();
    var found = response.putObject("Responses");
    for (var table : tables.properties())
      found.set(table.getKey(), items());
    return response.set("UnprocessedKeys", Json.newObject());
  }

  private ArrayNode items() {
    return Json.newObject().arrayNode().add(item);
  }

  private static ObjectNode toolList(JsonNode id) {
    var response = Json.newObject().put("jsonrpc", "2.0");
    response.set("id", id);
    response.putObject("result").putArray("tools");
    return response;
  }

  @Override
  public void close() {
    try {
      socket.close();
      for (var connection : accepted)
        connection.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
