package social.avatarai.mcp.resource;

import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.ProtocolVersion;
import social.avatarai.mcp.discovery.Strictness;
import social.avatarai.mcp.resource.EraCache.Era;
import social.avatarai.mcp.resource.McpResponse.Unusable;
import social.avatarai.mcp.resource.McpTransport.Peer;

/**
 * Chooses the protocol for a server: the modern one where the server speaks it, else the legacy one, else HTTP+SSE. No
 * other class knows that there are several.
 *
 * <p>The server itself is asked which protocol it speaks: {@code server/discover}, which carries nothing out, comes
 * first (MCP 2026-07-28, versioning). HTTP+SSE is tried only where the server refuses the POST of a handshake, which
 * carries nothing out either (MCP 2025-11-25, basic/transports, backwards compatibility), or where the server's record
 * says so.
 */
final class ProtocolSelector {
  private final EraCache eras;
  private final ModernProtocol modern;
  private final LegacyProtocol legacy;
  private final SseProtocol sse;

  ProtocolSelector(McpTransport transport, Strictness strictness, Clock clock, Journal journal) {
    this.eras = new EraCache(clock);
    this.modern = new ModernProtocol(transport, new KnownTools(journal));
    this.legacy = new LegacyProtocol(transport);
    this.sse = new SseProtocol(transport, strictness, clock);
  }

  /** The protocol in which this was agreed on. */
  McpProtocol of(NegotiatedProtocol agreed) {
    if (agreed.isOverSse()) return sse;
    return agreed.isModern() ? modern : legacy;
  }

  /**
   * A legacy server may look at the message before the token, so a server that does not speak the modern protocol is
   * asked again.
   */
  McpResponse probe(Peer peer, Deadline deadline) {
    if (peer.isSse()) return sse.probe(peer, deadline);
    if (isKnownAs(Era.SSE, peer.url())) {
      var response = sse.find(peer, Elicitation.NONE, deadline);
      if (response.isPresent()) return response.get();
    }
    if (isKnownAs(Era.LEGACY, peer.url())) {
      var response = legacy.probe(peer, deadline);
      if (!isOfAnotherEra(response)) return response;
      return orOverSse(peer, afresh(response, modern.probe(peer, deadline)), Elicitation.NONE, deadline);
    }
    var response = modern.probe(peer, deadline);
    return isConclusive(response)
        ? response
        : orOverSse(peer, legacy.probe(peer, deadline), Elicitation.NONE, deadline);
  }

  /** The response over HTTP+SSE where a server that refuses a handshake in this way speaks that. */
  private McpResponse orOverSse(Peer peer, McpResponse refused, Elicitation elicitation, Deadline deadline) {
    return SseProtocol.maySpeak(refused) ? sse.find(peer, elicitation, deadline).orElse(refused) : refused;
  }

  /** The response in the modern era, if the server speaks it now; else the response in the remembered one. */
  private static McpResponse afresh(McpResponse remembered, McpResponse modern) {
    return isConclusive(modern) ? modern : remembered;
  }

  /** Whether a server that is remembered as legacy responds to a handshake as a server of another era does. */
  private static boolean isOfAnotherEra(McpResponse response) {
    return switch (response) {
      case McpResponse.Result(_, var offered) -> !ProtocolVersion.isLegacy(offered.protocolVersion());
      case McpResponse.RpcError _ -> true;
      case Unusable unusable -> !unusable.isBusy() && !unusable.mayHaveBegun();
      case McpResponse.Unauthorized _,McpResponse.Forbidden _ -> false;
    };
  }

  /**
   * Agrees with a server on a protocol. The server carries nothing out.
   *
   * @return the server's description of itself, with what was agreed on; any other response means that there is no
   *     agreement
   * @throws Failure when the server's response is unusable
   */
  McpResponse agree(Peer peer, Elicitation elicitation, Deadline deadline) {
    // Not noted: a user's record must not decide about the calls of other users.
    if (peer.isSse()) return requireUsable(sse.agree(peer, elicitation, deadline));
    if (isKnownAs(Era.SSE, peer.url())) {
      var response = sse.find(peer, elicitation, deadline);
      if (response.isPresent()) return requireUsable(response.get());
      eras.forget(peer.url());
    }
    if (isKnownAs(Era.LEGACY, peer.url())) {
      // What is remembered can be wrong: the server may have been replaced by one of another era.
      var response = agreeAsRemembered(peer, elicitation, deadline);
      if (response.isPresent()) return requireUsable(response.get());
      eras.forget(peer.url());
    }
    var response = modern.agree(peer, elicitation, deadline);
    if (isConclusive(response)) {
      if (ModernProtocol.isSpokenBy(response)) eras.note(peer.url(), Era.MODERN);
      return response;
    }
    return noted(peer, orOverSse(peer, legacy.agree(peer, elicitation, deadline), elicitation, deadline));
  }

