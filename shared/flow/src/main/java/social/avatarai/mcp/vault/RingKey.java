package social.avatarai.mcp.vault;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * One key of the ring, ready for use. HKDF-Extract runs once, when the ring is read. The key for one ciphertext costs
 * one HKDF-Expand and is not kept.
 */
final class RingKey {
  /** The labels differ, so the key of a ciphertext never equals the key for digests. */
  private static final byte[] SEAL_LABEL = "social.avatarai.mcp seal v2".getBytes(US_ASCII);
  private static final byte[] DIGEST_LABEL = "social.avatarai.mcp mac v2".getBytes(US_ASCII);
  private static final int KEY_BYTES = 32;

  private final Hkdf extracted;
  private final SecretKey digestKey;

  private RingKey(Hkdf extracted) {
    this.extracted = extracted;
    this.digestKey = new SecretKeySpec(extracted.expand(DIGEST_LABEL, KEY_BYTES), "HmacSHA256");
  }

  /** @param text the key as stored in the ring's secret */
  static RingKey of(String text) {
    return new RingKey(Hkdf.extract(new byte[0], text.getBytes(UTF_8)));
  }

  /** The AES-256 key of the ciphertext that carries these random bytes. */
  SecretKey sealingKey(byte[] random) {
    byte[] info = ByteBuffer.allocate(SEAL_LABEL.length + random.length).put(SEAL_LABEL).put(random).array();
    return new SecretKeySpec(extracted.expand(info, KEY_BYTES), "AES");
  }

  /** The HMAC key of all digests under this key. It is always the same, so that equal texts have equal digests. */
  SecretKey digestKey() {
    return digestKey;
  }

  @Override
  public String toString() {
    return "RingKey[redacted]";
  }
}
