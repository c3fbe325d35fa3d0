package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/**
 * Finds texts in a record that may be secrets and have no store of their own. If the record kept them, every reader of
 * the record could read them. The name of a member marks a secret: every text below such a name, at any depth, every number
 * of at least {@value #MIN_DIGITS} digits that is no time, and every list of at least {@value #MIN_LENGTH} bytes; see
 * {@link SecretName}. Headers count too, because they carry secrets under any name.
 *
 * <p>In a JSON Schema a name is that of a parameter, if its value is a schema again: {@code token} there says that a tool
 * takes a token. Only the values that the schema gives such a parameter may be secrets.
 */
final class PlainSecrets {
  /** A shorter value may be a common word. */
  private static final int MIN_LENGTH = 16;
  /** A shorter number says how many, or how long. */
  private static final int MIN_DIGITS = 8;
  private static final int MAX_PATH_LENGTH = 120;
  private static final Set<String> SCHEMAS = Set.of("schema", "inputSchema", "outputSchema");
  /** The members of a schema that give values: JSON Schema 2020-12, validation §6.1.2, §6.1.3, §9.2, §9.5. */
  private static final Set<String> VALUES = Set.of("const", "enum", "default", "examples");

  private PlainSecrets() {}

  /** Refuses a record that still has such a text after the secrets with a store of their own were removed. */
  static void requireNoneIn(ObjectNode document) {
    firstIn(document).ifPresent(member -> {
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
    return new Failure.BadRequest(ErrorCode.UNSUPPORTED_RECORD, "The record's " + member
        + " may be a secret and has no store here. A header belongs into endpoint.headers; a client_secret, and by the "
        + "authorization.method a token (bearer) or an api_key (api_key), into authorization.config; tokens into "
        + "authorization.credentials; another secret does not belong into a record.");
  }

  /**
   * The path of the first such text that a record still has after the secrets with a store of their own were removed.
   */
  static Optional<String> firstIn(ObjectNode document) {
    var rest = document.deepCopy();
    // Names in the capabilities are the server's own words.
    var headers = find(rest.path("capabilities"), "capabilities", Below.of(false));
    rest.remove("capabilities");
    // The credentials were pruned before: only times, scope and token type are left.
    if (rest.get("authorization") instanceof ObjectNode authorization
        && authorization.get("credentials") instanceof ObjectNode) {
      authorization.remove("credentials");
    }
    return headers.or(() -> find(rest, "", Below.of(true))).map(PlainSecrets::shortened);
  }

  private static String shortened(String path) {
    return path.length() <= MAX_PATH_LENGTH ? path : path.substring(0, MAX_PATH_LENGTH) + "…";
  }

  /**
   * Where a member is.
   *
   * @param namesCount whether the names of members mark secrets there
   * @param marked whether such a name is above
   * @param inSchema whether it is in a JSON Schema
   * @param ofParameter whether it is in the schema of a parameter with such a name
   */
  private record Below(boolean namesCount, boolean marked, boolean inSchema, boolean ofParameter) {
    static Below of(boolean namesCount) {
      return new Below(namesCount, false, false, false);
    }

    Below member(String name, JsonNode value) {
      if (!namesCount || marked) return this;
      boolean named = SecretName.is(name);
      if (inSchema && named && value.isObject()) return new Below(true, false, true, true);
      boolean given = ofParameter && VALUES.contains(name);
      return new Below(true, named || given, inSchema || (SCHEMAS.contains(name) && value.isObject()), ofParameter);
    }
  }

  private static Optional<String> find(JsonNode node, String path, Below below) {
    if (node.isValueNode()) return below.marked && saysMuch(node) ? Optional.of(path) : Optional.empty();
    if (node.isArray()) {
      if (below.marked && isBytes(node)) return Optional.of(path);
      return node.valueStream().flatMap(element -> find(element, path, below).stream()).findFirst();
    }
    return node.propertyStream().flatMap(member -> {
      String there = (path.isEmpty() ? "" : path + ".") + RecordFields.shown(member.getKey());
      return isHeaders(member, below.inSchema())
          ? Stream.of(there)
          : find(member.getValue(), there, below.member(member.getKey(), member.getValue())).stream();
    }).findFirst();
  }

  private static boolean saysMuch(JsonNode value) {
    if (value.isTextual()) return !value.textValue().isEmpty();
    int digits = value.isNumber() ? value.asText().length() : 0;
    // A time in seconds has 10 digits, and one in milliseconds 13.
    return digits >= MIN_DIGITS && digits != 10 && digits != 13;
  }

  private static boolean isBytes(JsonNode list) {
    return list.size() >= MIN_LENGTH && list.valueStream().allMatch(JsonNode::isNumber);
  }

  private static boolean isHeaders(Map.Entry<String, JsonNode> member, boolean inSchema) {
    var value = member.getValue();
    boolean text = value.isTextual() && !value.textValue().isEmpty();
    // A text is the header; an object is the member of the record with this name.
    if (member.getKey().equalsIgnoreCase("authorization")) return text;
    boolean parameter = inSchema && value.isObject();
    return member.getKey().equalsIgnoreCase("headers") && (text || !value.isEmpty()) && !parameter;
  }
}
