package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.BearerGuard.Caller;

/**
 * The Streamable HTTP transport: one message per POST, and no stream that the server opens itself. It supports both
 * eras if the knobs say so: MCP 2025-11-25 and before (legacy), and MCP 2026-07-28 (modern).
 */
final class McpEndpoint {
  private final McpServerKnobs knobs;
  private final BearerGuard guard;
  private final McpSessions sessions;
  private final McpMethods methods;
  private final ModernEndpoint modern;

  McpEndpoint(McpServerKnobs knobs, String origin) {
    this.knobs = knobs;
    this.guard = new BearerGuard(knobs, origin);
    this.sessions = new McpSessions(knobs);
    this.methods = new McpMethods(knobs);
    this.modern = new ModernEndpoint(knobs, methods);
  }

  McpSessions sessions() {
    return sessions;
  }

  Response respond(Received request, @Nullable FakeAuthorizationServer protector) {
    try {
      var caller = guard.admit(request, methodOf(request), protector);
      return switch (request.method()) {
        case "POST" -> post(request, caller);
        case "DELETE" -> delete(request, caller);
        default -> Response.of(405).with("Allow", "POST, DELETE");
      };
    } catch (HttpRefusal refusal) {
      return refusal.response();
    }
  }

  /** The JSON-RPC method of a message; "" if the message is a response or is empty. */
  static String methodOf(Received request) {
    return request.json().path("method").asText();
  }

  private Response post(Received request, Caller caller) {
    if (!request.isJson()) throw HttpRefusal.jsonRpc(415, -32000, "Content-Type must be application/json");
    if (!request.accepts("application/json") || !request.accepts("text/event-stream")) {
      throw HttpRefusal.jsonRpc(406, -32000, "Accept must name application/json and text/event-stream");
    }
    var message = message(request.body());
    if (knobs.integerIdsOnly && message.path("id").isTextual()) {
      throw HttpRefusal.jsonRpc(400, -32600, "Invalid Request: the id is no integer");
    }
    String method = methodOf(request);
    boolean isRequest = !method.isEmpty() && message.has("id");
    boolean isModern = ModernEndpoint.isUsedIn(request)
        && knobs.protocolVersions.contains(ModernEndpoint.VERSION);
    if (isModern) return modern.respond(request, message, caller);
    if (knobs.handshakeVersions().isEmpty()) throw HttpRefusal.jsonRpc(400, -32602, "Bad Request: no handshake here");
    if (isRequest && method.equals("initialize")) {
      requireSpokenVersion(request);
      return initialize(message, caller);
    }
    sessions.require(request, caller, method);
    var refused = knobs.refusedMethods.get(method);
    if (refused != null) throw HttpRefusal.of(refused, request);
    return isRequest ? response(result(message, caller)) : Response.of(202);
  }

  private void requireSpokenVersion(Received request) {
    var rejection = knobs.unknownVersion;
    String version = request.json().at("/params/protocolVersion").asText();
    if (rejection == null || knobs.handshakeVersions().contains(version)) return;
    throw knobs.listsVersions
        ? HttpRefusal.ofVersion(rejection, request, knobs.protocolVersions)
        : HttpRefusal.of(rejection, request);
  }

  private Response delete(Received request, Caller caller) {
    if (knobs.sessionEndResponse != null) return knobs.sessionEndResponse;
    if (!knobs.sessions) return Response.of(405).with("Allow", "POST");
    sessions.end(request, caller);
    return Response.of(204);
  }

  private static ObjectNode message(String body) {
    var value = Json.value(body.getBytes(UTF_8))
        .orElseThrow(() -> HttpRefusal.jsonRpc(400, -32700, "Parse error"));
    boolean wellFormed = value instanceof ObjectNode && value.path("jsonrpc").asText().equals("2.0")
        && hasGoodId(value);
    if (!wellFormed) throw HttpRefusal.jsonRpc(400, -32600, "Invalid Request"); // no batches since 2025-06-18
    return (ObjectNode) value;
  }

  private static boolean hasGoodId(JsonNode message) {
    var id = message.path("id");
    return id.isTextual() || id.isIntegralNumber() || (id.isMissingNode() && message.has("method"));
  }

  private Response initialize(ObjectNode message, Caller caller) {
    var result = result(message, caller);
    if (result.has("error")) return response(result);
    return sessions.open(caller, methods.agreedVersion(message.path("params")))
        .map(id -> response(result).with(McpSessions.ID_HEADER, id)).orElseGet(() -> response(result));
  }

  private ObjectNode result(ObjectNode message, Caller caller) {
    var response = Json.newObject().put("jsonrpc", "2.0");
    response.set("id", echoed(message.path("id")));
    try {
      return response.set("result", methods.result(message.path("method").asText(), message.path("params"), caller));
    } catch (McpMethods.JsonRpcError e) {
      return response.set("error", e.error());
    }
  }

  private JsonNode echoed(JsonNode id) {
    return switch (knobs.idEcho) {
      case AS_SENT -> id;
      case WITH_FRACTION -> DecimalNode.valueOf(id.decimalValue().setScale(1, RoundingMode.UNNECESSARY));
      case AS_STRING -> TextNode.valueOf(id.asText());
    };
  }

  private Response response(ObjectNode message) {
    if (knobs.eventStream != null) return FakeEventStream.of(message, knobs.eventStream);
    return Response.json(200, knobs.batches ? FakeEventStream.batch(message) : message);
  }
}
