package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What may be a secret in a record, and has no store of its own: kept with the record it would stand there for all to
 * read. A secret is told by its member's name: a text below such a name, however deep, or headers, which carry them under
 * any name.
 */
final class PlainSecrets {
  private static final Pattern NAME = Pattern.compile(
      "secret|token|passw|passphrase|key|jwt|assertion|credential|pem|bearer|cookie",
      Pattern.CASE_INSENSITIVE);
  private static final Set<String> HARMLESS = Set.of("token_endpoint_auth_method", "token_type", "has_client_secret",
      "token_endpoint", "keywords");

  private PlainSecrets() {}

  /** Whether any is in what is left of a record when the secrets that have a store have been taken out. */
  static boolean areIn(ObjectNode document) {
    var rest = document.deepCopy();
    // The server's own words: names of what it can do.
    boolean headers = isFound(rest.path("capabilities"), false, false);
    rest.remove("capabilities");
    // Judged and pruned already: what is left of them says when, for how long, and for what.
    if (rest.get("authorization") instanceof ObjectNode authorization
        && authorization.get("credentials") instanceof ObjectNode) {
      authorization.remove("credentials");
    }
    return headers || isFound(rest, true, false);
  }

  private static boolean isFound(JsonNode node, boolean namesCount, boolean belowName) {
    if (node.isTextual()) return belowName && !node.textValue().isEmpty();
    if (node.isArray()) return node.valueStream().anyMatch(element -> isFound(element, namesCount, belowName));
    return node.propertyStream().anyMatch(member -> isHeaders(member)
        || isFound(member.getValue(), namesCount, belowName || (namesCount && isName(member.getKey()))));
  }

  private static boolean isHeaders(Map.Entry<String, JsonNode> member) {
    var value = member.getValue();
    boolean text = value.isTextual() && !value.textValue().isEmpty();
    // As a text it is the header; as an object, the part of a record that is called so.
    if (member.getKey().equalsIgnoreCase("authorization")) return text;
    return member.getKey().equalsIgnoreCase("headers") && (text || !value.isEmpty());
  }

  private static boolean isName(String name) {
    return !HARMLESS.contains(name) && NAME.matcher(name).find();
  }
}
