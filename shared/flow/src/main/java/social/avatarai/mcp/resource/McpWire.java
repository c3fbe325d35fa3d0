package social.avatarai.mcp.resource;

import org.jspecify.annotations.Nullable;

import social.avatarai.mcp.McpSessionId;

/**
 * What was agreed with an MCP server, kept with the connection so that the next call costs one request.
 *
 * @param protocolVersion the negotiated version, such as {@code 2025-11-25}
 * @param session the server's session; null when it keeps none, as on the stateless wire
 */
public record McpWire(String protocolVersion, @Nullable McpSessionId session) {

  /** The wire without handshake and session (MCP 2026-07-28). */
  static McpWire stateless() {
    return new McpWire(ProtocolVersion.STATELESS, null);
  }

  boolean isStateless() { return protocolVersion.equals(ProtocolVersion.STATELESS); }
}
