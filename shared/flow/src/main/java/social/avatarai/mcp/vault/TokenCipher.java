package social.avatarai.mcp.vault;

import java.util.List;

/**
 * Seals what is secret before it is stored, bound to the place it is stored at and to the destination it may be sent to.
 * There is no mode without encryption.
 */
public interface TokenCipher {

  /**
   * Where a ciphertext belongs: it opens there and nowhere else.
   *
   * @param table the logical table, not its deployed name: a restore makes a new table
   * @param parts user, connection, grant id, issuer and field, as far as the table has them, in a fixed order
   */
  record Place(String table, List<String> parts) {
    public Place {
      parts = List.copyOf(parts);
    }

    public static Place of(String table, String... parts) {
      return new Place(table, List.of(parts));
    }
  }

  /** The sealed form of a text; an empty one seals the place and the destination alone. */
  byte[] seal(String plaintext, Place place, Destination destination);

  /**
   * The text again; {@code Failure.Misconfigured} when it was not sealed for this place and this destination with a key of
   * the ring.
   */
  String open(byte[] sealed, Place place, Destination destination);

  /** A keyed digest to find a secret again by, made with the current key: {@code <key id>:<base64url>}. */
  String mac(String plaintext, Place place);

  /** Whether this digest, made with whichever key of the ring, is the text's. */
  boolean matches(String mac, String plaintext, Place place);

  /** Whether this was sealed with the key that seals now. */
  boolean isCurrent(byte[] sealed);

  /** Whether this digest was made with the key that makes them now. */
  boolean isCurrent(String mac);
}
