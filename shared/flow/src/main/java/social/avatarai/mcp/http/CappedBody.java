package social.avatarai.mcp.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Function;
import social.avatarai.mcp.Failure;

/** A response body with a maximum number of bytes. A longer body is a failure, never a truncated response. */
final class CappedBody extends InputStream {
  private final InputStream body;
  private final int cap;
  private final Function<String, Failure> over;
  private int left;

  /**
   * Limits a body.
   *
   * @param over the failure of a longer body, which names the limit as {@code over 1000 bytes}
   */
  CappedBody(InputStream body, int cap, Function<String, Failure> over) {
    this.body = body;
    this.cap = cap;
    this.left = cap;
    this.over = over;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) return 0;
    // At the maximum, one more byte is requested: only its absence proves that the body ends here.
    int read = body.read(into, offset, left == 0 ? 1 : Math.min(length, left));
    if (read > left) throw over.apply("over " + cap + " bytes");
    if (read > 0) left -= read;
    return read;
  }

  @Override
  public int available() throws IOException {
    return Math.min(left, body.available());
  }
}
