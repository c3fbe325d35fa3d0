package social.avatarai.mcp.discovery;

/** What is foreign about the issuer of a resource, so that a user might trust another party than the one they see. */
public enum Foreign {
  /**
   * The issuer is on another site than the server, and only the server's own metadata, or the user's own
   * record, ties them together. If the issuer
   * ignores {@code resource} (RFC 8707), its token for this server is good for the issuer's other servers too.
   */
  ISSUER,
  /** An endpoint of the issuer is on another site than the issuer. The browser may end at another party's page. */
  ENDPOINTS
}
