package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.local.EventTemplate.ALL;
import static social.avatarai.mcp.local.EventTemplate.ON;

import com.fasterxml.jackson.databind.ObjectMapper;
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
  private static boolean passes(String sample, int events) throws IOException {
    return EventTemplate.passes(new ObjectMapper()
        .readTree(Files.readString(Path.of("..", "events", "grant-events", sample + ".json"))).at("/Records/0"),
        events);
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
