package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import social.avatarai.mcp.http.Json;

/** The refusal of a request by the MCP server, with the whole response. */
final class HttpRefusal extends RuntimeException {
  private final transient Response response;

  HttpRefusal(Response response) {
    super("HTTP " + response.status(), null, false, false);
    this.response = response;
  }

  /** A JSON-RPC error without a request id, with an HTTP error status, as MCP servers send it. */
  static HttpRefusal jsonRpc(int status, int code, String message) {
    return jsonRpc(status, NullNode.instance, error(code, message));
  }

  private static HttpRefusal jsonRpc(int status, JsonNode id, ObjectNode error) {
    var body = Json.newObject().put("jsonrpc", "2.0");
    body.set("id", id);
    body.set("error", error);
    return new HttpRefusal(Response.json(status, body));
  }

  /** A refusal as a knob describes it. */
  static HttpRefusal of(McpServerKnobs.Rejection rejection, Received request) {
    if (rejection.code() == 0) return new HttpRefusal(Response.of(rejection.status()));
    return of(rejection, request, error(rejection.code(), rejection.message()));
  }

  /** The same for a version, with the supported versions. */
  static HttpRefusal ofVersion(McpServerKnobs.Rejection rejection, Received request, List<String> supported) {
    return of(rejection, request, addSupported(error(rejection.code(), rejection.message()), supported));
  }

  private static HttpRefusal of(McpServerKnobs.Rejection rejection, Received request, ObjectNode error) {
    var id = rejection.echoesId() ? request.json().path("id") : NullNode.instance;
    return jsonRpc(rejection.status(), id, error);
  }

  /** Adds the supported versions to an error. */
  static ObjectNode addSupported(ObjectNode error, List<String> supported) {
    supported.forEach(error.putObject("data").putArray("supported")::add);
    return error;
  }

  static ObjectNode error(int code, String message) {
    return Json.newObject().put("code", code).put("message", message);
  }

  Response response() {
    return response;
  }
}
