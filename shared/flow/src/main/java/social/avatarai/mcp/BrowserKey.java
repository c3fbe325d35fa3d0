package social.avatarai.mcp;

/** The cookie that proves at the callback that this is the browser which began: random, one per browser. */
public final class BrowserKey extends Secret {

  /** Longer values are not ours, and are not worth hashing. */
  public static final int MAX_LENGTH = 128;

  public BrowserKey(String value) {
    super(value);
  }

  public static BrowserKey fresh() {
    return new BrowserKey(Unguessable.text());
  }

  /** What the session keeps of it. */
  public String hash() {
    return Digest.sha256Hex(reveal());
  }
}
