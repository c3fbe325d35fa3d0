package social.avatarai.mcp.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpRequestWriter;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.HttpMessageWriter;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.http.io.SessionOutputBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one connection. They hold the last request and the last response, with the tokens in them, for as long
 * as the connection is kept. Only the writer and the parser of messages see the buffers, so this class is both. Each
 * message gets a new writer or parser, because they keep the lines of a message too.
 */
final class ConnectionBuffers implements HttpMessageWriter<ClassicHttpRequest>, HttpMessageParser<ClassicHttpResponse> {
  private static final int PIECE = 1024;
  private static final byte[] NOTHING = new byte[PIECE];
  private static final InputStream ZEROS = new InputStream() {
    @Override
    public int read() {
      return 0;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      // Arrays.fill would be a loop in a JVM that has only its first compiler.
      for (int done = 0; done < length; done += PIECE)
        System.arraycopy(NOTHING, 0, into, offset + done, Math.min(length - done, PIECE));
      return length;
    }
  };

  private final Http1Config config;
  private @Nullable SessionOutputBuffer sent;
  private @Nullable SessionInputBuffer received;

  ConnectionBuffers(Http1Config config) {
    this.config = config;
  }

  @Override
  public void write(ClassicHttpRequest request, SessionOutputBuffer buffer, OutputStream connection)
      throws IOException, HttpException {
    sent = buffer;
    new DefaultHttpRequestWriter(config, null).write(request, buffer, connection);
  }

  @Override
  public ClassicHttpResponse parse(SessionInputBuffer buffer, InputStream connection)
      throws IOException, HttpException {
    received = buffer;
    return new StrictResponseParser(config).parse(buffer, connection);
  }

  /** Whether the server sent more than its response. The rest would be read as the response to another request. */
  boolean hasUnread() {
    return received != null && received.length() > 0;
  }

  /** Overwrites both buffers. Only between two exchanges, and only if nothing is unread. */
  void erase() throws IOException {
    if (sent != null) erase(sent);
    if (received != null) erase(received);
  }

  /** Fills the buffer with zeros, which then go nowhere. */
  private static void erase(SessionOutputBuffer buffer) throws IOException {
    var nowhere = OutputStream.nullOutputStream();
    for (int left = buffer.capacity(); left > 0; left -= PIECE)
      buffer.write(NOTHING, 0, Math.min(left, PIECE), nowhere);
    buffer.flush(nowhere);
  }

  /** An empty buffer reads as many bytes as it can hold, even if one is asked for. */
  private static void erase(SessionInputBuffer buffer) throws IOException {
    int _ = buffer.read(ZEROS);
    byte[] zeros = new byte[PIECE];
    while (buffer.length() > 0) {
      int _ = buffer.read(zeros, 0, PIECE, ZEROS);
    }
  }
}
