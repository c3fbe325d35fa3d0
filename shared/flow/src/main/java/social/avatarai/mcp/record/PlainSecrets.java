package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/**
 * Finds texts in a record that may be secrets and have no store of their own. If the record kept them, every reader of
 * the record could read them. The name of a member marks a secret: every text below such a name, at any depth. Headers
 * count too, because they carry secrets under any name.
 */
final class PlainSecrets {
  private static final Pattern NAME = Pattern.compile(
      "secret|token|passw|passphrase|key|jwt|assertion|credential|pem|bearer|cookie",
      Pattern.CASE_INSENSITIVE);
  /** A shorter value may be a common word. */
  private static final int MIN_LENGTH = 16;
  /** A path that is shown in an error. */
  private static final Pattern SHOWN = Pattern.compile("[A-Za-z0-9_.-]{1,120}");
  private static final Set<String> HARMLESS = Set.of("token_endpoint_auth_method", "token_type", "has_client_secret",
      "token_endpoint", "keywords");

  private PlainSecrets() {}

  /** Refuses a record that still has such a text after the secrets with a store of their own were removed. */
  static void requireNoneIn(ObjectNode document) {
    var rest = document.deepCopy();
    // Names in the capabilities are the server's own words.
    var found = find(rest.path("capabilities"), "capabilities", false, false);
    rest.remove("capabilities");
    // The credentials were pruned before: only times, scope and token type are left.
    if (rest.get("authorization") instanceof ObjectNode authorization
        && authorization.get("credentials") instanceof ObjectNode) {
      authorization.remove("credentials");
    }
    found.or(() -> find(rest, "", true, false)).ifPresent(member -> {
      throw refused(member);
    });
  }

  /** Whether a value of at least {@value #MIN_LENGTH} characters stands in a text or in the name of a member. */
  static boolean isRepeatedIn(JsonNode node, String secret) {
    if (secret.length() < MIN_LENGTH) return false;
    if (node.isTextual()) return node.textValue().contains(secret);
    if (node.isArray()) return node.valueStream().anyMatch(element -> isRepeatedIn(element, secret));
    return node.propertyStream()
        .anyMatch(member -> member.getKey().contains(secret) || isRepeatedIn(member.getValue(), secret));
  }

  private static Failure refused(String member) {
    return new Failure.BadRequest(ErrorCode.UNSUPPORTED_RECORD, "The record's " + shown(member)
        + " may be a secret and has no store here. A header belongs into endpoint.headers; a client_secret, and by the "
        + "authorization.method a token (bearer) or an api_key (api_key), into authorization.config; another secret does "
        + "not belong into a record.");
  }

  /** A name with other characters may be a secret itself. */
  private static String shown(String member) {
    return SHOWN.matcher(member).matches() ? member : "member with a name of its own";
  }

  /** The path of the first text; empty if there is none. */
  private static Optional<String> find(JsonNode node, String path, boolean namesCount, boolean belowName) {
    if (node.isTextual()) return Optional.of(path).filter(_ -> belowName && !node.textValue().isEmpty());
    var members = node.isArray() ? node.valueStream().map(element -> Map.entry("", element)) : node.propertyStream();
    return members.flatMap(member -> find(member, path, namesCount, belowName).stream()).findFirst();
  }

  private static Optional<String> find(Map.Entry<String, JsonNode> member, String path, boolean namesCount,
      boolean belowName) {
    String name = member.getKey();
    String here = Stream.of(path, name).filter(part -> !part.isEmpty()).collect(Collectors.joining("."));
    return isHeaders(member)
        ? Optional.of(here)
        : find(member.getValue(), here, namesCount, belowName || (namesCount && isName(name)));
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