  /** Notes what a server of the legacy era has shown to speak. */
  private McpResponse noted(Peer peer, McpResponse agreed) {
    if (requireUsable(agreed) instanceof McpResponse.Result(_, var protocol)) {
      eras.note(peer.url(), protocol.isOverSse() ? Era.SSE : Era.LEGACY);
    }
    return agreed;
  }

  /**
   * The agreement that needs no request: what was kept, or HTTP+SSE. There, only the transport is agreed on: each call
   * makes its own handshake.
   *
   * @param kept what was kept, which does not count where the server's record declares another transport since
   */
  Optional<NegotiatedProtocol> known(Peer peer, @Nullable NegotiatedProtocol kept) {
    if (kept != null && (kept.isOverSse() || !peer.isSse())) return Optional.of(kept);
    return peer.isSse() || isKnownAs(Era.SSE, peer.url())
        ? Optional.of(NegotiatedProtocol.overSse(ProtocolVersion.OF_SSE))
        : Optional.empty();
  }

  /**
   * Agrees with a server that has refused a request with 401. A server that was rolled back to the handshake may say 401
   * to everything without a session, and so to {@code server/discover} too.
   *
   * @param refused what was agreed on before
   */
  McpResponse agreeAfterUnauthorized(Peer peer, NegotiatedProtocol refused, Elicitation elicitation,
      Deadline deadline) {
    // Over HTTP+SSE the refused request was in a session of its own already.
    if (refused.isOverSse()) return new McpResponse.Unauthorized(Optional.empty());
    return refused.isModern()
        ? legacy.agree(peer, elicitation, deadline)
        : agree(peer, elicitation, deadline);
  }

  /** Ends what was agreed on, unless the kept session has the same id: some servers have one session for each user. */
  void leaveUnlessKept(Peer peer, NegotiatedProtocol agreed, @Nullable NegotiatedProtocol kept, Deadline deadline) {
    if (agreed.session() == null || (kept != null && agreed.session().equals(kept.session()))) return;
    of(agreed).leave(peer, agreed, deadline);
  }

  /** The response of a server that is remembered as legacy; empty if it must be asked again. */
  private Optional<McpResponse> agreeAsRemembered(Peer peer, Elicitation elicitation, Deadline deadline) {
    try {
      return Optional.of(legacy.agree(peer, elicitation, deadline)).filter(response -> !isOfAnotherEra(response));
    } catch (Failure.ProtocolBroken e) {
      return Optional.empty();
    }
  }

  /** Whether a request that a modern server may have carried out can be sent again: only to a server of another era. */
  boolean isSafeToRepeatAt(NegotiatedProtocol agreed) {
    return !agreed.isModern();
  }

  /**
   * Notes that a server no longer accepts what was agreed on. After a modern agreement the server's era is unknown;
   * after a legacy one only the session may be lost. Over HTTP+SSE there is none to lose. Where a user's record declares
   * that transport, only the record was wrong.
   */
  void noteForgotten(Peer peer, NegotiatedProtocol agreed) {
    if (!peer.isSse() && (agreed.isModern() || agreed.isOverSse())) eras.forget(peer.url());
  }

  private boolean isKnownAs(Era era, EndpointUrl server) {
    return eras.of(server).equals(Optional.of(era));
  }

  /** Whether no other protocol needs to be tried: a refusal for want of a token does not depend on the protocol. */
  private static boolean isConclusive(McpResponse response) {
    return response instanceof McpResponse.Unauthorized || response instanceof McpResponse.Forbidden
        || ModernProtocol.isSpokenBy(response);
  }

  /** A handshake carries nothing out, so a failed one leaves no request with an unknown outcome. */
  private static McpResponse requireUsable(McpResponse response) {
    if (response instanceof Unusable unusable) throw McpFailures.toNothingDone(unusable);
    return response;
  }
}
