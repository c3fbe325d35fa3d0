package social.avatarai.mcp.benchmarks.schedule;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A token endpoint on loopback that grants every refresh at once. It does as little as possible, because it works on
 * the same cores as what is measured.
 */
final class LoopbackIssuer implements AutoCloseable {
  private static final int BACKLOG = 256;
  private static final String LENGTH = "content-length:";

  private final ServerSocket server;
  private final AtomicLong granted = new AtomicLong();

  LoopbackIssuer() {
    try {
      server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  String origin() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  long granted() {
    return granted.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        var connection = server.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      connection.setTcpNoDelay(true);
      var in = new BufferedInputStream(connection.getInputStream());
      while (skipRequest(in))
        connection.getOutputStream().write(response());
    } catch (IOException e) {
      // The client has closed the connection.
    }
  }

  private static boolean skipRequest(InputStream in) throws IOException {
    int length = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith(LENGTH)) length = Integer.parseInt(lower.substring(LENGTH.length()).strip());
    }
    if (length == 0) return false;
    in.skipNBytes(length);
    return true;
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int next = in.read(); next != '\n' && next >= 0; next = in.read())
      if (next != '\r') line.append((char) next);
    return line.toString();
  }

  private byte[] response() {
    String body = String.format(Locale.ROOT, "{\"access_token\":\"access-%040d\",\"token_type\":\"Bearer\","
        + "\"expires_in\":3600,\"refresh_token\":\"refresh-%040d\"}", granted.incrementAndGet(), granted.get());
    return ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
        .getBytes(US_ASCII);
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
