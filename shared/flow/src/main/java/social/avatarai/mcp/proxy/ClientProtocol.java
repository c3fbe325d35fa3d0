package social.avatarai.mcp.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.proxy.ClientMessage.Request;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.resource.McpRequest;

/**
 * One era of the protocol that a client may speak with us, whatever the server speaks. {@link ClientProtocols} alone
 * knows which eras exist. Pure.
 */
interface ClientProtocol {

  /** What becomes of a request. */
  sealed interface Route {
    /** The client asks what the server is: we agree with the server ourselves. */
    record Describe() implements Route {}

    /** The server is asked. */
    record Ask(McpRequest request) implements Route {}

    /** We answer ourselves, with this result. */
    record OwnResult(ObjectNode result) implements Route {}

    /** There is no such method here. */
    record NotOffered(RpcFault fault) implements Route {}
  }

  /** Why a request with these headers is refused; empty where it is not. */
  Optional<RpcFault> fault(MessageHeaders headers, Request request);

  Route route(Request request);

  /** Whether a client of this era may hold a session. */
  boolean hasSessions();

  /**
   * The result of {@link Route.Describe}.
   *
   * @param description the server's description, attacker-controlled
   * @param connection what names the server where it does not name itself
   */
  ObjectNode described(Request request, JsonNode description, ConnectionId connection);

  /** The message with the server's result. */
  ObjectNode response(Request request, Access.Answered answered);

  /** The HTTP status of a message with this error of the server. */
  int status(JsonNode error);
}
