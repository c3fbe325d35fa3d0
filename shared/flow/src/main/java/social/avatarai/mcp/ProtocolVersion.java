package social.avatarai.mcp;

import java.util.Set;

/** The versions of the MCP specification that we speak, on their two wires. */
public final class ProtocolVersion {
  /** The stateless wire: every request says its version, who we are and what we can do. */
  public static final String STATELESS = "2026-07-28";
  public static final String NEWEST_WITH_HANDSHAKE = "2025-11-25";
  /** The last one without the version header, and the first with streams that can be resumed. */
  static final String FIRST_STREAMABLE = "2025-03-26";
  private static final Set<String> WITH_HANDSHAKE = Set.of(NEWEST_WITH_HANDSHAKE, "2025-06-18", FIRST_STREAMABLE,
      "2024-11-05");

  private ProtocolVersion() {}

  public static boolean hasHandshake(String version) {
    return WITH_HANDSHAKE.contains(version);
  }
}
