package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import social.avatarai.mcp.http.Json;

/** The refusal of a request by an authorization server, in the form of RFC 6749 §5.2 and RFC 7591 §3.2.2. */
final class Refusal extends RuntimeException {
  private final int status;
  private final String error;

  Refusal(int status, String error, String description) {
    super(description, null, false, false);
    this.status = status;
    this.error = error;
  }

  static Refusal invalidRequest(String description) {
    return new Refusal(400, "invalid_request", description);
  }

  static Refusal invalidGrant(String description) {
    return new Refusal(400, "invalid_grant", description);
  }

  static Refusal invalidClient(String description) {
    return new Refusal(401, "invalid_client", description);
  }

  int status() {
    return status;
  }

  String error() {
    return error;
  }

  String description() {
    return String.valueOf(getMessage());
  }

  ObjectNode body() {
    var body = Json.newObject().put("error", error);
    return description().isEmpty() ? body : body.put("error_description", description());
  }

  Response response() {
    return challenged(Response.json(status, body()).with("Cache-Control", "no-store"));
  }

  /** RFC 6749 §5.2: the response to a failed client authentication names a scheme. */
  Response challenged(Response response) {
    return error.equals("invalid_client") ? response.with("WWW-Authenticate", "Basic realm=\"clients\"") : response;
  }
}
