package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Members of a JSON document that a test changes against the fake's values. */
final class Overrides {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Map<String, JsonNode> members = new LinkedHashMap<>();

  /** Any value that Jackson can write; null for a JSON null. */
  void set(String member, @Nullable Object value) {
    members.put(member, MAPPER.valueToTree(value));
  }

  void remove(String... names) {
    for (String name : names)
      members.put(name, MissingNode.getInstance());
  }

  ObjectNode applyTo(ObjectNode document) {
    members.forEach((name, value) -> {
      if (value.isMissingNode()) document.remove(name);
      else
        document.set(name, value);
    });
    return document;
  }
}
