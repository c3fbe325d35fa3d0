package social.avatarai.mcp;

import org.jspecify.annotations.Nullable;

/**
 * What the client and an MCP server have agreed on. The connection keeps it, so that the next call costs one request.
 *
 * @param protocolVersion the negotiated version, such as {@code 2025-11-25}
 * @param session the server's session; null when the server keeps none, as in the modern era
 */
public record NegotiatedProtocol(String protocolVersion, @Nullable McpSessionId session) {

  /** The protocol of MCP 2026-07-28, which has neither handshake nor session. */
  public static NegotiatedProtocol modern() {
    return new NegotiatedProtocol(ProtocolVersion.MODERN, null);
  }

  public boolean isModern() { return protocolVersion.equals(ProtocolVersion.MODERN); }
}
