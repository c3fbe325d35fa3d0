package social.avatarai.mcp.resource;

import java.util.Set;

/** The versions of the MCP specification that we speak by handshake. */
final class ProtocolVersion {
  static final String NEWEST_WITH_HANDSHAKE = "2025-11-25";
  private static final Set<String> SPOKEN = Set.of(NEWEST_WITH_HANDSHAKE, "2025-06-18", "2025-03-26", "2024-11-05");

  private ProtocolVersion() {}

  static boolean isSpoken(String version) {
    return SPOKEN.contains(version);
  }
}
