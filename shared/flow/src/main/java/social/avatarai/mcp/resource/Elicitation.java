package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.stream.Collectors;
import social.avatarai.mcp.http.Json;

/** What becomes of a server's questions to the user (MCP, client/elicitation) while a request is under way. */
public enum Elicitation {
  /** We declare that we answer none. */
  NONE,
  /** We declare forms, and fill them in with the defaults of their schema. */
  DEFAULTS;

  static final String METHOD = "elicitation/create";

  /** Adds what we declare to our capabilities. An empty object stands for forms in every version that has elicitation. */
  void declareIn(ObjectNode capabilities) {
    if (this == DEFAULTS) capabilities.putObject("elicitation");
  }

  /**
   * The answer to a question: the defaults, accepted; declined where a required field has no default, and where the
   * question is none of a form, since nobody is there to open a page.
   */
  static ObjectNode byDefault(JsonNode params) {
    boolean form = params.path("mode").asText("form").equals("form");
    JsonNode schema = params.path("requestedSchema");
    var content = defaults(schema.path("properties"));
    if (!form || !required(schema).stream().allMatch(content::has)) return Json.newObject().put("action", "decline");
    var answer = Json.newObject().put("action", "accept");
    answer.set("content", content);
    return answer;
  }

  private static ObjectNode defaults(JsonNode properties) {
    var content = Json.newObject();
    properties.properties().stream().filter(property -> property.getValue().hasNonNull("default"))
        .forEach(property -> content.set(property.getKey(), property.getValue().get("default")));
    return content;
  }

  private static Set<String> required(JsonNode schema) {
    return schema.path("required").valueStream().map(JsonNode::asText).collect(Collectors.toSet());
  }
}
