package social.avatarai.mcp.functions.accessresource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Flow.Target;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.resource.McpRequest;

/**
 * What a request asks of which server.
 *
 * @param target the server
 * @param request the MCP request; null for the server's description of itself
 */
record AccessCall(Target target, @Nullable McpRequest request) {

  static AccessCall read(Request request, boolean takesTokens) {
    if (!request.optional("elicitation").orElse("none").equals("none")) {
      throw bad("Parameter elicitation must be none.");
    }
    return new AccessCall(target(request, takesTokens), request.method().equals("POST") ? mcpRequest(request) : null);
  }

  private static Target target(Request request, boolean takesTokens) {
    var serverId = request.optional("server_id");
    var token = request.optional("access_token");
    if (token.isPresent() && !takesTokens) throw bad("This deployment takes no raw tokens.");
    if (serverId.isPresent()) {
      if (request.optional("resource_url").isPresent() || token.isPresent()) {
        throw bad("Parameter server_id stands alone: the connection has its own URL and token.");
      }
      return new Target.ByConnection(ConnectionId.ofParameter("server_id", serverId.get()));
    }
    var url = request.url("resource_url");
    return token.<Target>map(value -> new Target.WithToken(url, token(value))).orElseGet(() -> new Target.ByUrl(url));
  }

  private static AccessToken token(String value) {
    // RFC 6750 §2.1: what is no b64token would break the header it is sent in.
    if (!value.matches("[A-Za-z0-9._~+/=-]+")) throw bad("Parameter access_token is not a bearer token.");
    return new AccessToken(value);
  }

  private static McpRequest mcpRequest(Request request) {
    String method = request.required("method");
    // The handshake is the service's own affair.
    if (!method.matches("[A-Za-z0-9_./$-]{1,128}") || method.equals("initialize")
        || method.startsWith("notifications/")) {
      throw bad("Parameter method is not an MCP request that can be made here.");
    }
    JsonNode params = request.jsonBody().path("params");
    if (params.isMissingNode() || params.isNull()) return new McpRequest(method, null);
    if (params instanceof ObjectNode object) return new McpRequest(method, object);
    throw bad("Parameter params must be a JSON object.");
  }

  private static Failure bad(String message) {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, message);
  }
}
