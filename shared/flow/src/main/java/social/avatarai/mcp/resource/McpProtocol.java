package social.avatarai.mcp.resource;

import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.resource.McpTransport.Peer;

/**
 * One protocol that MCP servers speak: how the client agrees with a server, and how a request reaches the server.
 * {@link ProtocolSelector} alone knows which protocols exist.
 */
interface McpProtocol {

  /** Asks a server something harmless, to see whether the server wants a token. Leaves nothing behind. */
  McpResponse probe(Peer peer, Deadline deadline);

  /**
   * Agrees with a server on this protocol. The server carries nothing out.
   *
   * @return the server's description of itself, with what was agreed on; any other response means that there is no
   *     agreement
   */
  McpResponse agree(Peer peer, Elicitation elicitation, Deadline deadline);

  /**
   * Sends one request.
   *
   * @param agreed what was agreed on, in this protocol
   * @throws social.avatarai.mcp.Failure.Unreachable when the server may have carried the request out, but its response
   *     is lost, or when the server was not reached
   */
  McpResponse send(Peer peer, McpRequest request, NegotiatedProtocol agreed, Deadline deadline);

  /**
   * What the response to a request says about what was agreed on.
   *
   * @param agreed what was agreed on when the request was sent
   */
  AgreementVerdict verdict(McpRequest request, McpResponse response, NegotiatedProtocol agreed);

  /** Whether the request may not share what was agreed on for other requests. */
  boolean needsOwnAgreement(McpRequest request);

  /** Ends what was agreed on. A failure of the server to do so is passed over. */
  void leave(Peer peer, NegotiatedProtocol agreed, Deadline deadline);
}
