package social.avatarai.mcp;

/**
 * A token, a key or the value of a header that a user has entered for an MCP server. It is sent to that server's origin
 * only.
 */
public final class EnteredSecret extends Secret {
  public EnteredSecret(String value) {
    super(value);
  }
}
