package social.avatarai.mcp.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** Applies content codings (RFC 9110 §8.4.1) to the bodies of the fakes. */
public final class ContentCodings {
  private static final int BROTLI_BLOCK = 1 << 16;

  private ContentCodings() {}

  /** The body in this coding: gzip, deflate, deflate-raw (which servers call deflate) or br. Another one changes nothing. */
  public static byte[] apply(String coding, byte[] body) {
    try {
      return switch (coding) {
        case "gzip", "x-gzip" -> gzip(body);
        case "deflate" -> deflate(body, false);
        case "deflate-raw" -> deflate(body, true);
        case "br" -> brotli(body);
        default -> body;
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] gzip(byte[] body) throws IOException {
    var coded = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(coded)) {
      gzip.write(body);
    }
    return coded.toByteArray();
  }

  private static byte[] deflate(byte[] body, boolean isBare) throws IOException {
    var coded = new ByteArrayOutputStream();
    try (var deflater = new Deflater(Deflater.BEST_COMPRESSION, isBare);
        var stream = new DeflaterOutputStream(coded, deflater)) {
      stream.write(body);
    }
    return coded.toByteArray();
  }

  /** Blocks that are not compressed (RFC 7932 §9.2), which every decoder reads. The JDK has no encoder. */
  private static byte[] brotli(byte[] body) {
    var coded = new ByteArrayOutputStream();
    for (int from = 0; from < body.length; from += BROTLI_BLOCK) {
      int length = Math.min(BROTLI_BLOCK, body.length - from);
      // Not the last block; the length has 4 digits of 4 bits; the block is not compressed.
      int head = (length - 1) << 3 | 1 << 19;
      // The stream begins with the size of its window: one zero bit for 64 KB.
      int bits = from == 0 ? head << 1 : head;
      coded.write(bits);
      coded.write(bits >> 8);
      coded.write(bits >> 16);
      coded.write(body, from, length);
    }
    // The last block, which is empty.
    coded.write(body.length == 0 ? 0b110 : 0b11);
    return coded.toByteArray();
  }
}
