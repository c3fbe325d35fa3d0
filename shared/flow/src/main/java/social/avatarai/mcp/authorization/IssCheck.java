package social.avatarai.mcp.authorization;

/** The issuer in an authorization response (RFC 9207 §2.4). Pure. */
final class IssCheck {
  private IssCheck() {}

  /**
   * If {@code iss} is present, it must equal the issuer in the metadata as a string, even if it was not announced, and
   * in error responses too. If it is absent, the check passes only if the issuer did not announce it.
   */
  static boolean passes(AuthorizationSession session, AuthorizationResponse response) {
    String iss = response.iss();
    return iss == null ? !session.request().issExpected() : iss.equals(session.publishedIssuer().value());
  }
}
