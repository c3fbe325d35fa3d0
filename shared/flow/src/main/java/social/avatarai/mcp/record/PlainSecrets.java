package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds texts in a record that may be secrets and have no store of their own. If the record kept them, every reader of
 * the record could read them. The name of a member marks a secret: every text below such a name, at any depth. Headers
 * count too, because they carry secrets under any name.
 */
final class PlainSecrets {
  private static final Pattern NAME = Pattern.compile(
      "secret|token|passw|passphrase|key|jwt|assertion|credential|pem|bearer|cookie",
      Pattern.CASE_INSENSITIVE);
  private static final Set<String> HARMLESS = Set.of("token_endpoint_auth_method", "token_type", "has_client_secret",
      "token_endpoint", "keywords");

  private PlainSecrets() {}

  /** Whether a record still has such a text after the secrets with a store of their own were removed. */
  static boolean areIn(ObjectNode document) {
    var rest = document.deepCopy();
    // Names in the capabilities are the server's own words.
    boolean headers = isFound(rest.path("capabilities"), false, false);
    rest.remove("capabilities");
    // The credentials were pruned before: only times, scope and token type are left.
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
    // A text is the header; an object is the member of the record with this name.
    if (member.getKey().equalsIgnoreCase("authorization")) return text;
    return member.getKey().equalsIgnoreCase("headers") && (text || !value.isEmpty());
  }

  private static boolean isName(String name) {
    return !HARMLESS.contains(name) && NAME.matcher(name).find();
  }
}
