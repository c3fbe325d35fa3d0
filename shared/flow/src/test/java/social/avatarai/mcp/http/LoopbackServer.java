package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import social.avatarai.mcp.EndpointUrl;

/**
 * A server on loopback that sends on each connection exactly the bytes of its script. Real servers do not misbehave as
 * the tests need.
 */
final class LoopbackServer implements AutoCloseable {

  /** What the server does with one connection; the connection is closed when it returns. */
  @FunctionalInterface
  interface Script {
    void talk(Connection connection) throws IOException;
  }

  private final ServerSocket socket;
  private final Script script;
  private final List<Socket> connections = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  private LoopbackServer(ServerSocket socket, Script script) {
    this.socket = socket;
    this.script = script;
    Thread.ofVirtual().start(this::accept);
  }

  static LoopbackServer doing(Script script) {
    try {
      return new LoopbackServer(new ServerSocket(0, 100, InetAddress.ofLiteral("127.0.0.1")), script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static LoopbackServer doing(SSLContext tls, Script script) {
    try {
      return new LoopbackServer(
          tls.getServerSocketFactory().createServerSocket(0, 100, InetAddress.ofLiteral("127.0.0.1")), script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Responds to every request on every connection with these bytes. */
  static LoopbackServer responding(String response) {
    return doing(connection -> {
      while (connection.readRequest())
        connection.write(response);
    });
  }

  /** Responds to every request with this status, these header lines and this body. */
  static LoopbackServer responding(String status, String headerLines, String body) {
    return responding(response(status, headerLines, body));
  }

  static String response(String status, String headerLines, String body) {
    return "HTTP/1.1 " + status + "\r\n" + headerLines.replace("\n", "\r\n") + "Content-Length: " + body.length()
        + "\r\n\r\n" + body;
  }

  EndpointUrl url(String path) {
    return new EndpointUrl("http://127.0.0.1:" + port() + path);
  }

  int port() {
    return socket.getLocalPort();
  }

  /** The received requests, with head and body as they arrived. */
  List<String> requests() {
    return requests;
  }

  int connections() {
    return connections.size();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        connections.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) {
        return; // The server was closed.
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      script.talk(new Connection(connection));
    } catch (IOException e) {
      // The client closed the connection. The tests assert this on the client's side.
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
      for (Socket connection : connections)
        connection.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One connection, for its script. */
  final class Connection {
    private final Socket socket;

    private Connection(Socket socket) {
      this.socket = socket;
    }

    /** Reads one request; false if the client has closed the connection. */
    boolean readRequest() throws IOException {
      InputStream in = socket.getInputStream();
      var bytes = new ByteArrayOutputStream();
      while (!bytes.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
        int next = in.read();
        if (next < 0) return false;
        bytes.write(next);
      }
      String head = bytes.toString(ISO_8859_1);
      requests.add(head + new String(in.readNBytes(contentLength(head)), ISO_8859_1));
      return true;
    }

    void write(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
    }

    /** The server names in the client's handshake (RFC 6066 §3). */
    List<SNIServerName> requestedServerNames() {
      return ((ExtendedSSLSession) ((SSLSocket) socket).getSession()).getRequestedServerNames();
    }

    void close() throws IOException {
      socket.close();
    }

    /** Closes the connection with a reset instead of an orderly end. */
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    /** Waits until the client has closed the connection. */
    void awaitEnd() throws IOException {
      socket.setSoTimeout(0);
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    /**
     * Writes the text byte by byte, with pauses of a fraction of a second. Stops when the client closes the connection.
     */
    void drip(String text) throws IOException {
      socket.setSoTimeout(40);
      for (int i = 0; i < text.length(); i++) {
        write(text.substring(i, i + 1));
        try {
          if (socket.getInputStream().read() < 0) return;
        } catch (SocketTimeoutException e) {
          // The pause is over and the client is still connected.
        }
      }
    }

    private static int contentLength(String head) {
      return head.lines().filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15)).findFirst()
          .map(line -> Integer.parseInt(line.substring(15).strip())).orElse(0);
    }
  }
}
