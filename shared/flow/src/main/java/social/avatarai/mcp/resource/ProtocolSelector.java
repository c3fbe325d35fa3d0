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
import social.avatarai.mcp.resource.EraCache.Era;
import social.avatarai.mcp.resource.McpResponse.Unusable;
import social.avatarai.mcp.resource.McpTransport.Peer;

/**
 * Chooses the protocol for a server: the modern one where the server speaks it, else the legacy one. No other class
 * knows that there are several.
 *
 * <p>The server itself is asked which protocol it speaks: {@code server/discover}, which carries nothing out, comes
 * first (MCP 2026-07-28, versioning).
 */
final class ProtocolSelector {
  private final EraCache eras;
  private final ModernProtocol modern;
  private final LegacyProtocol legacy;
  private final LegacySseDetector legacySse;

  ProtocolSelector(McpTransport transport, Clock clock, Journal journal) {
    this.eras = new EraCache(clock);
    this.modern = new ModernProtocol(transport, new KnownTools(journal));
    this.legacy = new LegacyProtocol(transport);
    this.legacySse = new LegacySseDetector(transport);
  }

  /** The protocol in which this was agreed on. */
  McpProtocol of(NegotiatedProtocol agreed) {
    return agreed.isModern() ? modern : legacy;
  }

  /**
   * A legacy server may look at the message before the token, so a server that does not speak the modern protocol is
   * asked again.
   */
  McpResponse probe(Peer peer, Deadline deadline) {
    if (isKnownAsLegacy(peer.url())) {
      var response = legacy.probe(peer, deadline);
      return isOfAnotherEra(response) ? afresh(response, modern.probe(peer, deadline)) : response;
    }
    var response = modern.probe(peer, deadline);
    return isConclusive(response) ? response : legacy.probe(peer, deadline);
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
    if (isKnownAsLegacy(peer.url())) {
      // What is remembered can be wrong: the server may have been replaced by one of another era.
      var response = agreeAsRemembered(peer, elicitation, deadline);
      if (response.isPresent()) return requireUsable(peer, response.get(), deadline);
      eras.forget(peer.url());
    }
    var response = modern.agree(peer, elicitation, deadline);
    if (isConclusive(response)) {
      if (ModernProtocol.isSpokenBy(response)) eras.note(peer.url(), Era.MODERN);
      return response;
    }
    var agreed = requireUsable(peer, legacy.agree(peer, elicitation, deadline), deadline);
    if (agreed instanceof McpResponse.Result) eras.note(peer.url(), Era.LEGACY);
    return agreed;
  }

  /**
   * Agrees with a server that has refused a request with 401. A server that was rolled back to the handshake may say 401
   * to everything without a session, and so to {@code server/discover} too.
   *
   * @param refused what was agreed on before
   */
  McpResponse agreeAfterUnauthorized(Peer peer, NegotiatedProtocol refused, Elicitation elicitation,
      Deadline deadline) {
    return refused.isModern()
        ? legacy.agree(peer, elicitation, deadline)
        : agree(peer, elicitation, deadline);
  }

  /** Ends what was agreed on, unless the kept session has the same id: some servers have one session for each user. */
  void leaveUnlessKept(Peer peer, NegotiatedProtocol agreed, @Nullable NegotiatedProtocol kept, Deadline deadline) {
    if (agreed.session() == null || (kept != null && agreed.session().equals(kept.session()))) return;
    of(agreed).leave(peer, agreed, deadline);
  }

  /** The response of a server that is remembered as legacy; empty if it must be asked afresh. */
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
   * after a legacy one only the session may be lost.
   */
  void noteForgotten(EndpointUrl server, NegotiatedProtocol agreed) {
    if (agreed.isModern()) eras.forget(server);
  }

  /** The failure that names a protocol which the server speaks and this service does not; empty where there is none. */
  Optional<Failure> unsupported(Peer peer, Unusable response, Deadline deadline) {
    return legacySse.isSpokenBy(peer, response, deadline)
        ? Optional.of(McpFailures.legacySse(response.status()))
        : Optional.empty();
  }

  private boolean isKnownAsLegacy(EndpointUrl server) {
    return eras.of(server).equals(Optional.of(Era.LEGACY));
  }

  /** Whether no other protocol needs to be tried: a refusal for want of a token does not depend on the protocol. */
  private static boolean isConclusive(McpResponse response) {
    return response instanceof McpResponse.Unauthorized || response instanceof McpResponse.Forbidden
        || ModernProtocol.isSpokenBy(response);
  }

  /** A handshake carries nothing out, so a failed one leaves no request with an unknown outcome. */
  private McpResponse requireUsable(Peer peer, McpResponse response, Deadline deadline) {
    if (!(response instanceof Unusable unusable)) return response;
    throw unsupported(peer, unusable, deadline).orElseGet(() -> McpFailures.toNothingDone(unusable));
  }
}
