package social.avatarai.mcp.http;

import java.io.IOException;

/** A content coding (RFC 9110 §8.4.1) that cannot be undone. It holds no received byte. */
final class CodingException extends IOException {
  private final boolean damaged;

  private CodingException(String fault, boolean damaged) {
    super(fault);
    this.damaged = damaged;
  }

  /** What was decoded before may be wrong too. */
  static CodingException damaged() {
    return new CodingException("is compressed and damaged", true);
  }

  /** What was decoded before is right, as far as it goes. */
  static CodingException incomplete() {
    return new CodingException("is compressed and incomplete", false);
  }

  /** Everything is decoded, but the checksum or the length behind it does not match. */
  static CodingException wrongSum() {
    return new CodingException("is compressed and has a wrong checksum", false);
  }

  static CodingException unknown() {
    return new CodingException("is compressed in a way that this service cannot undo", true);
  }

  static CodingException tooManyCodings() {
    return new CodingException("is compressed more than " + DecodedBody.MAX_CODINGS + " times", true);
  }

  boolean isDamaged() { return damaged; }
}
