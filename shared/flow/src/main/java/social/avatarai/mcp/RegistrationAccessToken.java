package social.avatarai.mcp;

/** A token with which its bearer can change and delete one client registration at its issuer (RFC 7592 §3). */
public final class RegistrationAccessToken extends Secret {
  public RegistrationAccessToken(String value) {
    super(value);
  }
}
