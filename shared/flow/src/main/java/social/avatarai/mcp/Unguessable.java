package social.avatarai.mcp;

import java.security.SecureRandom;
import java.util.Base64;

/** Random values that cannot be guessed. A text has 256 bits, the size that RFC 7636 §4.1 recommends for a verifier. */
public final class Unguessable {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Unguessable() {}

  /** A positive integer of at most 53 bits, which every JSON reader keeps exactly (RFC 8259 §6). */
  public static long integer() {
    return RANDOM.nextLong(1, 1L << 53);
  }

  /** 43 characters of base64url. */
  public static String text() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
