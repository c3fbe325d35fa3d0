package social.avatarai.mcp.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;
import social.avatarai.mcp.Failure;

/** A response body with a maximum number of bytes. A longer body is a failure, never a truncated response. */
final class CappedBody extends InputStream {
  private final InputStream body;
  private final Supplier<Failure> over;
  private int left;

  CappedBody(InputStream body, int cap, Supplier<Failure> over) {
    this.body = body;
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
    if (read > left) throw over.get();
    if (read > 0) left -= read;
    return read;
  }

  @Override
  public int available() throws IOException {
    return Math.min(left, body.available());
  }
}
