package social.avatarai.mcp.resource;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.EndpointUrl;

/**
 * Which of the two wires servers speak, remembered for an hour: a property of the server, not of a user or a request (MCP
 * 2026-07-28, versioning).
 */
final class EraCache {
  private static final Duration LIFE = Duration.ofHours(1);
  private static final int MOST = 500;

  private final Clock clock;
  private final Map<EndpointUrl, Entry> entries = new LinkedHashMap<>();

  /** The wires: the one without a handshake, and the ones with. */
  enum Era {
    STATELESS, HANDSHAKE
  }

  private record Entry(Era era, Instant until) {}

  EraCache(Clock clock) {
    this.clock = clock;
  }

  synchronized Optional<Era> of(EndpointUrl server) {
    return Optional.ofNullable(entries.get(server)).filter(entry -> clock.instant().isBefore(entry.until()))
        .map(Entry::era);
  }

  synchronized void note(EndpointUrl server, Era era) {
    entries.remove(server);
    if (entries.size() >= MOST) entries.remove(entries.keySet().iterator().next());
    entries.put(server, new Entry(era, clock.instant().plus(LIFE)));
  }

  synchronized void forget(EndpointUrl server) {
    entries.remove(server);
  }
}
