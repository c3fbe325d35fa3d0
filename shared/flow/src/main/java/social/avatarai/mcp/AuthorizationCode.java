package social.avatarai.mcp;

/** An authorization code (RFC 6749 §1.3.1): goes to its issuer's token endpoint, once. */
public final class AuthorizationCode extends Secret {
  public AuthorizationCode(String value) {
    super(value);
  }
}
