package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;

/**
 * One MCP request (JSON-RPC 2.0).
 *
 * @param method such as {@code tools/list}
 * @param params its parameters; null for none
 */
public record McpRequest(String method, @Nullable ObjectNode params) {

  /** The client we are to MCP servers. */
  private static final String CLIENT_NAME = "mcp-oauth-client";
  private static final String CLIENT_VERSION = "0.1.0";

  /** The first request of a handshake, for the newest version that has one. */
  static McpRequest initialize() {
    var params = Json.newObject();
    params.put("protocolVersion", ProtocolVersion.NEWEST_WITH_HANDSHAKE);
    params.putObject("capabilities");
    params.putObject("clientInfo").put("name", CLIENT_NAME).put("version", CLIENT_VERSION);
    return new McpRequest("initialize", params);
  }

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
}
