package social.avatarai.mcp;

/** The secret of a client (RFC 6749 §2.3.1). It is sent only to the token endpoint of its issuer. */
public final class ClientSecret extends Secret {
  public ClientSecret(String value) {
    super(value);
  }
}
