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
import social.avatarai.mcp.resource.HeaderValue;
import social.avatarai.mcp.resource.McpRequest;

/**
 * A client of MCP 2026-07-28: each request stands alone and states its version and capabilities in {@code _meta}.
 * Headers repeat parts of the body and must agree with it.
 */
final class ModernClient implements ClientProtocol {
  private static final String VERSION = McpRequest.RESERVED + "protocolVersion";
  private static final String SERVER_INFO = McpRequest.RESERVED + "serverInfo";
  private static final String TYPE = "resultType";
  /** The results that say how long they may be kept (MCP 2026-07-28, caching). */
  private static final Set<String> CACHEABLE = Set.of("tools/list", "prompts/list", "resources/list",
      "resources/templates/list", "resources/read");
  private static final Set<String> NOT_OFFERED = Set.of("initialize", "resources/subscribe", "resources/unsubscribe",
      "subscriptions/listen");

  /** Whether a request states a version as clients of this era do. */
  static boolean isDeclaredIn(Request request) {
    return !request.meta(VERSION).isMissingNode();
  }

  @Override
  public Optional<RpcFault> fault(MessageHeaders headers, Request request) {
    return ofVersion(headers, request).or(() -> ofMetadata(request)).or(() -> ofMethod(headers, request))
        .or(() -> ofName(headers, request));
  }

  /** MCP 2026-07-28, streamable HTTP, protocol version header. */
  private static Optional<RpcFault> ofVersion(MessageHeaders headers, Request request) {
    String header = headers.protocolVersion();
    String body = request.meta(VERSION).textValue();
    if (header == null) return mismatch("MCP-Protocol-Version is missing.");
    if (body != null && !header.equals(body)) {
      return mismatch("MCP-Protocol-Version differs from the version in _meta.");
    }
    return header.equals(ProtocolVersion.MODERN)
        ? Optional.empty()
        : Optional.of(RpcFault.unsupportedVersion(ProtocolVersion.all(), header));
  }

  /** MCP 2026-07-28, basic, per-request protocol fields: version and capabilities are required. */
  private static Optional<RpcFault> ofMetadata(Request request) {
    if (!request.meta(VERSION).isTextual()) return missing(VERSION);
    return request.meta(McpRequest.CAPABILITIES).isObject() ? Optional.empty() : missing(McpRequest.CAPABILITIES);
  }

  private static Optional<RpcFault> missing(String name) {
    return Optional.of(RpcFault.invalidParams("The request lacks " + name + " in params._meta."));
  }

  /** MCP 2026-07-28, streamable HTTP, standard request headers and server validation. */
  private static Optional<RpcFault> ofMethod(MessageHeaders headers, Request request) {
    String header = headers.method();
    if (header == null) return mismatch("Mcp-Method is missing.");
    return header.equals(request.method()) ? Optional.empty() : mismatch("Mcp-Method differs from the method.");
  }

  private static Optional<RpcFault> ofName(MessageHeaders headers, Request request) {
    String subject = new McpRequest(request.method(), request.params()).subject();
    String header = headers.name();
    if (header == null) {
      return subject.isEmpty() || isOfTask(request) ? Optional.empty() : mismatch("Mcp-Name is missing.");
    }
    boolean isSame = !subject.isEmpty() && HeaderValue.read(header).filter(subject::equals).isPresent();
    return isSame ? Optional.empty() : mismatch("Mcp-Name differs from what the request names.");
  }

  /**
   * SEP-2663, routing headers: a client must send the header for tasks too. Clients of the Python SDK do not. The
   * server gets the header nevertheless.
   */
  private static boolean isOfTask(Request request) {
    return request.method().startsWith("tasks/");
  }

  private static Optional<RpcFault> mismatch(String why) {
    return Optional.of(RpcFault.headerMismatch(why));
  }

  @Override
  public Route route(Request request) {
    if (request.method().equals("server/discover")) return new Route.Describe();
    return NOT_OFFERED.contains(request.method())
        // MCP 2026-07-28, streamable HTTP: a method that is not implemented is 404.
        ? new Route.NotOffered(RpcFault.unknownMethod(404, "There is no such method here."))
        : new Route.Ask(ClientRequest.of(request));
  }

  @Override
  public boolean hasSessions() {
    return false;
  }

  @Override
  public ObjectNode described(Request request, JsonNode description, ConnectionId connection) {
    var result = Json.newObject();
    var versions = result.putArray("supportedVersions");
    ProtocolVersion.all().forEach(versions::add);
    result.set("capabilities", ServerCapabilities.of(description));
    if (description.path("instructions").isTextual()) result.set("instructions", description.get("instructions"));
    JsonNode serverInfo = description.path("serverInfo");
    if (serverInfo.isObject()) result.putObject("_meta").set(SERVER_INFO, serverInfo);
    keepLike(description, result);
    return RpcFault.result(request.id(), result.put(TYPE, "complete"));
  }

  /**
   * A result of a legacy server has neither a type nor a time for which it may be kept, and both are required. Members of
   * its own with these names mean something else.
   */
  @Override
  public ObjectNode response(Request request, Access.Answered answered) {
    if (!(answered.result() instanceof ObjectNode object)) return RpcFault.result(request.id(), answered.result());
    var shaped = object.deepCopy();
    if (!answered.isTyped() || !shaped.path(TYPE).isTextual()) shaped.put(TYPE, "complete");
    if (CACHEABLE.contains(request.method()) && shaped.path(TYPE).asText().equals("complete")) {
      keepLike(answered.isTyped() ? object : Json.newObject(), shaped);
    }
    return RpcFault.result(request.id(), shaped);
  }

  /** Sets how long a result may be kept: as the server says, or not at all. */
  private static void keepLike(JsonNode said, ObjectNode result) {
    boolean isSaid = said.path("ttlMs").isNumber() && said.path("cacheScope").isTextual();
    if (isSaid) result.<ObjectNode>set("ttlMs", said.get("ttlMs")).set("cacheScope", said.get("cacheScope"));
    else
      result.put("ttlMs", 0).put("cacheScope", "private");
  }

  /** MCP 2026-07-28: an unknown method is 404, and the errors of the protocol are 400. */
  @Override
  public int status(JsonNode error) {
    if (RpcFault.isUnknownMethod(error)) return 404;
    return RpcFault.isOfProtocol(error) ? 400 : 200;
  }
}
