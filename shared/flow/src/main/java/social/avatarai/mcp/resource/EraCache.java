package social.avatarai.mcp.resource;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.EndpointUrl;

/**
 * Remembers for an hour which era of the protocol a server speaks. The era is a property of the server, not of a user
 * or a request (MCP 2026-07-28, versioning).
 */
final class EraCache {
  private static final Duration LIFE = Duration.ofHours(1);
  private static final int MAX_SERVERS = 500;

  private final Clock clock;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** The modern era has no handshake; the legacy era has one, over Streamable HTTP or, before that, over HTTP+SSE. */
  enum Era {
    MODERN, LEGACY, SSE
  }

  private record Entry(Era era, Instant until) {}

  EraCache(Clock clock) {
    this.clock = clock;
  }

  synchronized Optional<Era> of(EndpointUrl server) {
    entries.values().removeIf(entry -> !clock.instant().isBefore(entry.until()));
    return Optional.ofNullable(entries.get(server.memoryKey())).map(Entry::era);
  }

  synchronized void note(EndpointUrl server, Era era) {
    entries.remove(server.memoryKey());
    if (entries.size() >= MAX_SERVERS) entries.remove(entries.keySet().iterator().next());
    entries.put(server.memoryKey(), new Entry(era, clock.instant().plus(LIFE)));
  }

  synchronized void forget(EndpointUrl server) {
    entries.remove(server.memoryKey());
  }
}
