package social.avatarai.mcp.vault;

import java.util.List;

/**
 * Seals secrets before they are stored. A sealed secret is bound to the place where it is stored and to the destination
 * to which it may be sent. There is no mode without encryption.
 */
public interface TokenCipher {

  /**
   * The place of a ciphertext. The ciphertext opens only at this place.
   *
   * @param table the logical table, not its deployed name, because a restore makes a new table
   * @param parts user, connection, grant id, issuer and field, if the table has them, in a fixed order
   */
  record Place(String table, List<String> parts) {
    public Place {
      parts = List.copyOf(parts);
    }

    public static Place of(String table, String... parts) {
      return new Place(table, List.of(parts));
    }
  }

  /** Seals a text. An empty text seals only the place and the destination. */
  byte[] seal(String plaintext, Place place, Destination destination);

  /**
   * Opens a sealed text. Fails with {@code Failure.Misconfigured} if the text was not sealed for this place and this
   * destination with a key of the ring.
   */
  String open(byte[] sealed, Place place, Destination destination);

  /**
   * Says that something will be opened in a moment: keys that are not known yet are read while the caller reads the
   * store. This shortens the first call of a process by a call to the vault.
   */
  default Expected expect() {
    return () -> {};
  }

  /**
   * A keyed digest by which a secret can be found again. It is made with the current key: {@code <key id>:<base64url>}.
   */
  String mac(String plaintext, Place place);

  /** Whether this digest, made with any key of the ring, belongs to the text. */
  boolean matches(String mac, String plaintext, Place place);

  /** Whether this text was sealed with the current key. */
  boolean isCurrent(byte[] sealed);

  /** Whether this digest was made with the current key. */
  boolean isCurrent(String mac);
}
