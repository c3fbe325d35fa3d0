package social.avatarai.mcp.functions.accessresource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.resource.Elicitation;
import social.avatarai.mcp.resource.McpRequest;

/**
 * An MCP request, and the server that it is for.
 *
 * @param target the server
 * @param request the MCP request; null for the server's description of itself
 */
record AccessCall(Target target, @Nullable McpRequest request) {
  private static final int MAX_METHOD_LENGTH = 128;
  private static final Pattern METHOD = Pattern.compile("[A-Za-z0-9_./$-]{1," + MAX_METHOD_LENGTH + "}");

  static AccessCall read(Request request, boolean takesTokens) {
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
    // RFC 6750 §2.1: a token that is no b64token would break the header that carries it.
    if (!value.matches("[A-Za-z0-9._~+/=-]+")) throw bad("Parameter access_token is not a bearer token.");
    return new AccessToken(value);
  }

  private static McpRequest mcpRequest(Request request) {
    String method = request.required("method");
    // The service itself does the handshake.
    if (!METHOD.matcher(method).matches() || method.equals("initialize")
        || method.startsWith("notifications/")) {
      throw bad("Parameter method is not an MCP request that can be made here, of at most " + MAX_METHOD_LENGTH
          + " characters.");
    }
    return new McpRequest(method, continued(object(request, "params"), request), elicitation(request));
  }

  private static Elicitation elicitation(Request request) {
    return switch (request.optional("elicitation").orElse("none")) {
      case "none" -> Elicitation.NONE;
      case "defaults" -> Elicitation.DEFAULTS;
      default -> throw bad("Parameter elicitation must be none or defaults.");
    };
  }

  /** The parameters, together with what the server asked for in an earlier response to the same request. */
  private static @Nullable ObjectNode continued(@Nullable ObjectNode params, Request request) {
    var inputs = object(request, "input_responses");
    JsonNode state = request.jsonBody().path("request_state");
    if (inputs == null && (state.isMissingNode() || state.isNull())) return params;
    if (!state.isMissingNode() && !state.isTextual()) throw bad("Parameter request_state must be a text.");
    var all = params == null ? Json.newObject() : params;
    if (inputs != null) all.set("inputResponses", inputs);
    if (state.isTextual()) all.set("requestState", state);
    return all;
  }

  private static @Nullable ObjectNode object(Request request, String name) {
    JsonNode value = request.jsonBody().path(name);
    if (value.isMissingNode() || value.isNull()) return null;
    if (value instanceof ObjectNode object) return object;
    throw bad("Parameter " + name + " must be a JSON object.");
  }

  private static Failure bad(String message) {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, message);
  }
}
