package social.avatarai.mcp.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ProtocolVersion;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.proxy.ClientMessage.Request;
import social.avatarai.mcp.resource.Access;

/** A client of MCP 2024-11-05 to 2025-11-25: a handshake comes first, and a session may follow from it. */
final class LegacyClient implements ClientProtocol {
  private static final String TYPE = "resultType";
  private static final Set<String> NOT_OFFERED = Set.of("server/discover", "resources/subscribe",
      "resources/unsubscribe", "subscriptions/listen");

  /** The version that a client proposes in {@code initialize} may be unknown: the response then offers another one. */
  @Override
  public Optional<RpcFault> fault(MessageHeaders headers, Request request) {
    if (!request.method().equals("initialize")) return Optional.empty();
    return request.param("protocolVersion").isTextual()
        ? Optional.empty()
        : Optional.of(RpcFault.invalidParams("The parameter protocolVersion is missing."));
  }

  @Override
  public Route route(Request request) {
    return switch (request.method()) {
      case "initialize" -> new Route.Describe();
      // A modern server knows no ping, and its sender asks whether we are here.
      case "ping" -> new Route.OwnResult(Json.newObject());
      case String method when NOT_OFFERED.contains(method) ->
        new Route.NotOffered(RpcFault.unknownMethod(200, "There is no such method here."));
      default -> new Route.Ask(ClientRequest.of(request));
    };
  }

  @Override
  public boolean hasSessions() {
    return true;
  }

  /** MCP 2025-11-25, basic/lifecycle, version negotiation: the proposed version, or the newest one of this era. */
  @Override
  public ObjectNode described(Request request, JsonNode description, ConnectionId connection) {
    String proposed = request.param("protocolVersion").asText();
    var result = Json.newObject().put("protocolVersion",
        ProtocolVersion.isLegacy(proposed) ? proposed : ProtocolVersion.NEWEST_LEGACY);
    result.set("capabilities", ServerCapabilities.of(description));
    result.set("serverInfo", serverInfo(description.path("serverInfo"), connection));
    if (description.path("instructions").isTextual()) result.set("instructions", description.get("instructions"));
    return RpcFault.result(request.id(), result);
  }

  /** Name and version are required in this era, and only recommended in the modern one. */
  private static ObjectNode serverInfo(JsonNode said, ConnectionId connection) {
    var info = said instanceof ObjectNode object ? object.deepCopy() : Json.newObject();
    if (!info.path("name").isTextual()) info.put("name", connection.value());
    if (!info.path("version").isTextual()) info.put("version", "unknown");
    return info;
  }

  /** To a legacy server the type is a member like any other. */
  @Override
  public ObjectNode response(Request request, Access.Answered answered) {
    JsonNode type = answered.result().path(TYPE);
    if (!answered.isTyped() || type.isMissingNode()) return RpcFault.result(request.id(), answered.result());
    return switch (type.asText()) {
      case "complete" -> {
        var shaped = ((ObjectNode) answered.result()).deepCopy();
        shaped.remove(TYPE);
        yield RpcFault.result(request.id(), shaped);
      }
      case "input_required" -> RpcFault.unusableResult("The server asks for input before it carries the request out, "
          + "which a client of this protocol version cannot give.").body(request.id());
      default -> RpcFault.unusableResult("The server answers with a result of a type that a client of this protocol "
          + "version cannot understand. The request may have been carried out.").body(request.id());
    };
  }

  @Override
  public int status(JsonNode error) {
    return 200;
  }
}
