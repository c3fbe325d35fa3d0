package social.avatarai.mcp;

/** A refresh token (RFC 6749 §1.5): goes to its issuer's token endpoint, once per attempt. */
public final class RefreshToken extends Secret {
  public RefreshToken(String value) {
    super(value);
  }
}
