package social.avatarai.mcp;

/** An access token (RFC 6749 §1.4). It is sent only to the resource that it was granted for. */
public final class AccessToken extends Secret {
  public AccessToken(String value) {
    super(value);
  }
}
