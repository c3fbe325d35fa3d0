package social.avatarai.mcp.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.io.SessionInputBuffer;

/**
 * Parses the head of a response strictly and completely. The client's own parser skips lines before the status line,
 * and accepts the end of the connection as the end of the head. It would report responses that the server never sent.
 */
final class StrictResponseParser extends DefaultHttpResponseParser {

  StrictResponseParser(Http1Config config) {
    super(config);
  }

  @Override
  public ClassicHttpResponse parse(SessionInputBuffer buffer, InputStream connection)
      throws IOException, HttpException {
    return super.parse(buffer, new Unending(connection));
  }

  /** A connection whose end is an error. */
  private static final class Unending extends FilterInputStream {
    Unending(InputStream connection) {
      super(connection);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      if (read < 0) throw new ConnectionClosedException("The connection ended before the head of the response");
      return read;
    }
  }
}
