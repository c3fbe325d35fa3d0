package social.avatarai.mcp.resource;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.resource.McpTransport.Peer;

/**
 * Remembers for which requests an agreement was not the cause of a refusal, or has been given up already. Without this,
 * a tool that always fails would cost a new session with every other call.
 */
final class ProvenAgreements {
  /** After this time an agreement can be in doubt again, because the server may have forgotten it since. */
  private static final Duration PROVEN_LIFE = Duration.ofMinutes(5);
  private static final int MAX_PROVEN = 2000;

  private final Clock clock;
  private final Map<Doubt, Instant> until = new LinkedHashMap<>();

  ProvenAgreements(Clock clock) {
    this.clock = clock;
  }

  /**
   * That an agreement may be the cause of the refusal of a request. Each tool has doubts of its own: a tool that always
   * fails must not hide that the session is lost for the others.
   *
   * @param key a digest, because the session is a secret and the name of a tool may be long
   */
  record Doubt(String key) {

    /** The doubt about one session, after a response that ends it. */
    static Doubt ofEnd(Peer peer, McpRequest request, NegotiatedProtocol agreed) {
      return of(peer, request, agreed, "ended " + session(agreed));
    }

    /** The doubt about one session, after 401. */
    static Doubt ofUnauthorized(Peer peer, McpRequest request, NegotiatedProtocol agreed) {
      return of(peer, request, agreed, "401 " + session(agreed));
    }

    private static String session(NegotiatedProtocol agreed) {
      return agreed.session() == null ? "" : agreed.session().reveal();
    }

    /**
     * The doubt about every session, after any other response. A doubt about one session would not do: other processes
     * may replace the session, and each new session would be given up too.
     */
    static Doubt ofVersion(Peer peer, McpRequest request, NegotiatedProtocol agreed) {
      return of(peer, request, agreed, "any");
    }

    private static Doubt of(Peer peer, McpRequest request, NegotiatedProtocol agreed, String about) {
      String user = peer.user() == null ? "" : peer.user().value();
      return new Doubt(Digest.sha256Base64Url(String.join("\n", peer.url().memoryKey(), user,
          agreed.protocolVersion(), about, request.method(), request.subject())));
    }
  }

  synchronized void note(Doubt doubt) {
    until.remove(doubt);
    if (until.size() >= MAX_PROVEN) until.remove(until.keySet().iterator().next());
    until.put(doubt, clock.instant().plus(PROVEN_LIFE));
  }

  synchronized boolean contain(Doubt doubt) {
    until.values().removeIf(end -> !clock.instant().isBefore(end));
    return until.containsKey(doubt);
  }
}
