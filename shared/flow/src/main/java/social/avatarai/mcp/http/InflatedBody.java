package social.avatarai.mcp.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A body in the coding gzip (RFC 1952) or deflate (RFC 1950; some servers send RFC 1951 without its wrapping). It
 * returns what has arrived as soon as it can be decoded, which an event stream needs: the JDK's own stream decides by
 * what has arrived so far whether another gzip member follows.
 *
 * <p>What follows the last gzip member is skipped: some servers pad it.
 */
final class InflatedBody extends InputStream {
  private static final int PIECE = 4096;
  private static final int FIRST_MAGIC = 0x1f;
  private static final int SECOND_MAGIC = 0x8b;
  private static final int DEFLATE = 8;
  private static final int HEADER_SUM = 1 << 1;
  private static final int EXTRA = 1 << 2;
  private static final int NAME = 1 << 3;
  private static final int COMMENT = 1 << 4;

  private final InputStream coded;
  private final boolean isGzip;
  private final CRC32 sum = new CRC32();
  private final byte[] piece = new byte[PIECE];
  private int at;
  private int limit;
  private Inflater inflater;
  private boolean ended;

  private InflatedBody(InputStream coded, boolean isGzip, boolean isBare) {
    this.coded = coded;
    this.isGzip = isGzip;
    this.inflater = new Inflater(isBare);
  }

  /** The body of a gzip coding. */
  static InflatedBody gzip(InputStream coded) throws IOException {
    var body = new InflatedBody(coded, true, true);
    if (body.required() != FIRST_MAGIC || body.required() != SECOND_MAGIC) throw CodingException.damaged();
    body.readMemberHead();
    return body;
  }

  /** The body of a deflate coding, whose first bytes are these. */
  static InflatedBody deflate(InputStream coded, byte[] first) {
    return new InflatedBody(coded, false, !isZlib(first));
  }

  /**
   * Whether these are the first three bytes of a gzip member (RFC 1952 §2.3.1). No JSON, no event stream and no deflate
   * begins with them.
   */
  static boolean isGzip(byte[] first) {
    return first.length == 3 && (first[0] & 0xff) == FIRST_MAGIC && (first[1] & 0xff) == SECOND_MAGIC
        && first[2] == DEFLATE;
  }

  /** RFC 1950 §2.2: the method is 8, and both bytes together are a multiple of 31. */
  private static boolean isZlib(byte[] first) {
    return first.length >= 2 && (first[0] & 0x0f) == DEFLATE
        && (((first[0] & 0xff) << 8) + (first[1] & 0xff)) % 31 == 0;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) return 0;
    while (!ended) {
      int read = inflate(into, offset, length);
      if (read > 0) return read;
      if (inflater.finished()) endMember();
      else if (!inflater.needsInput()) throw CodingException.damaged();
      else if (at == limit && !fill()) throw CodingException.incomplete();
      else
        inflater.setInput(piece, at, take());
    }
    return -1;
  }

  private int inflate(byte[] into, int offset, int length) throws CodingException {
    try {
      int read = inflater.inflate(into, offset, length);
      sum.update(into, offset, read);
      return read;
    } catch (DataFormatException e) {
      throw CodingException.damaged();
    }
  }

  /** Hands everything that is buffered to the inflater. What the inflater leaves is taken back at the member's end. */
  private int take() {
    int length = limit - at;
    at = limit;
    return length;
  }

  private void endMember() throws IOException {
    at = limit - inflater.getRemaining();
    if (isGzip) requireMemberTail();
    if (isGzip && next() == FIRST_MAGIC && next() == SECOND_MAGIC) {
      inflater.reset();
      sum.reset();
      readMemberHead();
      return;
    }
    ended = true;
    at = limit;
    // The rest of the body is read too, so that the connection can be used again.
    while (fill())
      at = limit;
    forget();
  }

  /** RFC 1952 §2.3, after the two bytes of the magic. */
  private void readMemberHead() throws IOException {
    if (required() != DEFLATE) throw CodingException.damaged();
    int flags = required();
    skip(6);
    if ((flags & EXTRA) != 0) skip(required() + (required() << 8));
    if ((flags & NAME) != 0) skipText();
    if ((flags & COMMENT) != 0) skipText();
    if ((flags & HEADER_SUM) != 0) skip(2);
  }

  /**
   * RFC 1952 §2.3.1: the checksum of the member and its length, modulo 2^32. Some proxies change a body and leave the
   * sum, so a whole value before it is as good as one whose end is missing.
   */
  private void requireMemberTail() throws IOException {
    if (number() != sum.getValue() || number() != (inflater.getBytesWritten() & 0xffff_ffffL))
      throw CodingException.wrongSum();
  }

  private long number() throws IOException {
    return required() | (long) required() << 8 | (long) required() << 16 | (long) required() << 24;
  }

  private void skip(int bytes) throws IOException {
    for (int i = 0; i < bytes; i++) {
      int _ = required();
    }
  }

  private void skipText() throws IOException {
    int read = required();
    while (read != 0)
      read = required();
  }

  private int required() throws IOException {
    int read = next();
    if (read < 0) throw CodingException.incomplete();
    return read;
  }

  private int next() throws IOException {
    return at == limit && !fill() ? -1 : piece[at++] & 0xff;
  }

  private boolean fill() throws IOException {
    at = 0;
    limit = Math.max(0, coded.read(piece));
    return limit > 0;
  }

  /** The inflater's own memory is not on the heap; it is free again from here on. */
  private void forget() {
    inflater.end();
    Arrays.fill(piece, (byte) 0);
  }

  @Override
  public void close() {
    ended = true;
    forget();
  }
}
