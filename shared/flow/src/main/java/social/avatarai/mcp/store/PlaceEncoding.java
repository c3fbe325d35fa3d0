package social.avatarai.mcp.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import social.avatarai.mcp.store.TokenCipher.Place;

/**
 * The bytes of a place, together with the ciphertext's version and key id: the number of parts first and every text
 * behind its length, so that no two places have the same bytes, and none the beginning of another's, whatever
 * characters a stranger gets into a part.
 */
final class PlaceEncoding {
  private PlaceEncoding() {}

  static byte[] of(byte version, String keyId, Place place) {
    var out = new ByteArrayOutputStream();
    out.write(version);
    append(out, keyId);
    append(out, place.table());
    append(out, place.parts().size());
    place.parts().forEach(part -> append(out, part));
    return out.toByteArray();
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
