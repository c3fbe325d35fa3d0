package social.avatarai.mcp;

/** An authorization code (RFC 6749 §1.3.1). It is sent once, to the token endpoint of its issuer. */
public final class AuthorizationCode extends Secret {
  public AuthorizationCode(String value) {
    super(value);
  }
}
