package social.avatarai.mcp;

import java.util.regex.Pattern;

/**
 * The id of a user's connection to one MCP server: the server's {@code mcpId}, or {@code r:} and the SHA-256 of the
 * verbatim resource. The second form is for a connection without a server record.
 *
 * @param value {@code [A-Za-z0-9._-]}, 1 to {@value #MAX_MCP_ID_LENGTH} times, or {@code r:} and 64 hex digits
 */
public record ConnectionId(String value) {

  private static final int MAX_MCP_ID_LENGTH = 64;
  private static final Pattern MCP_ID = Pattern.compile("[A-Za-z0-9._-]{1," + MAX_MCP_ID_LENGTH + "}");
  private static final Pattern FORM = Pattern.compile(MCP_ID.pattern() + "|r:[0-9a-f]{64}");

  public ConnectionId {
    if (!isValid(value)) throw new IllegalArgumentException("is not a server id");
  }

  /** Whether a text is a connection id. */
  public static boolean isValid(String value) {
    return FORM.matcher(value).matches();
  }

  public static ConnectionId ofResource(ResourceUri resource) {
    return new ConnectionId("r:" + Digest.sha256Hex(resource.value()));
  }

  /** A connection id from our own caller's parameter. Fails with {@code invalid_request} if the value is invalid. */
  public static ConnectionId ofParameter(String name, String value) {
    if (isValid(value)) return new ConnectionId(value);
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter " + name
        + " is not a server id: an mcpId of at most " + MAX_MCP_ID_LENGTH + " characters, or an r: id.");
  }

  /**
   * The id of a server record from our own caller's parameter. Fails with {@code invalid_request} if the value is
   * invalid.
   */
  public static ConnectionId ofMcpId(String name, String value) {
    try {
      return ofMcpId(value);
    } catch (IllegalArgumentException e) {
      throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter " + name + " " + e.getMessage() + ".");
    }
  }

  /** The id of a server record. */
  public static ConnectionId ofMcpId(String value) {
    if (MCP_ID.matcher(value).matches()) return new ConnectionId(value);
    throw new IllegalArgumentException("is not an mcpId of at most " + MAX_MCP_ID_LENGTH
        + " letters, digits, dots, underscores and hyphens");
  }

  /** Whether the connection is for a resource alone. Such a connection has no server record. */
  public boolean isOfResource() {
    return value.startsWith("r:");
  }

  @Override
  public String toString() {
    return value;
  }
}
