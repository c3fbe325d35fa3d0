package social.avatarai.mcp.resource;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.NegotiatedProtocol;

/**
 * Remembers agreements that were not the cause of a refusal: a request was refused that was the first one of a fresh
 * agreement. Without this, a tool that always fails would cost a new session with every other call.
 */
final class ProvenAgreements {
  /** After this time an agreement can be in doubt again, because the server may have forgotten it since. */
  private static final Duration PROVEN_LIFE = Duration.ofMinutes(5);
  private static final int MAX_PROVEN = 500;

  private final Clock clock;
  private final Map<String, Instant> until = new LinkedHashMap<>();

  ProvenAgreements(Clock clock) {
    this.clock = clock;
  }

  synchronized void note(EndpointUrl server, NegotiatedProtocol agreed) {
    String key = key(server, agreed);
    until.remove(key);
    if (until.size() >= MAX_PROVEN) until.remove(until.keySet().iterator().next());
    until.put(key, clock.instant().plus(PROVEN_LIFE));
  }

  synchronized boolean contain(EndpointUrl server, NegotiatedProtocol agreed) {
    until.values().removeIf(end -> !clock.instant().isBefore(end));
    return until.containsKey(key(server, agreed));
  }

  /** The session is in the key as a digest, because it is a secret. */
  private static String key(EndpointUrl server, NegotiatedProtocol agreed) {
    var session = agreed.session();
    return server.memoryKey() + " " + agreed.protocolVersion() + " "
        + (session == null ? "" : Digest.sha256Base64Url(session.reveal()));
  }
}
