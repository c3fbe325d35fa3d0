package social.avatarai.mcp;

/**
 * A user's connection to one MCP server: the server's {@code mcpId}, or {@code r:} and the SHA-256 of the verbatim
 * resource for a connection made by the guide's calls alone.
 *
 * @param value {@code [A-Za-z0-9._-]{1,64}} or {@code r:} and 64 hex digits
 */
public record ConnectionId(String value) {

  private static final String MCP_ID = "[A-Za-z0-9._-]{1,64}";
  private static final String FORM = MCP_ID + "|r:[0-9a-f]{64}";

  public ConnectionId {
    if (!value.matches(FORM)) throw new IllegalArgumentException("is not a server id");
  }

  /** Whether a text is one. */
  public static boolean isValid(String value) {
    return value.matches(FORM);
  }

  public static ConnectionId ofResource(ResourceUri resource) {
    return new ConnectionId("r:" + Digest.sha256Hex(resource.value()));
  }

  /** A connection from our own caller's parameter; {@code invalid_request} when it is none. */
  public static ConnectionId ofParameter(String name, String value) {
    if (value.matches(FORM)) return new ConnectionId(value);
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter " + name + " is not a server id.");
  }

  /** The id of a server record from our own caller's parameter; {@code invalid_request} when it is none. */
  public static ConnectionId ofMcpId(String name, String value) {
    if (value.matches(MCP_ID)) return new ConnectionId(value);
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter " + name + " is not an mcpId.");
  }

  /** Whether it stands for a resource alone: then there is no server record of it. */
  public boolean isOfResource() {
    return value.startsWith("r:");
  }

  @Override
  public String toString() {
    return value;
  }
}
