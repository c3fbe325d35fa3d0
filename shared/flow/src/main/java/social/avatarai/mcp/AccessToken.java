package social.avatarai.mcp;

/** An access token (RFC 6749 §1.4): goes to the resource it was granted for and nowhere else. */
public final class AccessToken extends Secret {
  public AccessToken(String value) {
    super(value);
  }
}
