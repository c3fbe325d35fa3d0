package social.avatarai.mcp.vault;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * One key of the ring, ready for use: the HKDF extract is done when the ring is read, and kept with it. The key for one
 * ciphertext costs one HKDF expand, and is not kept.
 */
final class RingKey {
  /** The labels differ, so no ciphertext ever has the key that makes digests. */
  private static final byte[] SEAL_LABEL = "social.avatarai.mcp seal v2".getBytes(US_ASCII);
  private static final byte[] DIGEST_LABEL = "social.avatarai.mcp mac v2".getBytes(US_ASCII);
  private static final int KEY_BYTES = 32;

  private final Hkdf extracted;
  private final SecretKey digestKey;

  private RingKey(Hkdf extracted) {
    this.extracted = extracted;
    this.digestKey = new SecretKeySpec(extracted.expand(DIGEST_LABEL, KEY_BYTES), "HmacSHA256");
  }

  /** @param text the key as the ring's secret holds it */
  static RingKey of(String text) {
    return new RingKey(Hkdf.extract(new byte[0], text.getBytes(UTF_8)));
  }

  /** The AES-256 key of the ciphertext that carries these random bytes. */
  SecretKey sealingKey(byte[] random) {
    byte[] info = ByteBuffer.allocate(SEAL_LABEL.length + random.length).put(SEAL_LABEL).put(random).array();
    return new SecretKeySpec(extracted.expand(info, KEY_BYTES), "AES");
  }

  /** The HMAC key of all digests under this key: a digest has to come out the same each time. */
  SecretKey digestKey() {
    return digestKey;
  }

  @Override
  public String toString() {
    return "RingKey[redacted]";
  }
}
