package social.avatarai.mcp.authorization;

/** The issuer in an authorization response (RFC 9207 §2.4). Pure. */
final class IssCheck {
  private IssCheck() {}

  /**
   * Present: must equal the session's issuer as a string, announced or not, in error responses too. Absent: passes only
   * where the issuer did not announce it.
   */
  static boolean passes(AuthorizationSession session, AuthorizationResponse response) {
    String iss = response.iss();
    return iss == null ? !session.request().issExpected() : iss.equals(session.target().issuer().value());
  }
}
