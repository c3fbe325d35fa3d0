package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.Optional;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.BearerGuard.Caller;

/**
 * The modern protocol, MCP 2026-07-28. Each request repeats its version, method and name in headers, and headers and
 * body must agree. There are two more tools than in the legacy era: {@code forecast} requires its region in a header,
 * and {@code confirm} asks the user before it responds.
 */
final class ModernEndpoint {
  static final String VERSION = "2026-07-28";
  private static final String META = "io.modelcontextprotocol/";
  private static final int HEADER_MISMATCH = -32020;
  private static final int MISSING_CAPABILITY = -32021;
  private static final int UNSUPPORTED_VERSION = -32022;

  private final McpServerKnobs knobs;
  private final McpMethods methods;

  ModernEndpoint(McpServerKnobs knobs, McpMethods methods) {
    this.knobs = knobs;
    this.methods = methods;
  }

  /** A request that is refused with a JSON-RPC error and an HTTP status. */
  private static final class Refused extends RuntimeException {
    private final int status;
    private final transient ObjectNode error;

    Refused(int status, int code, String message) {
      super(message, null, false, false);
      this.status = status;
      this.error = HttpRefusal.error(code, message);
    }
  }

  /** Whether a request uses this protocol. */
  static boolean isUsedIn(Received request) {
    return request.header("mcp-protocol-version").filter(VERSION::equals).isPresent();
  }

  Response respond(Received request, ObjectNode message, Caller caller) {
    var response = Json.newObject().put("jsonrpc", "2.0");
    response.set("id", message.path("id"));
    try {
      requireHeaders(request, message);
      var result = result(request, message, caller);
      return Response.json(200, response.set("result", result));
    } catch (Refused refused) {
      return Response.json(refused.status, response.set("error", refused.error));
    } catch (McpMethods.JsonRpcError e) {
      return Response.json(e.isUnknownMethod() ? 404 : 200, response.set("error", e.error()));
    }
  }

  private void requireHeaders(Received request, ObjectNode message) {
    if (knobs.versionRefusals > 0) {
      knobs.versionRefusals--;
      var refused = new Refused(400, UNSUPPORTED_VERSION, "Unsupported protocol version");
      HttpRefusal.addSupported(refused.error, knobs.protocolVersions);
      throw refused;
    }
    JsonNode params = message.path("params");
    JsonNode meta = params.path("_meta");
    requireSame("MCP-Protocol-Version", request, meta.path(META + "protocolVersion").asText());
    requireSame("Mcp-Method", request, message.path("method").asText());
    if (!meta.path(META + "clientCapabilities").isObject()) throw new Refused(400, -32602, "no clientCapabilities");
    switch (message.path("method").asText()) {
      case "tools/call", "prompts/get" -> requireSame("Mcp-Name", request, params.path("name").asText());
      case "resources/read" -> requireSame("Mcp-Name", request, params.path("uri").asText());
      case "tasks/get", "tasks/update", "tasks/cancel" ->
        requireSame("Mcp-Name", request, params.path("taskId").asText());
      default -> {
      }
    }
  }

  private static void requireSame(String header, Received request, String value) {
    boolean same = request.header(header).map(ModernEndpoint::decoded).filter(value::equals).isPresent();
    if (!same) throw new Refused(400, HEADER_MISMATCH, header + " does not match the body");
  }

  private static String decoded(String value) {
    if (!value.startsWith("=?base64?") || !value.endsWith("?=")) return value;
    return new String(Base64.getDecoder().decode(value.substring(9, value.length() - 2)), UTF_8);
  }

  private ObjectNode result(Received request, ObjectNode message, Caller caller) {
    String method = message.path("method").asText();
    JsonNode params = message.path("params");
    if (method.equals("server/discover")) return discovered();
    if (method.equals("tools/call")) {
      var own = ownTool(request, params);
      if (own.isPresent()) return own.get();
    }
    if (method.equals("initialize")) throw new McpMethods.JsonRpcError(-32601, "Method not found");
    var result = methods.result(method, params, caller);
    if (method.equals("tools/list") && !knobs.offer.hasTools()) addOwnTools(result);
    return complete(result);
  }

  private ObjectNode discovered() {
    var result = Json.newObject();
    var versions = result.putArray("supportedVersions");
    knobs.protocolVersions.forEach(versions::add);
    knobs.offer.describeIn(result);
    result.putObject("_meta").putObject(META + "serverInfo").put("name", "fake-mcp-server").put("version", "1.0.0");
    return complete(result);
  }

  private void addOwnTools(ObjectNode result) {
    var tools = result.withArray("tools");
    var forecast = tools.addObject().put("name", "forecast").putObject("inputSchema").put("type", "object");
    forecast.putObject("properties").putObject("region").put("type", "string").put("x-mcp-header", "Region");
    tools.addObject().put("name", "confirm").putObject("inputSchema").put("type", "object");
    if (!knobs.brokenTool) return;
    tools.addObject().put("name", "broken").putObject("inputSchema").putObject("properties").putObject("a")
        .put("type", "object").put("x-mcp-header", "A");
  }

  private Optional<ObjectNode> ownTool(Received request, JsonNode params) {
    return switch (params.path("name").asText()) {
      case "forecast" -> {
        String region = params.path("arguments").path("region").asText();
        requireSame("Mcp-Param-Region", request, region);
        yield Optional.of(complete(McpMethods.text("sunny in " + region, false)));
      }
      case "confirm" -> Optional.of(confirm(params));
      default -> Optional.empty();
    };
  }

  /** Asks as often as the knob says. The request state counts down. A state in another form is refused. */
  private ObjectNode confirm(JsonNode params) {
    JsonNode responses = params.path("inputResponses");
    String state = params.path("requestState").asText();
    int left = state.isEmpty() ? knobs.questions : Integer.parseInt(state.replace("questions left: ", ""));
    boolean answered = responses.path("sure").path("action").asText().equals("accept");
    if (answered && left == 0)
      return complete(McpMethods.text(responses.path("sure").path("content").toString(), false));
    if (!knobs.asksAnyClient && !params.path("_meta").path(META + "clientCapabilities").has("elicitation")) {
      throw new Refused(400, MISSING_CAPABILITY, "elicitation is needed");
    }
    var result = Json.newObject().put("resultType", "input_required").put("requestState",
        "questions left: " + (left - 1));
    var question = result.putObject("inputRequests").putObject("sure").put("method", "elicitation/create");
    question.putObject("params").put("message", "Sure?").putObject("requestedSchema").put("type", "object")
        .putObject("properties").putObject("sure").put("type", "boolean").put("default", true);
    return result;
  }

  private static ObjectNode complete(ObjectNode result) {
    return result.put("resultType", "complete").put("ttlMs", 0).put("cacheScope", "private");
  }
}
