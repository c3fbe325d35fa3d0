package social.avatarai.mcp;

/** A refresh token (RFC 6749 §1.5). It is sent only to the token endpoint of its issuer, once per attempt. */
public final class RefreshToken extends Secret {
  public RefreshToken(String value) {
    super(value);
  }
}
