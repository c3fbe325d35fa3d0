package social.avatarai.mcp.http;

import java.io.IOException;

/** A content coding (RFC 9110 §8.4.1) that cannot be undone: truncated, damaged or unknown. It holds no received byte. */
final class CodingException extends IOException {
  CodingException(String fault) {
    super(fault);
  }
}
