package social.avatarai.mcp;

/**
 * The cookie that proves at the callback that the same browser started the authorization. It is random; each browser
 * has one.
 */
public final class BrowserKey extends Secret {

  /** We never issue a longer value, so a longer value is not hashed. */
  public static final int MAX_LENGTH = 128;

  public BrowserKey(String value) {
    super(value);
  }

  public static BrowserKey fresh() {
    return new BrowserKey(Unguessable.text());
  }

  /** The SHA-256 hash of the key, which the session keeps. */
  public String hash() {
    return Digest.sha256Hex(reveal());
  }
}
