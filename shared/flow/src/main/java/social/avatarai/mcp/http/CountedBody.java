package social.avatarai.mcp.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts the bytes of a body as they are read. */
class CountedBody extends FilterInputStream {
  private long count;

  CountedBody(InputStream body) {
    super(body);
  }

  long count() {
    return count;
  }

  @Override
  public int read() throws IOException {
    int read = super.read();
    if (read >= 0) count++;
    return read;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read = super.read(into, offset, length);
    if (read > 0) count += read;
    return read;
  }
}
