package social.avatarai.mcp;

/** The session id of an MCP server (Streamable HTTP, session management): whoever has it speaks in the session. */
public final class McpSessionId extends Secret {
  public McpSessionId(String value) {
    super(value);
  }
}
