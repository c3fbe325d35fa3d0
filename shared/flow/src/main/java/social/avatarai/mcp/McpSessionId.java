package social.avatarai.mcp;

/**
 * The session id of an MCP server (Streamable HTTP, session management). Anyone who has the id can act in the session.
 */
public final class McpSessionId extends Secret {
  public McpSessionId(String value) {
    super(value);
  }
}
