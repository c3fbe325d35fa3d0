package social.avatarai.mcp;

/** The secret of a client (RFC 6749 §2.3.1): goes to its issuer's token endpoint and nowhere else. */
public final class ClientSecret extends Secret {
  public ClientSecret(String value) {
    super(value);
  }
}
