package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.BearerGuard.Caller;

/**
 * The methods of the MCP server, with two tools. {@code echo} repeats its message; {@code whoami} names the token's
 * owner.
 */
final class McpMethods {
  private final McpServerKnobs knobs;

  McpMethods(McpServerKnobs knobs) {
    this.knobs = knobs;
  }

  /** A request whose response is a JSON-RPC error. */
  static final class JsonRpcError extends RuntimeException {
    private final int code;

    JsonRpcError(int code, String message) {
      super(message, null, false, false);
      this.code = code;
    }

    boolean isUnknownMethod() { return code == -32601; }

    ObjectNode error() {
      return HttpRefusal.error(code, String.valueOf(getMessage()));
    }
  }

  ObjectNode result(String method, JsonNode params, Caller caller) {
    if (knobs.offer.isListed(method)) return knobs.offer.page(method, params);
    return switch (method) {
      case "initialize" -> initialize(params);
      case "ping" -> Json.newObject();
      case "tools/list" -> listTools();
      case "tools/call" -> callTool(params, caller);
      default -> throw new JsonRpcError(-32601, "Method not found");
    };
  }

  /** The version in the response to {@code initialize}: the requested version, or the server's preferred version. */
  String agreedVersion(JsonNode params) {
    String asked = params.path("protocolVersion").asText();
    return knobs.handshakeVersions().contains(asked) ? asked : knobs.handshakeVersions().getFirst();
  }

  private ObjectNode initialize(JsonNode params) {
    boolean whole = params.path("protocolVersion").isTextual() && params.path("capabilities").isObject()
        && params.path("clientInfo").path("name").isTextual() && params.path("clientInfo").path("version").isTextual();
    if (!whole) throw new JsonRpcError(-32602, "initialize needs protocolVersion, capabilities and clientInfo");
    var result = Json.newObject().put("protocolVersion", agreedVersion(params));
    knobs.offer.describeIn(result);
    result.putObject("serverInfo").put("name", "fake-mcp-server").put("version", "1.0.0");
    return result;
  }

  private static ObjectNode listTools() {
    var result = Json.newObject();
    var tools = result.putArray("tools");
    var echo = tools.addObject().put("name", "echo").put("description", "Repeats its message.");
    var schema = echo.putObject("inputSchema").put("type", "object");
    schema.putObject("properties").putObject("message").put("type", "string");
    schema.putArray("required").add("message");
    tools.addObject().put("name", "whoami").put("description", "Names the owner of the token.")
        .putObject("inputSchema").put("type", "object");
    return result;
  }

  private ObjectNode callTool(JsonNode params, Caller caller) {
    var result = switch (params.path("name").asText()) {
      case "echo" -> echo(params.path("arguments").path("message"));
      case "whoami" -> text(caller.subject(), false);
      default -> throw new JsonRpcError(-32602, "Unknown tool");
    };
    return knobs.ownResultType == null ? result : result.put("resultType", knobs.ownResultType);
  }

  private static ObjectNode echo(JsonNode message) {
    return message.isTextual() ? text(message.textValue(), false) : text("message must be a string", true);
  }

  static ObjectNode text(String text, boolean isError) {
    var result = Json.newObject().put("isError", isError);
    result.putArray("content").addObject().put("type", "text").put("text", text);
    return result;
  }
}
