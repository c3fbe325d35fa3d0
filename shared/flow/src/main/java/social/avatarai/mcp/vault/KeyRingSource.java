package social.avatarai.mcp.vault;

/** The source of the cipher's keys. */
public interface KeyRingSource {

  /** The known ring. A new current key becomes known within minutes. */
  KeyRing current();

  /** Begins to get the ring where it is not known: {@link #current} will be asked for it in a moment. */
  default Expected expect() {
    return () -> {};
  }

  /** Reads the ring again, because another process may seal with a key that is newer than the known ring. */
  KeyRing reload();

  /** One ring, which no other process replaces. */
  record Fixed(KeyRing current) implements KeyRingSource {
    @Override
    public KeyRing reload() {
      return current;
    }
  }
}
