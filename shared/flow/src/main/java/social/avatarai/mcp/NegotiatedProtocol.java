package social.avatarai.mcp;

import org.jspecify.annotations.Nullable;

/**
 * What was agreed with an MCP server, kept with the connection so that the next call costs one request.
 *
 * @param protocolVersion the negotiated version, such as {@code 2025-11-25}
 * @param session the server's session; null when it keeps none, as on the stateless wire
 */
public record NegotiatedProtocol(String protocolVersion, @Nullable McpSessionId session) {

  /** The wire without handshake and session (MCP 2026-07-28). */
  public static NegotiatedProtocol stateless() {
    return new NegotiatedProtocol(ProtocolVersion.STATELESS, null);
  }

  public boolean isStateless() { return protocolVersion.equals(ProtocolVersion.STATELESS); }
}
