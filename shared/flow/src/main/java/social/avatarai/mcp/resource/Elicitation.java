package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.stream.Collectors;
import social.avatarai.mcp.http.Json;

/** How the client treats a server's questions to the user (MCP, client/elicitation) while a request is under way. */
public enum Elicitation {
  /** The client declares that it answers no question. */
  NONE,
  /** The client declares that it fills in forms, and fills them in with the defaults of their schema. */
  DEFAULTS;

  static final String METHOD = "elicitation/create";

  /**
   * Adds elicitation to the declared capabilities. An empty object means forms in every version that has elicitation.
   */
  void declareIn(ObjectNode capabilities) {
    if (this == DEFAULTS) capabilities.putObject("elicitation");
  }

  /**
   * The reply to a question: the form with its defaults. The client declines where a required field has no default, and
   * where the question is not a form, because no user is present to open a page.
   */
  static ObjectNode byDefault(JsonNode params) {
    boolean form = params.path("mode").asText("form").equals("form");
    JsonNode schema = params.path("requestedSchema");
    var content = defaults(schema.path("properties"));
    if (!form || !required(schema).stream().allMatch(content::has)) return Json.newObject().put("action", "decline");
    var reply = Json.newObject().put("action", "accept");
    reply.set("content", content);
    return reply;
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
