package social.avatarai.mcp.resource;

import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.resource.McpTransport.Peer;
import social.avatarai.mcp.resource.ProvenAgreements.Doubt;

/**
 * One request to a server, over what was agreed on before or over a fresh agreement. Decides what becomes of the
 * agreement after the response.
 */
final class McpCall {
  private final ProtocolSelector protocols;
  private final ProvenAgreements proven;
  private final Peer peer;
  private final McpRequest request;
  private final Agreements agreements;
  private final Deadline deadline;

  McpCall(ProtocolSelector protocols, ProvenAgreements proven, Peer peer, McpRequest request, Agreements agreements,
      Deadline deadline) {
    this.protocols = protocols;
    this.proven = proven;
    this.peer = peer;
    this.request = request;
    this.agreements = agreements;
    this.deadline = deadline;
  }

  McpResponse run() {
    var kept = known();
    if (kept == null) return afresh();
    if (protocols.of(kept).needsOwnAgreement(request)) {
      return new McpCall(protocols, proven, peer, request, agreements.besides(), deadline).afresh();
    }
    var response = sendOver(kept);
    var verdict = verdict(response, kept);
    switch (verdict) {
      case STANDS -> keep(inUse(response, kept));
      case IN_DOUBT -> doubt(kept);
      case OF_ANOTHER_ERA, ENDED -> {
        if (!proven.contain(Doubt.ofEnd(peer, request, kept))) return again(kept, response, verdict);
      }
    }
    return response;
  }

  private @Nullable NegotiatedProtocol known() {
    return protocols.known(peer, agreements.kept()).orElse(null);
  }

  /**
   * Sends a request once more that was refused with 401, in a new session: some servers refuse a session so that they
   * do not know. If the new session is refused with 401 too, the kept one stays.
   *
   * @return empty if what was agreed on cannot be the cause
   */
  Optional<McpResponse> inNewSession() {
    var kept = known();
    if (kept == null || protocols.of(kept).needsOwnAgreement(request)) return Optional.empty();
    var doubt = Doubt.ofUnauthorized(peer, request, kept);
    if (proven.contain(doubt)) return Optional.empty();
    var agreed = agreeAfterUnauthorized(kept).filter(protocol -> !protocol.equals(kept));
    // A new session would not help next time either.
    if (agreed.isEmpty()) proven.note(doubt);
    return agreed.map(protocol -> first(protocol, doubt, McpResponse.Unauthorized.class::isInstance))
        .filter(response -> !(response instanceof McpResponse.Unauthorized));
  }

  /** A server that refuses the handshake says nothing that the caller could use: the 401 stands then. */
  private Optional<NegotiatedProtocol> agreeAfterUnauthorized(NegotiatedProtocol kept) {
    try {
      return agreedIn(protocols.agreeAfterUnauthorized(peer, kept, request.elicitation(), deadline));
    } catch (Failure e) {
      return Optional.empty();
    }
  }

  private McpResponse afresh() {
    var agreed = agree();
    return agreedIn(agreed).map(protocol -> first(protocol, null, _ -> false)).orElse(agreed);
  }

  /** Agrees once more, and sends the request once more unless a server of the same era may have carried it out. */
  private McpResponse again(NegotiatedProtocol kept, McpResponse refused, AgreementVerdict verdict) {
    protocols.noteForgotten(peer, kept);
    var agreed = agree();
    var protocol = agreedIn(agreed);
    if (protocol.isEmpty()) return agreed;
    var doubt = Doubt.ofEnd(peer, request, kept);
    if (verdict == AgreementVerdict.ENDED || protocols.isSafeToRepeatAt(protocol.get())) {
      return first(protocol.get(), doubt, response -> verdict(response, protocol.get()) == AgreementVerdict.ENDED);
    }
    proven.note(doubt);
    keep(protocol.get());
    return refused;
  }

  /** Agrees. Where that fails, what was kept is not of use any more. */
  private McpResponse agree() {
    try {
      var agreed = protocols.agree(peer, request.elicitation(), deadline);
      if (!(agreed instanceof McpResponse.Result)) agreements.forget();
      return agreed;
    } catch (Failure e) {
      agreements.forget();
      throw e;
    }
  }

