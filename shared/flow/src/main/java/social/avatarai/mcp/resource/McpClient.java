package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.ProtocolVersion;
import social.avatarai.mcp.discovery.Discovery.Probe;
import social.avatarai.mcp.discovery.Discovery.Prober;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.resource.EraCache.Era;
import social.avatarai.mcp.resource.McpTransport.Peer;
import social.avatarai.mcp.resource.McpTransport.Sending;
import social.avatarai.mcp.token.Grant;

/**
 * Speaks to MCP servers: over the stateless wire (2026-07-28) where they have it, else by handshake (2024-11-05 to
 * 2025-11-25). Which one it is, the server is asked: {@code server/discover}, which does nothing, comes first.
 *
 * <p>A request that may have been carried out is never sent again: it ends as {@code outcome_unknown}. What is sent
 * again has an answer to show that it was not carried out: a wire that the server knows nothing of, a version it does
 * not take, a header it misses.
 */
public final class McpClient implements Prober {
  private final McpTransport transport;
  private final LegacySse legacySse;
  private final EraCache eras;
  private final ModernProtocol stateless;

  public McpClient(Outbound outbound, Clock clock, Pause pause, Journal journal) {
    this.transport = new McpTransport(outbound, clock, pause);
    this.legacySse = new LegacySse(transport);
    this.eras = new EraCache(clock);
    this.stateless = new ModernProtocol(transport, new KnownTools(journal));
  }

  /**
   * Asks a server something without a token, to see its challenge: what a client asks first. Servers of the handshake
   * wires that look at the message before the token are asked once more, by handshake.
   */
  @Override
  public Probe probe(EndpointUrl url, Deadline deadline) {
    var peer = Peer.unnamed(url);
    if (!eras.of(url).equals(Optional.of(Era.HANDSHAKE))) {
      var answer = stateless.discover(peer, deadline);
      boolean conclusive = answer instanceof McpResponse.Unauthorized || answer instanceof McpResponse.Forbidden
          || ModernProtocol.isSpokenBy(answer);
      if (conclusive) return probe(answer);
    }
    return probe(transport.send(peer, initialize(Elicitation.NONE), deadline));
  }

  /** Asks a grant's own server for its description with the token of the grant, to see whether it is refused. */
  public Probe probe(Grant held, Deadline deadline) {
    var peer = new Peer(held.key().user(), held.target().serverUrl(), held.tokens().accessToken());
    var answer = describe(peer, deadline);
    if (answer instanceof McpResponse.Result(_, var wire) && wire != null) leave(peer, wire, deadline);
    return probe(answer);
  }

  private static Probe probe(McpResponse answer) {
    return switch (answer) {
      case McpResponse.Unauthorized(var challenge) -> new Probe(401, challenge);
      case McpResponse.Forbidden(var challenge) -> new Probe(403, challenge);
      case McpResponse.Unusable(int status, _, var retryAt) -> new Probe(status, Optional.empty(), retryAt);
      case McpResponse.RpcError error -> new Probe(error.status(), Optional.empty());
      case McpResponse.Result _ -> new Probe(200, Optional.empty());
    };
  }

  @Override
  public Optional<Failure> explain(EndpointUrl url, Probe probe, Deadline deadline) {
    var refusal = new McpResponse.Unusable(probe.status(), "to a probe");
    return legacySse.isSpokenBy(Peer.unnamed(url), refusal, deadline)
        ? Optional.of(McpFailures.legacySse(probe.status()))
        : Optional.empty();
  }

  /** One request, over the kept wire where there is one, else over one that is agreed on first. */
  McpResponse request(Peer peer, McpRequest request, @Nullable NegotiatedProtocol kept, Deadline deadline) {
    if (kept != null && !needsItsOwnSession(request, kept)) {
      var answer = send(peer, request, kept, deadline);
      if (!isForgotten(answer)) return usable(answer);
      if (kept.isStateless()) eras.forget(peer.url());
    }
    var agreed = agree(peer, request.elicitation(), deadline);
    if (!(agreed instanceof McpResponse.Result(_, var wire)) || wire == null) return agreed;
    var answer = usable(send(peer, request, wire, deadline));
    return needsItsOwnSession(request, wire) ? ended(peer, answer, wire, deadline) : answer;
  }

  /** The server's own description of itself, and the wire that was agreed on with it. */
  McpResponse describe(Peer peer, Deadline deadline) {
    return agree(peer, Elicitation.NONE, deadline);
  }

