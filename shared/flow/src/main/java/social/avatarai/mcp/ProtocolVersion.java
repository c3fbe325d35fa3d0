package social.avatarai.mcp;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The versions of the MCP specification that this service speaks, in two eras: modern and legacy. */
public final class ProtocolVersion {
  /** The modern era has no handshake: every request states its version, the client and the client's capabilities. */
  public static final String MODERN = "2026-07-28";
  /** The legacy era begins with a handshake. */
  public static final String NEWEST_LEGACY = "2025-11-25";
  /** The version that has the HTTP+SSE transport, which servers of later versions may keep. */
  public static final String OF_SSE = "2024-11-05";
  private static final List<String> LEGACY = List.of(NEWEST_LEGACY, "2025-06-18", "2025-03-26", OF_SSE);

  private static final List<String> ALL = Stream.concat(Stream.of(MODERN), LEGACY.stream()).toList();

  private ProtocolVersion() {}

  /** All versions, the newest first. */
  public static List<String> all() {
    return ALL;
  }

  public static boolean isLegacy(String version) {
    return LEGACY.contains(version);
  }

  /** The newest legacy version that this condition admits. */
  public static Optional<String> newestLegacy(Predicate<String> admitted) {
    return LEGACY.stream().filter(admitted).findFirst();
  }
}
