package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The filters of the event source let every change pass that is an event, and keep out what would cost invocations for
 * nothing. The filters are read from {@code template.yaml}, and the records are the sample events.
 */
class EventSourceFilterTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  /** The places in the template's {@code !If [HasAllEvents, …, …]}. */
  private static final int ALL = 1;
  private static final int ON = 2;

  private static boolean passes(String sample, int events) throws IOException {
    var template = new ObjectMapper(new YAMLFactory()).readTree(Path.of("..", "template.yaml").toFile());
    var filters = template.at("/Resources/GrantEventSource/Properties/FilterCriteria/Filters").path(events);
    assertThat(filters.size()).isBetween(1, 5);
    var record = JSON.readTree(Files.readString(Path.of("..", "events", "grant-events", sample + ".json")))
        .at("/Records/0");
    for (JsonNode filter : filters)
      if (matches(JSON.readTree(filter.path("Pattern").asText()), record)) return true;
    return false;
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

  @ParameterizedTest
  @ValueSource(strings = {"ok", "reauthorization-required", "recovered", "revoked", "replaced"})
  void everyEventPasses(String sample) throws IOException {
    assertThat(passes(sample, ON)).isTrue();
    assertThat(passes(sample, ALL)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"used", "refreshed"})
  void aRefreshAndAUseInvokeNothingUnlessRefreshesAreTold(String sample) throws IOException {
    assertThat(passes(sample, ON)).isFalse();
    assertThat(passes(sample, ALL)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {ON, ALL})
  void aLeaseNeverInvokesAnything(int events) throws IOException {
    assertThat(passes("lease", events)).isFalse();
  }
}
