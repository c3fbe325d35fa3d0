package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;

/**
 * One MCP request (JSON-RPC 2.0).
 *
 * @param method such as {@code tools/list}
 * @param params the parameters; null for none
 * @param elicitation how the client treats the questions that the server asks meanwhile
 */
public record McpRequest(String method, @Nullable ObjectNode params, Elicitation elicitation) {

  /** How this service names itself to MCP servers. */
  private static final String CLIENT_NAME = "mcp-oauth-client";
  private static final String CLIENT_VERSION = "0.1.0";
  /** The prefix of those fields of {@code _meta} that the protocol itself defines. */
  public static final String RESERVED = "io.modelcontextprotocol/";
  /** The field of {@code _meta} with the capabilities of the client. */
  public static final String CAPABILITIES = RESERVED + "clientCapabilities";

  /** The methods that only ask for something. A method that is not listed may run a tool. */
  private static final Set<String> READING = Set.of("initialize", "server/discover", "ping", "tools/list",
      "prompts/list", "prompts/get", "resources/list", "resources/templates/list", "resources/read");

  /** A request that lets the server ask nothing. */
  public McpRequest(String method, @Nullable ObjectNode params) {
    this(method, params, Elicitation.NONE);
  }

  /** The first request of a handshake, which proposes this version. */
  static McpRequest initialize(String version, Elicitation elicitation) {
    var params = Json.newObject();
    params.put("protocolVersion", version);
    elicitation.declareIn(params.putObject("capabilities"));
    describeClient(params.putObject("clientInfo"));
    return new McpRequest("initialize", params, elicitation);
  }

  /** Asks a server to describe itself. */
  static McpRequest discover() {
    return new McpRequest("server/discover", null);
  }

  /**
   * The same request with the version, the client and its capabilities in {@code _meta} (MCP 2026-07-28, basic).
   * Capabilities that the caller declares itself stay: the caller is responsible for them.
   */
  McpRequest selfContained(String version) {
    var full = params == null ? Json.newObject() : params.deepCopy();
    var meta = full.path("_meta") instanceof ObjectNode given ? given : full.putObject("_meta");
    meta.put(RESERVED + "protocolVersion", version);
    describeClient(meta.putObject(RESERVED + "clientInfo"));
    elicitation.declareIn(meta.path(CAPABILITIES) instanceof ObjectNode own ? own : meta.putObject(CAPABILITIES));
    return new McpRequest(method, full, elicitation);
  }

  /**
   * The same request with the input that the server asked for (MCP 2026-07-28, multi round-trip requests). The server's
   * state is sent back unchanged; where the server gave none, none is sent.
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

  /**
   * The tool, prompt, resource or task that the request names, which the header {@code Mcp-Name} repeats; "" where it
   * names nothing.
   */
  public String subject() {
    JsonNode given = params == null ? Json.newObject() : params;
    return switch (method) {
      // MCP 2026-07-28, streamable HTTP, standard request headers.
      case "tools/call", "prompts/get" -> given.path("name").asText();
      case "resources/read" -> given.path("uri").asText();
      // SEP-2663, tasks extension, routing headers.
      case "tasks/get", "tasks/update", "tasks/cancel" -> given.path("taskId").asText();
      default -> "";
    };
  }

  /** Whether this is the first request of a handshake. */
  boolean isHandshake() { return method.equals("initialize"); }

  /**
   * Whether the caller declares extensions, which may have types of results of their own (MCP 2026-07-28, basic, result
   * type).
   */
  boolean declaresExtensions() {
    return params != null && !params.path("_meta").path(CAPABILITIES).path("extensions").isEmpty();
  }

  boolean isToolCall() { return method.equals("tools/call"); }

  /** Whether the server carries nothing out for this request, so that it can be sent once more. */
  boolean carriesNothingOut() {
    return READING.contains(method);
  }

  /**
   * The message. Its id must be random: if an id can be guessed, a stranger on the stream can forge the response. It is
   * an integer, because servers exist that know no strings.
   */
  ObjectNode message(long id) {
    return notification().put("id", id);
  }

  ObjectNode notification() {
    var message = Json.newObject();
    message.put("jsonrpc", "2.0");
    message.put("method", method);
    if (params != null) message.set("params", params);
    return message;
  }

  static long freshId() {
    return Unguessable.integer();
  }

  /**
   * Tells the server that the client no longer waits for the response to this request (MCP 2025-11-25, basic,
   * cancellation).
   */
  static ObjectNode cancelled(long id) {
    var params = Json.newObject().put("requestId", id).put("reason", "The client has given up.");
    return new McpRequest("notifications/cancelled", params).notification();
  }

  private static void describeClient(ObjectNode client) {
    client.put("name", CLIENT_NAME).put("version", CLIENT_VERSION);
  }
}
