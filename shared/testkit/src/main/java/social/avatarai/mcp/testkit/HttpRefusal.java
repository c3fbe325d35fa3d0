package social.avatarai.mcp.testkit;

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
    var body = Json.newObject().put("jsonrpc", "2.0").putNull("id");
    body.set("error", error(code, message));
    return new HttpRefusal(Response.json(status, body));
  }

  /** A refusal as a knob describes it. */
  static HttpRefusal of(McpServerKnobs.Told told, Received request) {
    if (told.code() == 0) return new HttpRefusal(Response.of(told.status()));
    return new HttpRefusal(Response.json(told.status(), body(told, request)));
  }

  /** The same for a version, with the supported versions. */
  static HttpRefusal ofVersion(McpServerKnobs.Told told, Received request, List<String> supported) {
    var body = body(told, request);
    var list = ((ObjectNode) body.path("error")).putObject("data").putArray("supported");
    supported.forEach(list::add);
    return new HttpRefusal(Response.json(told.status(), body));
  }

  private static ObjectNode body(McpServerKnobs.Told told, Received request) {
    var body = Json.newObject().put("jsonrpc", "2.0").putNull("id");
    if (told.echoesId()) body.set("id", request.json().path("id"));
    return body.set("error", error(told.code(), told.message()));
  }

  static ObjectNode error(int code, String message) {
    return Json.newObject().put("code", code).put("message", message);
  }

  Response response() {
    return response;
  }
}