  private static Optional<NegotiatedProtocol> agreedIn(McpResponse response) {
    return response instanceof McpResponse.Result(_, var protocol) ? Optional.of(protocol) : Optional.empty();
  }

  /**
   * Sends the first request of a fresh agreement, which is kept whatever the response is. Only if the request was
   * refused in the same way before, the agreement from before stays, and the fresh one is ended.
   *
   * @param before the doubt about the agreement from before; null if there was none
   */
  private McpResponse first(NegotiatedProtocol agreed, @Nullable Doubt before, Predicate<McpResponse> isAsBefore) {
    var inUse = agreed;
    boolean keeps = true;
    try {
      var response = send(agreed);
      inUse = inUse(response, agreed);
      keeps = before == null || !isAsBefore.test(response);
      if (before != null && !keeps) proven.note(before);
      else
        noteProven(response, inUse);
      return response;
    } catch (Failure e) {
      if (leavesDoubt(e)) proven.note(Doubt.ofVersion(peer, request, inUse));
      throw e;
    } finally {
      if (keeps) keep(inUse);
      else
        leaveUnlessKept(inUse);
    }
  }

  /** A fresh agreement is not the cause of the refusal of its first request. */
  private void noteProven(McpResponse response, NegotiatedProtocol agreed) {
    if (response instanceof McpResponse.Unauthorized) proven.note(Doubt.ofUnauthorized(peer, request, agreed));
    switch (verdict(response, agreed)) {
      case STANDS -> {}
      case IN_DOUBT -> proven.note(Doubt.ofVersion(peer, request, agreed));
      case OF_ANOTHER_ERA, ENDED -> proven.note(Doubt.ofEnd(peer, request, agreed));
    }
  }

  /** Without a token, a 401 may be about the session too. With one, the caller renews the token first. */
  private AgreementVerdict verdict(McpResponse response, NegotiatedProtocol agreed) {
    boolean isOpen = response instanceof McpResponse.Unauthorized && peer.token() == null;
    return isOpen ? AgreementVerdict.IN_DOUBT : protocols.of(agreed).verdict(request, response, agreed);
  }

  /** The next call begins without the agreement; once in a while, because the agreement may not be the cause. */
  private void doubt(NegotiatedProtocol kept) {
    var doubt = Doubt.ofVersion(peer, request, kept);
    if (proven.contain(doubt)) return;
    // Noted here too: the process that agrees next may be another one, and only that one learns what comes of it.
    proven.note(doubt);
    agreements.forget();
  }

  /** A server may say in a broken response, or in none, that it does not know the session. */
  private McpResponse sendOver(NegotiatedProtocol kept) {
    try {
      return send(kept);
    } catch (Failure e) {
      if (leavesDoubt(e)) doubt(kept);
      throw e;
    }
  }

  private static boolean leavesDoubt(Failure failure) {
    return failure instanceof Failure.ProtocolBroken
        || (failure instanceof Failure.Unreachable unreachable && unreachable.mayHaveArrived());
  }

  private McpResponse send(NegotiatedProtocol agreed) {
    try {
      return protocols.of(agreed).send(peer, request, agreed, deadline);
    } catch (Failure.Unreachable e) {
      if (!e.mayHaveArrived() || e.code() == ErrorCode.OUTCOME_UNKNOWN) throw e;
      throw McpFailures.outcomeUnknown(e);
    }
  }

  /** Keeps what was agreed on, or ends it where it is not kept, for example because another call was first. */
  private void keep(NegotiatedProtocol agreed) {
    if (protocols.of(agreed).needsOwnAgreement(request) || !agreements.keep(agreed)) leaveUnlessKept(agreed);
  }

  private void leaveUnlessKept(NegotiatedProtocol agreed) {
    protocols.leaveUnlessKept(peer, agreed, agreements.kept(), deadline);
  }

  /** What is agreed on after a response, which may name another session. */
  private static NegotiatedProtocol inUse(McpResponse response, NegotiatedProtocol agreed) {
    return agreedIn(response).orElse(agreed);
  }
}
