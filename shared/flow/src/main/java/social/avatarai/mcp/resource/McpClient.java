package social.avatarai.mcp.resource;

import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.discovery.Discovery.Probe;
import social.avatarai.mcp.discovery.Discovery.Prober;
import social.avatarai.mcp.discovery.Strictness;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.Redirect;
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
  private final ProvenAgreements proven;
  private final StdioTransport programs;
  private final Journal journal;

  public McpClient(Outbound outbound, StdioServers stdioServers, Strictness strictness, Clock clock, Pause pause,
      Journal journal) {
    this.programs = new StdioTransport(stdioServers);
    this.protocols = new ProtocolSelector(new McpTransport(outbound, programs, clock, pause), strictness, clock,
        journal);
    this.proven = new ProvenAgreements(clock);
    this.journal = journal;
  }

  /** Asks a server without a token and without a record, to see its challenge. */
  @Override
  public Probe probe(EndpointUrl url, Deadline deadline) {
    return prober(DeclaredTransport.HTTP).probe(url, deadline);
  }

  /** Asks a server without a token, over the transport that its record declares. */
  public Prober prober(DeclaredTransport declared) {
    return (url, deadline) -> probe(url, protocols.probe(Peer.unnamed(url, declared), deadline));
  }

  /**
   * Asks a grant's own server for its description with the token of the grant, to see whether the server refuses it.
   */
  public Probe probe(Grant held, Deadline deadline) {
    var peer = Peer.of(held);
    var response = describe(peer, deadline);
    if (response instanceof McpResponse.Result(_, var protocol)) {
      protocols.leaveUnlessKept(peer, protocol, held.protocol(), deadline);
    }
    return probe(peer.url(), response);
  }

  private static Probe probe(EndpointUrl url, McpResponse response) {
    return switch (response) {
      case McpResponse.Unauthorized(var challenge) -> new Probe(401, challenge);
      case McpResponse.Forbidden(var challenge) -> new Probe(403, challenge);
      case McpResponse.Unusable(int status, _, var retryAt, var target, _) ->
        new Probe(status, Optional.empty(), retryAt, redirectedTo(url, target));
      case McpResponse.RpcError error -> new Probe(error.status(), Optional.empty());
      case McpResponse.Result _ -> new Probe(200, Optional.empty());
    };
  }

  private static @Nullable EndpointUrl redirectedTo(EndpointUrl url, @Nullable EndpointUrl target) {
    return Optional.ofNullable(target).flatMap(named -> Redirect.ofSlash(url, named)).orElse(null);
  }

  /**
   * Sends one request.
   *
   * @param agreements what was agreed on before, and where it is kept
   */
  McpResponse request(Peer peer, McpRequest request, Agreements agreements, Deadline deadline) {
    return call(peer, request, agreements, deadline).run();
  }

  /**
   * Sends a request once more that was refused with 401, in a new session.
   *
   * @return empty if what was agreed on cannot be the cause
   */
  Optional<McpResponse> requestInNewSession(Peer peer, McpRequest request, Agreements agreements, Deadline deadline) {
    return call(peer, request, agreements, deadline).inNewSession();
  }

  private McpCall call(Peer peer, McpRequest request, Agreements agreements, Deadline deadline) {
    return new McpCall(protocols, proven, peer, request, agreements(peer, agreements), deadline);
  }

  /** What was agreed on with a program ends with the call. Nothing of it is stored. */
  private Agreements agreements(Peer peer, Agreements stored) {
    return peer.program() == null
        ? new GuardedAgreements(stored, peer.url(), journal)
        : programs.agreements(peer.program());
  }

  /** The server's own description of itself. */
  McpResponse describe(Peer peer, Agreements agreements, Deadline deadline) {
    var response = describe(peer, deadline);
    if (response instanceof McpResponse.Result(_, var protocol)) {
      keepDescribed(peer, protocol, agreements(peer, agreements), deadline);
    }
    return response;
  }

  /** A description needs a handshake of its own. A kept session stays, because other calls may be using it. */
  private void keepDescribed(Peer peer, NegotiatedProtocol agreed, Agreements agreements, Deadline deadline) {
    var kept = agreements.kept();
    boolean isBesides = kept != null && kept.session() != null
        && kept.protocolVersion().equals(agreed.protocolVersion());
    if (isBesides || !agreements.keep(agreed)) protocols.leaveUnlessKept(peer, agreed, kept, deadline);
  }

  private McpResponse describe(Peer peer, Deadline deadline) {
    return protocols.agree(peer, Elicitation.NONE, deadline);
  }

  /** Ends what was agreed on, when it is not kept. */
  void leave(Peer peer, NegotiatedProtocol agreed, Deadline deadline) {
    protocols.of(agreed).leave(peer, agreed, deadline);
  }
}
