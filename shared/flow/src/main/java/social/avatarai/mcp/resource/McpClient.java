package social.avatarai.mcp.resource;

import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.discovery.Discovery.Probe;
import social.avatarai.mcp.discovery.Discovery.Prober;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.resource.McpTransport.Peer;
import social.avatarai.mcp.token.Grant;

/**
 * Sends requests to MCP servers, over the protocol that {@link ProtocolSelector} chooses.
 *
 * <p>A request that the server may have carried out is never sent again: it ends as {@code outcome_unknown}. A request
 * is sent again only when the server's response shows that the request was not carried out: the server does not know
 * the protocol or session, does not accept the version, or misses a header.
 */
public final class McpClient implements Prober {
  private final ProtocolSelector protocols;

  public McpClient(Outbound outbound, Clock clock, Pause pause, Journal journal) {
    this.protocols = new ProtocolSelector(new McpTransport(outbound, clock, pause), clock, journal);
  }

  /** Asks a server without a token, to see its challenge. */
  @Override
  public Probe probe(EndpointUrl url, Deadline deadline) {
    return probe(url, protocols.probe(Peer.unnamed(url), deadline));
  }

  /**
   * Asks a grant's own server for its description with the token of the grant, to see whether the server refuses it.
   */
  public Probe probe(Grant held, Deadline deadline) {
    var peer = new Peer(held.key().user(), held.target().serverUrl(), held.tokens().accessToken());
    var response = describe(peer, deadline);
    if (response instanceof McpResponse.Result(_, var protocol) && protocol != null) leave(peer, protocol, deadline);
    return probe(peer.url(), response);
  }

  private static Probe probe(EndpointUrl url, McpResponse response) {
    return switch (response) {
      case McpResponse.Unauthorized(var challenge) -> new Probe(401, challenge);
      case McpResponse.Forbidden(var challenge) -> new Probe(403, challenge);
      case McpResponse.Unusable(int status, _, var retryAt, var target) ->
        new Probe(status, Optional.empty(), retryAt, isOnOrigin(url, target) ? target : null);
      case McpResponse.RpcError error -> new Probe(error.status(), Optional.empty());
      case McpResponse.Result _ -> new Probe(200, Optional.empty());
    };
  }

  private static boolean isOnOrigin(EndpointUrl url, @Nullable EndpointUrl target) {
    return target != null && target.origin().equals(url.origin());
  }

  @Override
  public Optional<Failure> explain(EndpointUrl url, Probe probe, Deadline deadline) {
    var refusal = new McpResponse.Unusable(probe.status(), "to a probe");
    return protocols.unsupported(Peer.unnamed(url), refusal, deadline);
  }

  /**
   * Sends one request.
   *
   * @param kept what was agreed on before; null to agree first
   */
  McpResponse request(Peer peer, McpRequest request, @Nullable NegotiatedProtocol kept, Deadline deadline) {
    if (kept == null || protocols.of(kept).needsOwnAgreement(request)) return afresh(peer, request, null, deadline);
    var response = send(peer, request, kept, deadline);
    if (!protocols.isForgotten(response, kept)) return requireUsable(response);
    protocols.noteForgotten(peer.url(), kept);
    return afresh(peer, request, protocols.isOfAnotherServer(response, kept) ? null : response, deadline);
  }

  /**
   * Agrees first, and then sends the request.
   *
   * @param refused how the request was refused, if a server of the modern era may have carried it out nevertheless. It
   *     is then sent again only to a server of another era. Null if the request may be sent
   */
  private McpResponse afresh(Peer peer, McpRequest request, @Nullable McpResponse refused, Deadline deadline) {
    var agreed = protocols.agree(peer, request.elicitation(), deadline);
    if (!(agreed instanceof McpResponse.Result(_, var protocol)) || protocol == null) return agreed;
    if (refused != null && !protocols.isSafeToRepeatAt(protocol)) return requireUsable(refused);
    var response = send(peer, request, protocol, deadline);
    if (protocols.of(protocol).needsOwnAgreement(request)) response = ended(peer, response, protocol, deadline);
    else if (!isWithProtocol(response)) leave(peer, protocol, deadline);
    return requireUsable(response);
  }

  /** Whether a response still names what was agreed on, so that the caller can keep it. */
  private static boolean isWithProtocol(McpResponse response) {
    return response instanceof McpResponse.Result || response instanceof McpResponse.RpcError;
  }

  /** The server's own description of itself, and the protocol that was agreed on with the server. */
  McpResponse describe(Peer peer, Deadline deadline) {
    return protocols.agree(peer, Elicitation.NONE, deadline);
  }

  /** Ends what was agreed on, when it is not kept. */
  void leave(Peer peer, NegotiatedProtocol agreed, Deadline deadline) {
    protocols.of(agreed).leave(peer, agreed, deadline);
  }

  private McpResponse ended(Peer peer, McpResponse response, NegotiatedProtocol agreed, Deadline deadline) {
    leave(peer, agreed, deadline);
    return switch (response) {
      case McpResponse.Result(var result, _) -> new McpResponse.Result(result, null);
      case McpResponse.RpcError(var error, int status, _) -> new McpResponse.RpcError(error, status, null);
      case McpResponse other -> other;
    };
  }

  private McpResponse send(Peer peer, McpRequest request, NegotiatedProtocol agreed, Deadline deadline) {
    try {
      return protocols.of(agreed).send(peer, request, agreed, deadline);
    } catch (Failure.Unreachable e) {
      if (!e.mayHaveArrived() || e.code() == ErrorCode.OUTCOME_UNKNOWN) throw e;
      throw McpFailures.outcomeUnknown(e.detail()).withUpstreamStatus(e.upstreamStatus().orElse(null));
    }
  }

  private static McpResponse requireUsable(McpResponse response) {
    if (response instanceof McpResponse.Unusable unusable) throw McpFailures.of(unusable);
    return response;
  }
}
