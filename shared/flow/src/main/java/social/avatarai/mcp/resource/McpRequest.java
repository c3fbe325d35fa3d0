package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ProtocolVersion;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;

/**
 * One MCP request (JSON-RPC 2.0).
 *
 * @param method such as {@code tools/list}
 * @param params its parameters; null for none
 * @param elicitation what becomes of the server's questions meanwhile
 */
public record McpRequest(String method, @Nullable ObjectNode params, Elicitation elicitation) {

  /** The client we are to MCP servers. */
  private static final String CLIENT_NAME = "mcp-oauth-client";
  private static final String CLIENT_VERSION = "0.1.0";
  /** What the fields of {@code _meta} begin with that are the protocol's own. */
  private static final String RESERVED = "io.modelcontextprotocol/";

  /** A request that lets the server ask nothing. */
  public McpRequest(String method, @Nullable ObjectNode params) {
    this(method, params, Elicitation.NONE);
  }

  /** The first request of a handshake, for the newest version that has one. */
  static McpRequest initialize(Elicitation elicitation) {
    var params = Json.newObject();
    params.put("protocolVersion", ProtocolVersion.NEWEST_WITH_HANDSHAKE);
    elicitation.declareIn(params.putObject("capabilities"));
    describeUs(params.putObject("clientInfo"));
    return new McpRequest("initialize", params, elicitation);
  }

  /** Asks a server on the stateless wire what it is. */
  static McpRequest discover() {
    return new McpRequest("server/discover", null);
  }

  /**
   * The same as the stateless wire wants it: with our version, who we are and what we can do in {@code _meta} (MCP
   * 2026-07-28, basic). Capabilities that the caller declares itself stay: it answers for them.
   */
  McpRequest stateless() {
    var full = params == null ? Json.newObject() : params.deepCopy();
    var meta = full.path("_meta") instanceof ObjectNode given ? given : full.putObject("_meta");
    meta.put(RESERVED + "protocolVersion", ProtocolVersion.STATELESS);
    describeUs(meta.putObject(RESERVED + "clientInfo"));
    String capabilities = RESERVED + "clientCapabilities";
    elicitation.declareIn(meta.path(capabilities) instanceof ObjectNode own ? own : meta.putObject(capabilities));
    return new McpRequest(method, full, elicitation);
  }

  /**
   * The same once more, with what the server asked for (MCP 2026-07-28, multi round-trip requests): its state goes back
   * as it came, or not at all.
   */
  McpRequest continued(ObjectNode inputResponses, JsonNode requestState) {
    var full = params == null ? Json.newObject() : params.deepCopy();
    if (inputResponses.isEmpty()) full.remove("inputResponses");
    else
      full.set("inputResponses", inputResponses);
    if (requestState.isMissingNode()) full.remove("requestState");
    else
      full.set("requestState", requestState);
    return new McpRequest(method, full, elicitation);
  }

  /** The name of what is asked for, as the stateless wire repeats it in a header; "" for methods that name nothing. */
  String subject() {
    JsonNode given = params == null ? Json.newObject() : params;
    return switch (method) {
      case "tools/call", "prompts/get" -> given.path("name").asText();
      case "resources/read" -> given.path("uri").asText();
      default -> "";
    };
  }

  boolean isToolCall() { return method.equals("tools/call"); }

  /** The message, under a random id: an id that can be guessed can be answered by somebody else on the stream. */
  ObjectNode message(String id) {
    return notification().put("id", id);
  }

  ObjectNode notification() {
    var message = Json.newObject();
    message.put("jsonrpc", "2.0");
    message.put("method", method);
    if (params != null) message.set("params", params);
    return message;
  }

  static String freshId() {
    return Unguessable.text();
  }

  private static void describeUs(ObjectNode client) {
    client.put("name", CLIENT_NAME).put("version", CLIENT_VERSION);
  }
}
