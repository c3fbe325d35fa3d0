package social.avatarai.mcp;

/** Lets its bearer change and end one client registration at its issuer (RFC 7592 §3). */
public final class RegistrationAccessToken extends Secret {
  public RegistrationAccessToken(String value) {
    super(value);
  }
}
