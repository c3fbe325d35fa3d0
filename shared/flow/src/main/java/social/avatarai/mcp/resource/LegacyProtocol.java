package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.ProtocolVersion;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.McpResponse.Unusable;
import social.avatarai.mcp.resource.McpTransport.Peer;
import social.avatarai.mcp.resource.McpTransport.Sending;

/**
 * The protocol of MCP 2024-11-05 to 2025-11-25 over Streamable HTTP: a handshake comes first. Servers may keep
 * sessions, may ask questions while a request is under way, and may let the client resume a broken stream.
 */
final class LegacyProtocol implements McpProtocol {
  /** The time for ending a session: a server that does not respond to this must not delay what follows. */
  private static final Duration MAX_FOR_LEAVING = Duration.ofSeconds(1);

  private final McpTransport transport;

  LegacyProtocol(McpTransport transport) {
    this.transport = transport;
  }

  @Override
  public McpResponse probe(Peer peer, Deadline deadline) {
    var response = initialize(peer, Elicitation.NONE, deadline);
    if (response instanceof McpResponse.Result(_, var offered)) leave(peer, offered, deadline);
    return response;
  }

  @Override
  public McpResponse agree(Peer peer, Elicitation elicitation, Deadline deadline) {
    var response = initialize(peer, elicitation, deadline);
    if (!(response instanceof McpResponse.Result(_, var offered))) return response;
    try {
      confirm(peer, offered, deadline);
      return response;
    } catch (Failure e) {
      leave(peer, offered, deadline);
      throw e;
    }
  }

  private void confirm(Peer peer, NegotiatedProtocol offered, Deadline deadline) {
    if (!ProtocolVersion.isLegacy(offered.protocolVersion())) {
      throw McpFailures.noCommonVersion(offered.protocolVersion());
    }
    transport.deliver(peer, initialized(), offered, deadline);
  }

  /**
   * Proposes the newest version. A server that does not speak it should offer another one. Some servers refuse instead,
   * so the client itself proposes another version: a handshake carries nothing out.
   */
  private McpResponse initialize(Peer peer, Elicitation elicitation, Deadline deadline) {
    var proposed = new HashSet<String>();
    McpResponse response;
    var next = Optional.of(ProtocolVersion.NEWEST_LEGACY);
    do {
      proposed.add(next.get());
      response = transport.send(peer, Sending.handshake(McpRequest.initialize(next.get(), elicitation)), deadline);
      next = nextVersion(response, proposed);
    } while (next.isPresent());
    return response;
  }

  /** The version to propose after this response; empty where the server has not refused the version, or knows no other. */
  static Optional<String> nextVersion(McpResponse response, Set<String> proposed) {
    return switch (response) {
      case McpResponse.RpcError error -> nextVersion(error.error(), error.isUnsupportedVersion(), proposed);
      case Unusable unusable when unusable.isRefusal() || unusable.isUnread() ->
        nextVersion(unusable.said(), false, proposed);
      default -> Optional.empty();
    };
  }

  private static Optional<String> nextVersion(JsonNode error, boolean isAboutVersion, Set<String> proposed) {
    var supported = RefusalWords.supported(error);
    if (!supported.isEmpty()) {
      return ProtocolVersion.newestLegacy(version -> supported.contains(version) && !proposed.contains(version));
    }
    var words = RefusalWords.of(error);
    if (!isAboutVersion && !words.speakOfVersion()) return Optional.empty();
    return ProtocolVersion.newestLegacy(version -> words.versions().contains(version) && !proposed.contains(version))
        .or(() -> ProtocolVersion.newestLegacy(version -> !proposed.contains(version)));
  }

  static ObjectNode initialized() {
    return Json.newObject().put("jsonrpc", "2.0").put("method", "notifications/initialized");
  }

