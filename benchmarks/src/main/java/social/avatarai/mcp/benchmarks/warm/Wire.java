package social.avatarai.mcp.benchmarks.warm;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * One HTTP/1.1 connection, from either side. It does as little as possible, because it works on the same cores as what
 * is measured: bodies have a length, and a message is sent in one write.
 */
final class Wire implements AutoCloseable {
  private static final String LENGTH = "\r\ncontent-length:";

  private final Socket socket;
  private byte[] buffer = new byte[16 * 1024];
  private int end;

  Wire(Socket socket) {
    this.socket = socket;
    try {
      socket.setTcpNoDelay(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Wire to(int port) {
    try {
      return new Wire(new Socket(InetAddress.ofLiteral("127.0.0.1"), port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A message.
   *
   * @param head the first line and the headers, whose names are in lower case
   */
  record Message(String head, String body) {
    int status() {
      return Integer.parseInt(head.substring(9, 12));
    }

    /** The value of a header; "" if it is absent. */
    String header(String name) {
      int at = head.indexOf("\r\n" + name + ":");
      if (at < 0) return "";
      int begin = at + name.length() + 3;
      return head.substring(begin, head.indexOf("\r\n", begin)).strip();
    }
  }

  /** Sends a message. The lines of the head each end with a line break. */
  void send(String head, String body) {
    byte[] bytes = body.getBytes(UTF_8);
    byte[] all = (head + "Content-Length: " + bytes.length + "\r\n\r\n" + body).getBytes(UTF_8);
    try {
      socket.getOutputStream().write(all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Receives a message; empty if the other side has closed the connection. */
  Optional<Message> receive() {
    try {
      int blank = blankLine(0);
      while (blank < 0) {
        int from = Math.max(0, end - 3);
        if (!fill()) return Optional.empty();
        blank = blankLine(from);
      }
      String head = lowerNames(new String(buffer, 0, blank + 2, ISO_8859_1));
      int begin = blank + 4;
      int stop = begin + length(head);
      while (end < stop)
        if (!fill()) return Optional.empty();
      var message = new Message(head, new String(buffer, begin, stop - begin, UTF_8));
      System.arraycopy(buffer, stop, buffer, 0, end - stop);
      end -= stop;
      return Optional.of(message);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private boolean fill() throws IOException {
    if (end == buffer.length) buffer = Arrays.copyOf(buffer, 2 * end);
    int read = socket.getInputStream().read(buffer, end, buffer.length - end);
    if (read > 0) end += read;
    return read > 0;
  }

  private int blankLine(int from) {
    for (int i = from; i + 3 < end; i++)
      if (buffer[i] == '\r' && buffer[i + 1] == '\n' && buffer[i + 2] == '\r' && buffer[i + 3] == '\n') return i;
    return -1;
  }

  /** The names of headers have no case; the values keep theirs. */
  private static String lowerNames(String head) {
    var lower = new StringBuilder(head.length());
    boolean isName = false;
    for (int i = 0; i < head.length(); i++) {
      char c = head.charAt(i);
      if (c == '\n') isName = true;
      if (c == ':') isName = false;
      lower.append(isName ? Character.toLowerCase(c) : c);
    }
    return lower.toString();
  }

  private static int length(String head) {
    int at = head.toLowerCase(Locale.ROOT).indexOf(LENGTH);
    if (at < 0) return 0;
    int begin = at + LENGTH.length();
    return Integer.parseInt(head.substring(begin, head.indexOf("\r\n", begin)).strip());
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
