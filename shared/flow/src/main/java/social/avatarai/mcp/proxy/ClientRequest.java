package social.avatarai.mcp.proxy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import social.avatarai.mcp.proxy.ClientMessage.Request;
import social.avatarai.mcp.resource.McpRequest;

/** A client's request as the server gets it, in every era. Pure. */
final class ClientRequest {
  /** Capabilities for questions of the server. This service cannot pass such questions to a user. */
  private static final List<String> FOR_QUESTIONS = List.of("elicitation", "sampling", "roots");
  /**
   * What does not concern the server: this service itself names its version to the server, and it hands on no
   * notifications, so it asks for none.
   */
  private static final List<String> OURS = List.of(McpRequest.RESERVED + "protocolVersion",
      McpRequest.RESERVED + "clientInfo", McpRequest.RESERVED + "logLevel", "progressToken");

  private ClientRequest() {}

  static McpRequest of(Request request) {
    var params = request.params();
    if (params == null || !(params.path("_meta") instanceof ObjectNode)) {
      return new McpRequest(request.method(), params);
    }
    var whole = params.deepCopy();
    var meta = (ObjectNode) whole.path("_meta");
    meta.remove(OURS);
    if (meta.path(McpRequest.CAPABILITIES) instanceof ObjectNode capabilities) {
      capabilities.remove(FOR_QUESTIONS);
      if (capabilities.isEmpty()) meta.remove(McpRequest.CAPABILITIES);
    }
    if (meta.isEmpty()) whole.remove("_meta");
    return new McpRequest(request.method(), whole);
  }
}
