package social.avatarai.mcp.vault;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * HKDF with SHA-256 (RFC 5869). One key is extracted; then any number of keys can be expanded from that key.
 *
 * <p>This class uses {@link Mac}, because {@code javax.crypto.KDF} takes several times as long for one expansion.
 */
final class Hkdf {
  private static final String HMAC = "HmacSHA256";
  private static final int HASH_BYTES = 32;

  private final SecretKey pseudorandomKey;

  private Hkdf(SecretKey pseudorandomKey) {
    this.pseudorandomKey = pseudorandomKey;
  }

  /** HKDF-Extract (§2.2); without a salt, a salt of zeros is used. */
  static Hkdf extract(byte[] salt, byte[] keyMaterial) {
    byte[] key = salt.length == 0 ? new byte[HASH_BYTES] : salt;
    return new Hkdf(new SecretKeySpec(hmac(new SecretKeySpec(key, HMAC)).doFinal(keyMaterial), HMAC));
  }

  /** HKDF-Expand (§2.3): at most 255 blocks of 32 bytes. */
  byte[] expand(byte[] info, int length) {
    if (length > 255 * HASH_BYTES) throw new IllegalArgumentException("is longer than HKDF can be");
    var hmac = hmac(pseudorandomKey);
    var output = ByteBuffer.allocate(length);
    byte[] block = new byte[0];
    for (int counter = 1; output.hasRemaining(); counter++) {
      hmac.update(block);
      hmac.update(info);
      hmac.update((byte) counter);
      block = hmac.doFinal();
      output.put(block, 0, Math.min(block.length, output.remaining()));
    }
    return output.array();
  }

  private static Mac hmac(SecretKey key) {
    try {
      var hmac = Mac.getInstance(HMAC);
      hmac.init(key);
      return hmac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java 25 platform has HMAC-SHA256", e);
    }
  }
}
