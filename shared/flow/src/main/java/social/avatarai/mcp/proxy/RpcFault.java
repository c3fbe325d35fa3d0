package social.avatarai.mcp.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.http.Json;

/**
 * Why a client's message is refused: a JSON-RPC error of this service, not of the server.
 *
 * @param status the HTTP status that the MCP specification demands
 * @param code the code of the error
 * @param message our own text, which repeats nothing of the client's message
 * @param data more about the error; null for nothing
 */
record RpcFault(int status, int code, String message, @Nullable ObjectNode data) {
  /** JSON-RPC 2.0 §5.1. */
  private static final int PARSE_ERROR = -32700;
  private static final int INVALID_REQUEST = -32600;
  private static final int METHOD_NOT_FOUND = -32601;
  private static final int INVALID_PARAMS = -32602;
  private static final int INTERNAL_ERROR = -32603;
  /** MCP 2026-07-28, basic, error codes. */
  private static final int HEADER_MISMATCH = -32020;
  private static final int UNSUPPORTED_VERSION = -32022;

  static RpcFault unreadable(String why) {
    return new RpcFault(400, PARSE_ERROR, why, null);
  }

  static RpcFault invalid(String why) {
    return invalid(400, why);
  }

  static RpcFault invalid(int status, String why) {
    return new RpcFault(status, INVALID_REQUEST, why, null);
  }

  static RpcFault invalidParams(String why) {
    return new RpcFault(400, INVALID_PARAMS, why, null);
  }

  /** @param status the status with which the era of the client reports a method that does not exist */
  static RpcFault unknownMethod(int status, String why) {
    return new RpcFault(status, METHOD_NOT_FOUND, why, null);
  }

  /** A result of the server that the client cannot understand. */
  static RpcFault unusableResult(String why) {
    return new RpcFault(200, INTERNAL_ERROR, why, null);
  }

  static RpcFault headerMismatch(String why) {
    return new RpcFault(400, HEADER_MISMATCH, "Header mismatch: " + why, null);
  }

  /** @param versions the versions that are supported */
  static RpcFault unsupportedVersion(Iterable<String> versions, String requested) {
    var data = Json.newObject();
    var supported = data.putArray("supported");
    versions.forEach(supported::add);
    data.put("requested", requested);
    return new RpcFault(400, UNSUPPORTED_VERSION, "Unsupported protocol version", data);
  }

  /** A session that this service did not give to this user for this connection, or that has ended. */
  static RpcFault unknownSession() {
    return invalid(404, "The session is unknown or has ended: begin another one with initialize.");
  }

  static boolean isUnknownMethod(JsonNode error) {
    return error.path("code").asInt() == METHOD_NOT_FOUND;
  }

  /** Whether the code is one of those that MCP 2026-07-28 reserves for errors of the protocol. */
  static boolean isOfProtocol(JsonNode error) {
    int code = error.path("code").asInt();
    return code <= HEADER_MISMATCH && code >= UNSUPPORTED_VERSION;
  }

  /**
   * The error of a server as a client can read it. It stays as it is, unless it lacks what every error must have.
   *
   * @param error the error, attacker-controlled
   */
  static JsonNode readable(JsonNode error) {
    if (error.path("code").isIntegralNumber() && error.path("message").isTextual()) return error;
    var readable = Json.newObject().put("code", INTERNAL_ERROR).put("message",
        "The MCP server answered with an error that lacks a code or a message.");
    return readable.set("data", error);
  }

  /** @param id the id of the request; null where it could not be read */
  ObjectNode body(@Nullable JsonNode id) {
    var error = Json.newObject().put("code", code).put("message", message);
    if (data != null) error.set("data", data);
    return error(id, error);
  }

  static ObjectNode error(@Nullable JsonNode id, JsonNode error) {
    return response(id).set("error", error);
  }

  static ObjectNode result(JsonNode id, JsonNode result) {
    return response(id).set("result", result);
  }

  /** MCP 2026-07-28, basic: an error to a request whose id could not be read has no id. */
  private static ObjectNode response(@Nullable JsonNode id) {
    var message = Json.newObject().put("jsonrpc", "2.0");
    if (id != null) message.set("id", id);
    return message;
  }
}
