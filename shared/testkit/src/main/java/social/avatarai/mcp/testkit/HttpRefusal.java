package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
    var body = Json.newObject().put("jsonrpc", "2.0").putNull("id");
    body.set("error", error(code, message));
    return new HttpRefusal(Response.json(status, body));
  }

  static ObjectNode error(int code, String message) {
    return Json.newObject().put("code", code).put("message", message);
  }

  Response response() {
    return response;
  }
}
