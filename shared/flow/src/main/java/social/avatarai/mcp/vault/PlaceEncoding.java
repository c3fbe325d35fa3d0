package social.avatarai.mcp.vault;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import social.avatarai.mcp.vault.TokenCipher.Place;

/**
 * Encodes a place, with the ciphertext's format and key id, and a destination as bytes. The number of texts comes
 * first, and each text follows its length. So two different places and destinations never have the same bytes, and no
 * encoding is a prefix of another, whatever characters an attacker puts into a text.
 */
final class PlaceEncoding {
  private PlaceEncoding() {}

  static byte[] of(byte format, String keyId, Place place) {
    return encoded(format, keyId, place).toByteArray();
  }

  static byte[] of(byte format, String keyId, Place place, Destination destination) {
    var out = encoded(format, keyId, place);
    append(out, destination.attributes().size());
    destination.attributes().forEach((name, value) -> {
      append(out, name);
      append(out, value);
    });
    return out.toByteArray();
  }

  private static ByteArrayOutputStream encoded(byte format, String keyId, Place place) {
    var out = new ByteArrayOutputStream();
    out.write(format);
    append(out, keyId);
    append(out, place.table());
    append(out, place.parts().size());
    place.parts().forEach(part -> append(out, part));
    return out;
  }

  private static void append(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    append(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void append(ByteArrayOutputStream out, int number) {
    out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
  }
}
