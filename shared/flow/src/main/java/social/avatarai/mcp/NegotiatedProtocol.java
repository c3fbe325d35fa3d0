package social.avatarai.mcp;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the client and an MCP server have agreed on. The connection keeps it, so that the next call does not have to find
 * it out again.
 *
 * @param protocolVersion the negotiated version, such as {@code 2025-11-25}
 * @param session the server's session; null when the server keeps none, as in the modern era and over HTTP+SSE, where a
 *        session ends with its call
 * @param isOverSse whether the server speaks the HTTP+SSE transport of MCP 2024-11-05. The version may be a later one
 */
public record NegotiatedProtocol(String protocolVersion, @Nullable McpSessionId session, boolean isOverSse) {
  private static final String OVER_SSE = "sse ";

  /** What was agreed on over Streamable HTTP. */
  public NegotiatedProtocol(String protocolVersion, @Nullable McpSessionId session) {
    this(protocolVersion, session, false);
  }

  /** The protocol of MCP 2026-07-28, which has neither handshake nor session. */
  public static NegotiatedProtocol modern() {
    return new NegotiatedProtocol(ProtocolVersion.MODERN, null);
  }

  /** The newest protocol with a handshake, agreed on with a server that keeps no session. */
  public static NegotiatedProtocol newestLegacy() {
    return new NegotiatedProtocol(ProtocolVersion.NEWEST_LEGACY, null);
  }

  /** The HTTP+SSE transport, with the version that was negotiated over it. */
  public static NegotiatedProtocol overSse(String protocolVersion) {
    return new NegotiatedProtocol(protocolVersion, null, true);
  }

  /** The protocol with this {@link #wireName}. */
  public static NegotiatedProtocol ofWire(String name, @Nullable McpSessionId session) {
    return name.startsWith(OVER_SSE)
        ? overSse(name.substring(OVER_SSE.length()))
        : new NegotiatedProtocol(name, session);
  }

  /** The name under which the protocol is stored: the version, with the transport where it is HTTP+SSE. */
  public String wireName() {
    return isOverSse ? OVER_SSE + protocolVersion : protocolVersion;
  }

  /** As a record's own, which is linked by reflection at its first use: some milliseconds of a cold start. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NegotiatedProtocol that && protocolVersion.equals(that.protocolVersion)
        && Objects.equals(session, that.session) && isOverSse == that.isOverSse;
  }

  @Override
  public int hashCode() {
    return Objects.hash(protocolVersion, session, isOverSse);
  }

  public boolean isModern() { return protocolVersion.equals(ProtocolVersion.MODERN); }

  /** Whether {@code resultType} in a result is a word of the protocol (MCP 2026-07-28, basic). */
  public boolean typesResults() {
    return isModern();
  }
}
