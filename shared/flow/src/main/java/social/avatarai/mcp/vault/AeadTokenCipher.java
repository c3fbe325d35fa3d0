package social.avatarai.mcp.vault;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import social.avatarai.mcp.Failure;

/**
 * AES-256-GCM with a separate key for every ciphertext. HKDF-SHA256 (RFC 5869) expands this key from the ring's key.
 *
 * <p>The parts of a ciphertext are: format (1 byte), length of the key id (1 byte), key id, 32 random bytes, and the
 * output of GCM with its 16-byte tag. The associated data is the format, the key id, the place of the ciphertext and
 * its destination.
 */
public final class AeadTokenCipher implements TokenCipher {
  private static final byte FORMAT = 2;
  private static final int RANDOM_BYTES = 32;
  /**
   * The nonce is the same for every ciphertext. GCM is broken if one key is used twice with one nonce (NIST SP 800-38D
   * §8). Here each key is new, from 256 random bits, so one ring key may seal any number of ciphertexts.
   */
  private static final GCMParameterSpec NONCE = new GCMParameterSpec(128, new byte[12]);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final KeyRingSource rings;

  public AeadTokenCipher(KeyRingSource rings) {
    this.rings = rings;
  }

  @Override
  public byte[] seal(String plaintext, Place place, Destination destination) {
    KeyRing ring = rings.current();
    String keyId = ring.currentId();
    byte[] random = new byte[RANDOM_BYTES];
    RANDOM.nextBytes(random);
    try {
      byte[] text = gcm(Cipher.ENCRYPT_MODE, ring.currentKey().sealingKey(random),
          PlaceEncoding.of(FORMAT, keyId, place, destination)).doFinal(plaintext.getBytes(UTF_8));
      return ByteBuffer.allocate(2 + keyId.length() + RANDOM_BYTES + text.length).put(FORMAT)
          .put((byte) keyId.length()).put(keyId.getBytes(US_ASCII)).put(random).put(text).array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java 25 platform has AES-GCM", e);
    }
  }

  @Override
  public Expected expect() {
    return rings.expect();
  }

  @Override
  public String open(byte[] sealed, Place place, Destination destination) {
    try {
      var in = ByteBuffer.wrap(sealed);
      if (in.get() != FORMAT) throw unreadable(place, "unknown format");
      String keyId = takeKeyId(in);
      byte[] random = take(in, RANDOM_BYTES);
      RingKey key = keyOrReload(keyId).orElseThrow(() -> unreadable(place, "its key is not in the ring"));
      byte[] text = gcm(Cipher.DECRYPT_MODE, key.sealingKey(random),
          PlaceEncoding.of(FORMAT, keyId, place, destination)).doFinal(take(in, in.remaining()));
      return new String(text, UTF_8);
    } catch (BufferUnderflowException | GeneralSecurityException e) {
      throw unreadable(place, e.getClass().getSimpleName());
    }
  }

  @Override
  public String mac(String plaintext, Place place) {
    KeyRing ring = rings.current();
    return mac(ring.currentId(), ring.currentKey(), plaintext, place);
  }

  @Override
  public boolean matches(String mac, String plaintext, Place place) {
    int colon = mac.indexOf(':');
    if (colon < 0) return false;
    String keyId = mac.substring(0, colon);
    // A key that is no longer in the ring is no match and no failure, so that a user's other digests can still match.
    return keyOrReload(keyId).map(key -> mac(keyId, key, plaintext, place))
        .filter(own -> MessageDigest.isEqual(own.getBytes(US_ASCII), mac.getBytes(UTF_8))).isPresent();
  }

  @Override
  public boolean isCurrent(byte[] sealed) {
    var in = ByteBuffer.wrap(sealed);
    try {
      return in.get() == FORMAT && takeKeyId(in).equals(rings.current().currentId());
    } catch (BufferUnderflowException e) {
      return false;
    }
  }

  @Override
  public boolean isCurrent(String mac) {
    return mac.startsWith(rings.current().currentId() + ":");
  }

  private Optional<RingKey> keyOrReload(String keyId) {
    return rings.current().key(keyId).or(() -> rings.reload().key(keyId));
  }

  private static String mac(String keyId, RingKey key, String plaintext, Place place) {
    try {
      var hmac = Mac.getInstance("HmacSHA256");
      hmac.init(key.digestKey());
      // Every part of the place has a length prefix, so that the border between place and text is unambiguous.
      hmac.update(PlaceEncoding.of(FORMAT, keyId, place));
      return keyId + ":"
          + Base64.getUrlEncoder().withoutPadding().encodeToString(hmac.doFinal(plaintext.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java 25 platform has HMAC-SHA256", e);
    }
  }

  private static Cipher gcm(int mode, SecretKey key, byte[] associatedData) throws GeneralSecurityException {
    var cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, NONCE);
    cipher.updateAAD(associatedData);
    return cipher;
  }

  private static String takeKeyId(ByteBuffer in) {
    return new String(take(in, Byte.toUnsignedInt(in.get())), US_ASCII);
  }

  private static byte[] take(ByteBuffer in, int length) {
    if (length > in.remaining()) throw new BufferUnderflowException();
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static Failure.Misconfigured unreadable(Place place, String why) {
    return new Failure.Misconfigured("What was stored cannot be opened with the keys of this deployment.",
        "a ciphertext of table " + place.table() + ": " + why);
  }
}
