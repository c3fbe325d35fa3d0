package social.avatarai.mcp.proxy;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ProtocolVersion;
import social.avatarai.mcp.proxy.ClientMessage.Request;

/**
 * Chooses the era of a client's message. No other class knows that there are several.
 *
 * <p>A request with the modern metadata, or with the header of a modern version, is modern. Every other request is
 * legacy (MCP 2026-07-28, versioning, backward compatibility).
 */
final class ClientProtocols {
  private static final ClientProtocol MODERN = new ModernClient();
  private static final ClientProtocol LEGACY = new LegacyClient();

  private ClientProtocols() {}

  static ClientProtocol of(MessageHeaders headers, Request request) {
    boolean isLegacy = !ModernClient.isDeclaredIn(request) && isLegacyOrAbsent(headers.protocolVersion());
    return isLegacy ? LEGACY : MODERN;
  }

  /** Why a message without an era of its own, such as a notification, is refused; empty where it is not. */
  static Optional<RpcFault> fault(MessageHeaders headers) {
    String version = headers.protocolVersion();
    if (version == null || ProtocolVersion.all().contains(version)) return Optional.empty();
    return Optional.of(RpcFault.unsupportedVersion(ProtocolVersion.all(), version));
  }

  /** Whether a message with these headers belongs to a session, if it names one. */
  static boolean haveSessions(MessageHeaders headers) {
    return isLegacyOrAbsent(headers.protocolVersion());
  }

  private static boolean isLegacyOrAbsent(@Nullable String version) {
    return version == null || ProtocolVersion.isLegacy(version);
  }
}