  /** Ends what was agreed on, when it is not kept. */
  void leave(Peer peer, NegotiatedProtocol wire, Deadline deadline) {
    if (wire.session() == null) return;
    try {
      transport.end(peer, wire, deadline);
    } catch (Failure e) {
      // It runs out there by itself.
    }
  }

  /**
   * A session is what capabilities are declared for: one that lets the server ask questions is for the one request that
   * allowed it.
   */
  private static boolean needsItsOwnSession(McpRequest request, NegotiatedProtocol wire) {
    return request.elicitation() != Elicitation.NONE && !wire.isStateless();
  }

  private McpResponse ended(Peer peer, McpResponse answer, NegotiatedProtocol wire, Deadline deadline) {
    leave(peer, wire, deadline);
    return switch (answer) {
      case McpResponse.Result(var result, _) -> new McpResponse.Result(result, null);
      case McpResponse.RpcError(var error, int status, _) -> new McpResponse.RpcError(error, status, null);
      case McpResponse other -> other;
    };
  }

  private McpResponse send(Peer peer, McpRequest request, NegotiatedProtocol wire, Deadline deadline) {
    try {
      return sent(peer, request, wire, deadline);
    } catch (Failure.Unreachable e) {
      if (!e.mayHaveArrived() || e.code() == ErrorCode.OUTCOME_UNKNOWN) throw e;
      throw McpFailures.outcomeUnknown(e.detail()).withUpstreamStatus(e.upstreamStatus().orElse(null));
    }
  }

  private McpResponse sent(Peer peer, McpRequest request, NegotiatedProtocol wire, Deadline deadline) {
    if (wire.isStateless()) return stateless.send(peer, request, deadline);
    var sending = new Sending(request, wire, Map.of());
    if (request.elicitation() == Elicitation.NONE) return transport.send(peer, sending, deadline);
    try (var _ = SessionStream.open(transport, peer, wire, request.elicitation(), deadline)) {
      return transport.send(peer, sending, deadline);
    }
  }

  /** Whether the server knows nothing of the wire: it has not carried the request out. */
  private static boolean isForgotten(McpResponse answer) {
    return switch (answer) {
      case McpResponse.Unusable unusable -> unusable.isForgotten();
      case McpResponse.RpcError error -> error.isUnsupportedVersion();
      default -> false;
    };
  }

  private static McpResponse usable(McpResponse answer) {
    if (answer instanceof McpResponse.Unusable unusable) throw McpFailures.of(unusable);
    return answer;
  }

  /** Agrees on a wire; the result is the server's own description. Whatever else is answered says why there is none. */
  private McpResponse agree(Peer peer, Elicitation elicitation, Deadline deadline) {
    if (eras.of(peer.url()).equals(Optional.of(Era.HANDSHAKE))) {
      var answer = handshake(peer, elicitation, deadline);
      if (!isForgotten(answer)) return agreed(peer, answer, deadline);
      eras.forget(peer.url());
    }
    var answer = stateless.discover(peer, deadline);
    if (answer instanceof McpResponse.Unauthorized || answer instanceof McpResponse.Forbidden) return answer;
    if (ModernProtocol.isSpokenBy(answer)) {
      eras.note(peer.url(), Era.STATELESS);
      return answer;
    }
    var agreed = agreed(peer, handshake(peer, elicitation, deadline), deadline);
    if (agreed instanceof McpResponse.Result) eras.note(peer.url(), Era.HANDSHAKE);
    return agreed;
  }

  /** A handshake does nothing: whatever goes wrong with it, no request has been carried out. */
  private McpResponse agreed(Peer peer, McpResponse answer, Deadline deadline) {
    if (!(answer instanceof McpResponse.Unusable unusable)) return answer;
    throw legacySse.isSpokenBy(peer, unusable, deadline)
        ? McpFailures.legacySse(unusable.status())
        : McpFailures.toNothingDone(unusable);
  }

  private McpResponse handshake(Peer peer, Elicitation elicitation, Deadline deadline) {
    var answer = transport.send(peer, initialize(elicitation), deadline);
    if (!(answer instanceof McpResponse.Result(_, var wire)) || wire == null) return answer;
    if (!ProtocolVersion.hasHandshake(wire.protocolVersion())) {
      throw McpFailures.noCommonVersion(wire.protocolVersion());
    }
    transport.tell(peer, initialized(), wire, deadline);
    return answer;
  }

  private static Sending initialize(Elicitation elicitation) {
    return new Sending(McpRequest.initialize(elicitation), null, Map.of());
  }

  private static ObjectNode initialized() {
    return Json.newObject().put("jsonrpc", "2.0").put("method", "notifications/initialized");
  }
}
