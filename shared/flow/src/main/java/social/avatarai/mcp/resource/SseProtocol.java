package social.avatarai.mcp.resource;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.ProtocolVersion;
import social.avatarai.mcp.discovery.Strictness;
import social.avatarai.mcp.resource.McpResponse.Unusable;
import social.avatarai.mcp.resource.McpTransport.Peer;

/**
 * The HTTP+SSE transport of MCP 2024-11-05. Each call is a stream of its own with a handshake of its own, so that only
 * the transport is agreed on, and nothing is left at the server.
 */
final class SseProtocol implements McpProtocol {
  /** The longest time until the endpoint event of a server that is known to send one. */
  private static final Duration MAX_TO_ENDPOINT = Duration.ofSeconds(10);
  /** The same while it is not known whether the server speaks this transport at all. */
  private static final Duration MAX_TO_FIND = Duration.ofSeconds(3);
  /** MCP 2025-11-25, basic/transports, backwards compatibility: the statuses of a POST after which a GET is tried. */
  private static final Set<Integer> POST_REFUSED = Set.of(400, 404, 405);

  private final McpTransport transport;
  private final Strictness strictness;
  private final Clock clock;

  SseProtocol(McpTransport transport, Strictness strictness, Clock clock) {
    this.transport = transport;
    this.strictness = strictness;
    this.clock = clock;
  }

  /** Whether a server with this response to the POST of a handshake may speak this transport. */
  static boolean maySpeak(McpResponse response) {
    return response instanceof Unusable unusable && POST_REFUSED.contains(unusable.status());
  }

  /**
   * Agrees with a server that may speak this transport.
   *
   * @return empty if the server neither speaks HTTP+SSE nor asks for a token
   */
  Optional<McpResponse> find(Peer peer, Elicitation elicitation, Deadline deadline) {
    var stream = stream(peer, elicitation, MAX_TO_FIND, deadline);
    try {
      var response = stream.during(open -> handshake(open, elicitation));
      return Optional.of(response).filter(found -> stream.hasEndpoint() || asksForToken(found));
    } catch (Failure e) {
      // The caller reports the first refusal.
      if (!stream.hasEndpoint() && !(e instanceof Failure.Crowded)) return Optional.empty();
      throw e;
    }
  }

  /** A 403 without a challenge may be one for the GET alone. */
  private static boolean asksForToken(McpResponse response) {
    return response instanceof McpResponse.Unauthorized
        || (response instanceof McpResponse.Forbidden(var challenge) && challenge.isPresent());
  }

  @Override
  public McpResponse probe(Peer peer, Deadline deadline) {
    return agree(peer, Elicitation.NONE, deadline);
  }

  @Override
  public McpResponse agree(Peer peer, Elicitation elicitation, Deadline deadline) {
    return stream(peer, elicitation, MAX_TO_ENDPOINT, deadline).during(open -> handshake(open, elicitation));
  }

  @Override
  public McpResponse send(Peer peer, McpRequest request, NegotiatedProtocol agreed, Deadline deadline) {
    var stream = stream(peer, request.elicitation(), MAX_TO_ENDPOINT, deadline);
    var response = stream.during(open -> {
      var agreement = handshake(open, request.elicitation());
      if (!(agreement instanceof McpResponse.Result(_, var offered))) return agreement;
      var refused = open.tell(LegacyProtocol.initialized(), offered);
      return refused.isPresent() ? refused.get() : open.ask(request, offered);
    });
    // A server that breaks down before it gets the request has carried nothing out.
    boolean isUnsent = response instanceof Unusable unusable && unusable.mayHaveBegun() && !stream.hasSentRequest();
    if (isUnsent) throw McpFailures.toNothingDone((Unusable) response);
    return response;
  }

  private SseStream stream(Peer peer, Elicitation elicitation, Duration toEndpoint, Deadline deadline) {
    return new SseStream(transport, clock, peer, elicitation, toEndpoint, deadline);
  }

  /** Proposes versions as over Streamable HTTP: servers of this transport may speak the later ones too. */
  private McpResponse handshake(SseStream open, Elicitation elicitation) throws IOException {
    if (strictness.exactResources()) open.requireMessagesBeside();
    var proposed = new HashSet<String>();
    McpResponse response;
    var next = Optional.of(ProtocolVersion.NEWEST_LEGACY);
    do {
      proposed.add(next.get());
      response = open.ask(McpRequest.initialize(next.get(), elicitation), null);
      next = response instanceof McpResponse.RpcError
          ? LegacyProtocol.nextVersion(response, proposed)
          : Optional.empty();
    } while (next.isPresent());
    if (response instanceof McpResponse.Result(_, var offered)
        && !ProtocolVersion.isLegacy(offered.protocolVersion())) {
      throw McpFailures.noCommonVersion(offered.protocolVersion());
    }
    return response;
  }

  /**
   * There is no session that the server could have forgotten, so only the transport can be wrong: the server may have
   * been replaced by one of another. A refused GET or POST has carried nothing out, but 400 may be about the request.
   */
  @Override
  public AgreementVerdict verdict(McpRequest request, McpResponse response, NegotiatedProtocol agreed) {
    if (!(response instanceof Unusable unusable)) return AgreementVerdict.STANDS;
    return switch (unusable.status()) {
      case 404, 405, 410 -> AgreementVerdict.ENDED;
      case 400 -> request.carriesNothingOut() ? AgreementVerdict.ENDED : AgreementVerdict.IN_DOUBT;
      default -> unusable.status() < 300 ? AgreementVerdict.IN_DOUBT : Refusal.ofStatus(unusable.status());
    };
  }

  /** The handshake of each call is for that call alone. */
  @Override
  public boolean needsOwnAgreement(McpRequest request) {
    return false;
  }

  /** The session ended with its stream. */
  @Override
  public void leave(Peer peer, NegotiatedProtocol agreed, Deadline deadline) {}
}
