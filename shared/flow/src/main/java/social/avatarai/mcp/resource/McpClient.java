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
  private final ProvenAgreements proven;

  public McpClient(Outbound outbound, Clock clock, Pause pause, Journal journal) {
    this.protocols = new ProtocolSelector(new McpTransport(outbound, clock, pause), clock, journal);
    this.proven = new ProvenAgreements(clock);
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
      case McpResponse.Unusable(int status, _, var retryAt, var target, _) ->
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
   * @param agreements what was agreed on before, and where it is kept
   */
  McpResponse request(Peer peer, McpRequest request, Agreements agreements, Deadline deadline) {
    var kept = agreements.kept();
    if (kept == null) return requireUsable(afresh(peer, request, agreements, deadline));
    if (protocols.of(kept).needsOwnAgreement(request)) {
      return requireUsable(afresh(peer, request, Agreements.NONE, deadline));
    }
    var response = send(peer, request, kept, deadline);
    var verdict = verdict(peer, request, response, kept);
    return requireUsable(switch (verdict) {
      case STANDS -> {
        keep(peer, inUse(response, kept), agreements, deadline);
        yield response;
      }
      case IN_DOUBT -> {
        if (!proven.contain(peer.url(), kept)) agreements.forget();
        yield response;
      }
      case OF_ANOTHER_ERA, ENDED -> {
        protocols.noteForgotten(peer.url(), kept);
        yield again(peer, request, verdict == AgreementVerdict.ENDED ? null : response, agreements, deadline);
      }
    });
  }

  /**
   * Sends a request once more that was refused with 401, in a new session: some servers respond with 401 to a
   * session that they do not know.
   *
   * @return empty if the session cannot be the cause
   */
  Optional<McpResponse> requestInNewSession(Peer peer, McpRequest request, Agreements agreements, Deadline deadline) {
    var kept = agreements.kept();
    if (kept == null || kept.session() == null || proven.contain(peer.url(), kept)) return Optional.empty();
    if (protocols.of(kept).needsOwnAgreement(request)) return Optional.empty();
    var agreed = protocols.agree(peer, request.elicitation(), deadline);
    if (agreed instanceof McpResponse.Result(_, var protocol) && protocol != null) {
      return Optional.of(requireUsable(first(peer, request, protocol, agreements, deadline)));
    }
    // The server refuses the token itself, so a new session would not help next time either.
    if (agreed instanceof McpResponse.Unauthorized) proven.note(peer.url(), kept);
    return Optional.of(agreed);
  }

  /** Without a token, a 401 may be about the session too. With one, the caller renews the token first. */
  private AgreementVerdict verdict(Peer peer, McpRequest request, McpResponse response, NegotiatedProtocol agreed) {
    boolean isOpen = response instanceof McpResponse.Unauthorized && peer.token() == null;
    return isOpen ? AgreementVerdict.IN_DOUBT : protocols.of(agreed).verdict(request, response);
  }

  private McpResponse afresh(Peer peer, McpRequest request, Agreements agreements, Deadline deadline) {
    return again(peer, request, null, agreements, deadline);
  }

  /**
   * Agrees first, and then sends the request.
   *
   * @param refused how the request was refused, if a server of the modern era may have carried it out nevertheless. It
   *     is then sent again only to a server of another era. Null if the request may be sent
   */
  private McpResponse again(Peer peer, McpRequest request, @Nullable McpResponse refused, Agreements agreements,
      Deadline deadline) {
    var agreed = agree(peer, request, agreements, deadline);
    if (!(agreed instanceof McpResponse.Result(_, var protocol)) || protocol == null) return agreed;
    if (refused == null || protocols.isSafeToRepeatAt(protocol)) {
      return first(peer, request, protocol, agreements, deadline);
    }
    keep(peer, protocol, agreements, deadline);
    return refused;
  }

  /** Agrees with the server. If that fails, what was kept is of no use any more. */
  private McpResponse agree(Peer peer, McpRequest request, Agreements agreements, Deadline deadline) {
    try {
      var agreed = protocols.agree(peer, request.elicitation(), deadline);
      if (!(agreed instanceof McpResponse.Result)) agreements.forget();
      return agreed;
    } catch (Failure e) {
      agreements.forget();
      throw e;
    }
  }

  /** Sends the first request of a fresh agreement, which is kept whatever the response is. */
  private McpResponse first(Peer peer, McpRequest request, NegotiatedProtocol agreed, Agreements agreements,
      Deadline deadline) {
    boolean isOwn = protocols.of(agreed).needsOwnAgreement(request);
    var inUse = agreed;
    try {
      var response = send(peer, request, agreed, deadline);
      inUse = inUse(response, agreed);
      boolean refused = response instanceof McpResponse.Unauthorized
          || verdict(peer, request, response, agreed) != AgreementVerdict.STANDS;
      if (refused) proven.note(peer.url(), inUse);
      return response;
    } finally {
      if (isOwn) leave(peer, inUse, deadline);
      else
        keep(peer, inUse, agreements, deadline);
    }
  }

  /** Keeps what was agreed on, or ends it where it is not kept, for example because another call was first. */
  private void keep(Peer peer, NegotiatedProtocol agreed, Agreements agreements, Deadline deadline) {
    if (!agreements.keep(agreed)) leave(peer, agreed, deadline);
  }

  /** What is agreed on after a response, which may name another session. */
  private static NegotiatedProtocol inUse(McpResponse response, NegotiatedProtocol agreed) {
    return response instanceof McpResponse.Result(_, var protocol) && protocol != null ? protocol : agreed;
  }

  /** The server's own description of itself. */
  McpResponse describe(Peer peer, Agreements agreements, Deadline deadline) {
    var response = describe(peer, deadline);
    if (response instanceof McpResponse.Result(_, var protocol) && protocol != null) {
      keepDescribed(peer, protocol, agreements, deadline);
    }
    return response;
  }

  /** A description needs a handshake of its own. A kept session stays, because other calls may be using it. */
  private void keepDescribed(Peer peer, NegotiatedProtocol agreed, Agreements agreements, Deadline deadline) {
    var kept = agreements.kept();
    boolean isBesides = kept != null && kept.session() != null
        && kept.protocolVersion().equals(agreed.protocolVersion());
    if (isBesides || !agreements.keep(agreed)) leave(peer, agreed, deadline);
    else if (kept != null && !kept.equals(agreed)) leave(peer, kept, deadline);
  }

  private McpResponse describe(Peer peer, Deadline deadline) {
    return protocols.agree(peer, Elicitation.NONE, deadline);
  }

  /** Ends what was agreed on, when it is not kept. */
  void leave(Peer peer, NegotiatedProtocol agreed, Deadline deadline) {
    protocols.of(agreed).leave(peer, agreed, deadline);
  }

  private McpResponse send(Peer peer, McpRequest request, NegotiatedProtocol agreed, Deadline deadline) {
    try {
      return protocols.of(agreed).send(peer, request, agreed, deadline);
    } catch (Failure.Unreachable e) {
      if (!e.mayHaveArrived() || e.code() == ErrorCode.OUTCOME_UNKNOWN) throw e;
      throw McpFailures.outcomeUnknown(e);
    }
  }

  private static McpResponse requireUsable(McpResponse response) {
    if (response instanceof McpResponse.Unusable unusable) throw McpFailures.of(unusable);
    return response;
  }
}
