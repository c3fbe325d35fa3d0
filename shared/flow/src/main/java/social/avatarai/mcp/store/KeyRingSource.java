package social.avatarai.mcp.store;

/** Where the cipher has its keys from. */
public interface KeyRingSource {

  /** The ring as last read. */
  KeyRing current();

  /** The ring, read again: keys are rotated while we run. */
  KeyRing reload();
}
