package social.avatarai.mcp.testkit.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Turns any function's response into an HTTP response, as events/README.md defines. */
public final class AsHttp {
  private static final ObjectMapper JSON = new ObjectMapper();

  private AsHttp() {}

  /**
   * A response with a status stays as it is. An authorizer's response becomes what API Gateway makes of it. Any other
   * becomes a 200.
   */
  public static JsonNode of(JsonNode response) {
    if (response.has("statusCode")) return response;
    boolean refused = response.has("isAuthorized") && !response.path("isAuthorized").asBoolean();
    return JSON.createObjectNode().put("statusCode", refused ? 403 : 200).put("body", response.toString());
  }

  /** The HTTP response for an invocation that failed with this error. */
  public static JsonNode failed(String error) {
    String body = JSON.createObjectNode().put("error", error).toString();
    return JSON.createObjectNode().put("statusCode", 400).put("body", body);
  }
}