  @Override
  public McpResponse send(Peer peer, McpRequest request, NegotiatedProtocol agreed, Deadline deadline) {
    var sending = new Sending(request, agreed, Map.of(), true);
    // A program asks on the stream on which it responds.
    boolean hasOwnStream = request.elicitation() != Elicitation.NONE && peer.program() == null;
    if (!hasOwnStream) return transport.send(peer, sending, deadline);
    try (var questions = SessionStream.open(transport, peer, agreed, request.elicitation(), deadline)) {
      return send(peer, sending, questions, deadline);
    }
  }

  /** A server that asks too much gets no more replies, and may wait for one. */
  private McpResponse send(Peer peer, Sending sending, SessionStream questions, Deadline deadline) {
    try {
      return transport.send(peer, sending, deadline);
    } catch (Failure.Unreachable e) {
      throw e.mayHaveArrived() && questions.hasAskedTooMuch() ? McpFailures.tooManyQuestions() : e;
    }
  }

  @Override
  public AgreementVerdict verdict(McpRequest request, McpResponse response, NegotiatedProtocol agreed) {
    return switch (response) {
      case McpResponse.RpcError error -> withoutEffect(request, error.status(), verdict(error, agreed));
      case Unusable unusable -> withoutEffect(request, unusable.status(), verdict(unusable));
      case McpResponse.Forbidden forbidden -> Refusal.of(forbidden);
      case McpResponse.Unauthorized _,McpResponse.Result _ -> AgreementVerdict.STANDS;
    };
  }

  /** A server that repeats the id has read the request, so only a clear refusal says that nothing was carried out. */
  private static AgreementVerdict verdict(McpResponse.RpcError error, NegotiatedProtocol agreed) {
    boolean isUnknownSession = error.hasCodeOfUnknownSession()
        || (error.hasCodeOfRefusal() && error.words().speakOfSession());
    if (error.isProtocolRefusal() && Refusal.isOfClient(error.status())) return AgreementVerdict.ENDED;
    if (error.isUnknownMethod()) return AgreementVerdict.STANDS;
    // MCP 2025-11-25, basic/transports: 404 to a request with a session id means a new session, whatever the body says.
    if (error.status() == 404 && agreed.session() != null) return AgreementVerdict.ENDED;
    if (error.status() == 400 && error.isRefusalOfAgreement()) return AgreementVerdict.ENDED;
    // Some SDKs use the code for a request that took too long, so the server may have carried this one out.
    return isUnknownSession ? AgreementVerdict.IN_DOUBT : Refusal.ofStatus(error.status());
  }

  private static AgreementVerdict verdict(Unusable response) {
    if (response.status() == 404) return AgreementVerdict.ENDED;
    boolean isUnread = response.isUnread() || response.words().refuseAgreement();
    if (response.status() == 400 && isUnread) return AgreementVerdict.ENDED;
    // A successful status without a response says that the request got lost, as without its session.
    return response.status() < 300 ? AgreementVerdict.IN_DOUBT : Refusal.ofStatus(response.status());
  }

  /** A request that carries nothing out can be sent again, unless the server is in trouble. */
  private static AgreementVerdict withoutEffect(McpRequest request, int status, AgreementVerdict verdict) {
    boolean again = verdict == AgreementVerdict.IN_DOUBT && request.carriesNothingOut()
        && (status == 400 || status < 300 || Refusal.isGone(status));
    return again ? AgreementVerdict.ENDED : verdict;
  }

  /**
   * Capabilities are declared for a whole session. A session in which the server may ask questions is therefore for the
   * one request that allows questions.
   */
  @Override
  public boolean needsOwnAgreement(McpRequest request) {
    return request.elicitation() != Elicitation.NONE;
  }

  @Override
  public void leave(Peer peer, NegotiatedProtocol agreed, Deadline deadline) {
    if (agreed.session() == null) return;
    try {
      transport.endSession(peer, agreed, Deadline.in(deadline.remaining(MAX_FOR_LEAVING)));
    } catch (Failure e) {
      // The session expires at the server by itself.
    }
  }
}
