package social.avatarai.mcp.http;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.brotli.dec.BrotliInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A body in the coding br (RFC 7932). The library's classes, with a dictionary of 122 KB, are loaded with the first such
 * body. The library takes 4,096 bytes at a time and returns nothing before it has them, so an event stream in this
 * coding is read when it ends.
 */
final class BrotliBody extends FilterInputStream {
  private final Received received;

  private BrotliBody(InputStream decoder, Received received) {
    super(decoder);
    this.received = received;
  }

  static InputStream of(InputStream coded) throws IOException {
    var received = new Received(coded);
    try {
      return new BrotliBody(new BrotliInputStream(received), received);
    } catch (IOException | RuntimeException e) {
      throw received.reason();
    }
  }

  /** What these bytes decode to; null if they are no whole body in this coding. */
  static @Nullable InputStream whole(byte[] coded) {
    try (var decoded = of(new ByteArrayInputStream(coded))) {
      return new ByteArrayInputStream(decoded.readAllBytes());
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    try {
      return super.read(into, offset, length);
    } catch (IOException | RuntimeException e) {
      // The library throws more than IOException for damaged input, index errors among it.
      throw received.reason();
    }
  }

  /** The coded bytes. The library hides why they ended, so the reason is kept here. */
  private static final class Received extends FilterInputStream {
    private IOException why = CodingException.damaged();
    private @Nullable RuntimeException thrown;

    Received(InputStream coded) {
      super(coded);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      try {
        return super.read(into, offset, length);
      } catch (IOException e) {
        why = e;
        throw e;
      } catch (RuntimeException e) {
        thrown = e;
        throw e;
      }
    }

    IOException reason() {
      if (thrown != null) throw thrown;
      return why;
    }
  }
}
