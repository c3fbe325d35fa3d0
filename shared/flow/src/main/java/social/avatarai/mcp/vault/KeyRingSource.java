package social.avatarai.mcp.vault;

/** Where the cipher has its keys from. */
public interface KeyRingSource {

  /** The ring as known; a new current key becomes known within minutes. */
  KeyRing current();

  /** The ring, read again: somebody else may seal with a key that is newer than what is known. */
  KeyRing reload();
}
