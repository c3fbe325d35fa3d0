package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Map;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.ProtocolVersion;
import social.avatarai.mcp.http.Json;
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
    if (response instanceof McpResponse.Result(_, var offered) && offered != null) leave(peer, offered, deadline);
    return response;
  }

  @Override
  public McpResponse agree(Peer peer, Elicitation elicitation, Deadline deadline) {
    var response = initialize(peer, elicitation, deadline);
    if (!(response instanceof McpResponse.Result(_, var offered)) || offered == null) return response;
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

  private McpResponse initialize(Peer peer, Elicitation elicitation, Deadline deadline) {
    var request = McpRequest.initialize(ProtocolVersion.NEWEST_LEGACY, elicitation);
    return transport.send(peer, Sending.handshake(request), deadline);
  }

  private static ObjectNode initialized() {
    return Json.newObject().put("jsonrpc", "2.0").put("method", "notifications/initialized");
  }

  @Override
  public McpResponse send(Peer peer, McpRequest request, NegotiatedProtocol agreed, Deadline deadline) {
    var sending = new Sending(request, agreed, Map.of(), true);
    if (request.elicitation() == Elicitation.NONE) return transport.send(peer, sending, deadline);
    try (var _ = SessionStream.open(transport, peer, agreed, request.elicitation(), deadline)) {
      return transport.send(peer, sending, deadline);
    }
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
