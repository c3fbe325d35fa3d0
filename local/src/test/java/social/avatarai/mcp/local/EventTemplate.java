package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** What {@code template.yaml} says about events. */
final class EventTemplate {
  /** The filters with {@code Events=all}, by their place in the template's {@code !If [HasAllEvents, …, …]}. */
  static final int ALL = 1;
  /** The filters with {@code Events=on}. */
  static final int ON = 2;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNode TEMPLATE = template();

  private EventTemplate() {}

  static JsonNode at(String pointer) {
    var found = TEMPLATE.at(pointer);
    assertThat(found.isMissingNode()).as(pointer).isFalse();
    return found;
  }

  private static JsonNode template() {
    try {
      return new ObjectMapper(new YAMLFactory()).readTree(Path.of("..", "template.yaml").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a record of the stream invokes the function. */
  static boolean passes(JsonNode record, int events) {
    var filters = at("/Resources/GrantEventSource/Properties/FilterCriteria/Filters").path(events);
    assertThat(filters.size()).isBetween(1, 5);
    return filters.valueStream().anyMatch(filter -> matches(pattern(filter), record));
  }

  private static JsonNode pattern(JsonNode filter) {
    try {
      return JSON.readTree(filter.path("Pattern").asText());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As Lambda filters: each member of the pattern has to match; a list names what its value may be. */
  private static boolean matches(JsonNode pattern, JsonNode value) {
    if (!pattern.isArray())
      return pattern.properties().stream().allMatch(one -> matches(one.getValue(), value.path(one.getKey())));
    return pattern.valueStream().anyMatch(rule -> isAllowed(rule, value));
  }

  private static boolean isAllowed(JsonNode rule, JsonNode value) {
    if (rule.isTextual()) return rule.equals(value);
    if (rule.has("exists")) return rule.path("exists").asBoolean() != value.isMissingNode();
    assertThat(rule.path("anything-but").isArray()).as("a rule that this test knows").isTrue();
    return !value.isMissingNode() && rule.path("anything-but").valueStream().noneMatch(value::equals);
  }
}
