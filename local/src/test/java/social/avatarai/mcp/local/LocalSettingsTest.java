package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalSettingsTest {

  @Test
  void aWebhookThatCouldOnlyBeSentUnsignedIsAFault() {
    var settings = new LocalSettings(Map.of("WEBHOOK_URL", "http://localhost:8080/hook"));

    assertThat(settings.faults()).containsExactly("WEBHOOK_URL needs WEBHOOK_SECRET");
  }

  /** Events are off at an endpoint unless they are asked for. */
  @ParameterizedTest
  @CsvSource({"EVENTS,off", "AWS_ENDPOINT_URL,http://127.0.0.1:4566"})
  void aWebhookToWhichNoEventWouldBeSentIsAFault(String name, String value) {
    var settings = Map.of("WEBHOOK_URL", "http://localhost:8080/hook", "WEBHOOK_SECRET", "whsec_secret", name, value);

    assertThat(new LocalSettings(settings).faults()).containsExactly("WEBHOOK_URL needs EVENTS=on or EVENTS=all");
  }

  @Test
  void anUnknownWordForEventsIsAFault() {
    assertThat(new LocalSettings(Map.of("EVENTS", "some")).faults()).containsExactly("EVENTS must be off, on or all");
  }

  @Test
  void eventsAreOnWithTheEmbeddedStoresAndOffAtAnEndpoint() {
    assertThat(new LocalSettings(Map.of()).hasEvents()).isTrue();
    assertThat(new LocalSettings(Map.of("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")).hasEvents()).isFalse();
    assertThat(new LocalSettings(Map.of("EVENTS", "off")).hasEvents()).isFalse();
  }
}
