package social.avatarai.mcp.testkit.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Reads any function's answer as an HTTP answer, as events/README.md says it is meant. */
public final class AsHttp {
  private static final ObjectMapper JSON = new ObjectMapper();

  private AsHttp() {}

  /** An answer with a status as it is; an authorizer's as what API Gateway makes of it; any other as 200. */
  public static JsonNode of(JsonNode answer) {
    if (answer.has("statusCode")) return answer;
    boolean refused = answer.has("isAuthorized") && !answer.path("isAuthorized").asBoolean();
    return JSON.createObjectNode().put("statusCode", refused ? 403 : 200).put("body", answer.toString());
  }

  /** What stands for an invocation that failed with this error. */
  public static JsonNode failed(String error) {
    String body = JSON.createObjectNode().put("error", error).toString();
    return JSON.createObjectNode().put("statusCode", 400).put("body", body);
  }
}
