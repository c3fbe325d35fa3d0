package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The arguments of a tool that a request repeats in headers: those with an {@code x-mcp-header} annotation in the
 * tool's input schema (MCP 2026-07-28, streamable HTTP, custom headers from tool parameters). Pure.
 *
 * @param paths the path to each header's value in the arguments, by the name of the header
 */
record ToolHeaders(Map<String, List<String>> paths) {
  static final String ANNOTATION = "x-mcp-header";
  private static final String PREFIX = "Mcp-Param-";
  /** A tool beyond these limits is not usable: no request could carry more. */
  private static final int MAX_HEADERS = 32;
  private static final int MAX_CHARACTERS = 2048;
  private static final Set<String> TYPES = Set.of("string", "integer", "boolean");
  /** Members of a schema that are schemas themselves. An annotation in one of them breaks a rule. */
  private static final Set<String> SCHEMAS = Set.of("items", "additionalItems", "contains", "additionalProperties",
      "unevaluatedItems", "unevaluatedProperties", "propertyNames", "not", "if", "then", "else", "allOf", "anyOf",
      "oneOf", "prefixItems");
  private static final Set<String> SCHEMA_MAPS = Set.of("patternProperties", "dependentSchemas", "$defs",
      "definitions");

  ToolHeaders {
    paths = Map.copyOf(paths);
  }

  static ToolHeaders none() {
    return new ToolHeaders(Map.of());
  }

  boolean isEmpty() { return paths.isEmpty(); }

  /** The headers of a tool; empty where its annotations break a rule, so that the tool must not be used. */
  static Optional<ToolHeaders> of(JsonNode tool) {
    var reader = new Reader();
    reader.read(tool.path("inputSchema"), List.of(), true);
    boolean usable = !reader.broken && reader.paths.size() <= MAX_HEADERS && reader.characters() <= MAX_CHARACTERS;
    return usable ? Optional.of(new ToolHeaders(reader.paths)) : Optional.empty();
  }

  /** The headers of one call. An argument that is absent, null or not primitive has no header. */
  Map<String, String> values(JsonNode arguments) {
    var headers = new LinkedHashMap<String, String>();
    paths.forEach((name, path) -> text(at(arguments, path))
        .ifPresent(value -> headers.put(PREFIX + name, HeaderValue.of(value))));
    return headers;
  }

  private static JsonNode at(JsonNode arguments, List<String> path) {
    JsonNode node = arguments;
    for (String step : path)
      node = node.path(step);
    return node;
  }

  private static Optional<String> text(JsonNode value) {
    if (value.isNumber()) return Optional.of(integer(value.decimalValue()));
    return value.isTextual() || value.isBoolean() ? Optional.of(value.asText()) : Optional.empty();
  }

  private static String integer(BigDecimal number) {
    // A hostile exponent must not become a header of a million digits.
    boolean whole = Math.abs((long) number.scale()) < 32 && number.stripTrailingZeros().scale() <= 0;
    return whole ? number.toBigInteger().toString() : number.toString();
  }

  /**
   * Walks a schema. An annotation counts where only {@code properties} lead to it; elsewhere it makes the tool
   * unusable.
   */
  private static final class Reader {
    private final Map<String, List<String>> paths = new LinkedHashMap<>();
    private final Set<String> names = new LinkedHashSet<>();
    private boolean broken;

    void read(JsonNode schema, List<String> path, boolean reachable) {
      if (schema.has(ANNOTATION)) annotation(schema, path, reachable);
      schema.properties().forEach(member -> {
        JsonNode value = member.getValue();
        if (member.getKey().equals("properties")) {
          value.properties().forEach(property -> read(property.getValue(), below(path, property.getKey()), reachable));
        } else if (SCHEMA_MAPS.contains(member.getKey())) {
          value.forEach(hidden -> read(hidden, path, false));
        } else if (SCHEMAS.contains(member.getKey())) {
          if (value.isArray()) value.forEach(hidden -> read(hidden, path, false));
          else
            read(value, path, false);
        }
      });
    }

    int characters() {
      return paths.entrySet().stream()
          .mapToInt(entry -> entry.getKey().length() + entry.getValue().stream().mapToInt(String::length).sum()).sum();
    }

    private void annotation(JsonNode schema, List<String> path, boolean reachable) {
      String name = schema.path(ANNOTATION).textValue();
      boolean good = reachable && !path.isEmpty() && name != null && isToken(name) && hasPrimitiveType(schema)
          && names.add(name.toLowerCase(Locale.ROOT));
      if (good) paths.put(name, path);
      else
        broken = true;
    }

    // RFC 9110 §5.6.2: token = 1*tchar
    private static boolean isToken(String name) {
      return name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");
    }

    /** Whether the type is one primitive type. An additional null type is allowed, because null is not repeated. */
    private static boolean hasPrimitiveType(JsonNode schema) {
      JsonNode type = schema.path("type");
      var types = (type.isArray() ? type.valueStream() : List.of(type).stream()).map(JsonNode::asText)
          .filter(name -> !name.equals("null")).collect(Collectors.toSet());
      return types.size() == 1 && TYPES.containsAll(types);
    }

    private static List<String> below(List<String> path, String step) {
      var longer = new ArrayList<>(path);
      longer.add(step);
      return longer;
    }
  }
}
