package social.avatarai.mcp.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageHeadersTest {

  private static int status(@Nullable String accept, @Nullable String contentType) {
    return new MessageHeaders(accept, contentType, null, null, null, null).fault().map(RpcFault::status).orElse(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json, text/event-stream", "application/json", "*/*", "application/*;q=0.5",
      "text/event-stream,APPLICATION/JSON ; q=1", "text/html;q=0, */*;q=0.1", ""})
  void readsWhatMayBeAnsweredInJson(String accept) {
    assertThat(status(accept, "application/json")).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/event-stream", "text/html", "application/json;q=0", "application/json; q=0.0",
      "application/jsonl", "nonsense"})
  void refusesAClientThatTakesNoJson(String accept) {
    assertThat(status(accept, "application/json")).isEqualTo(406);
  }

  @Test
  void readsJsonAlone() {
    assertThat(status(null, "application/json; charset=utf-8")).isEqualTo(200);
    assertThat(status(null, "Application/JSON")).isEqualTo(200);
    assertThat(status(null, null)).isEqualTo(415);
    assertThat(status(null, "text/plain")).isEqualTo(415);
    assertThat(status(null, "application/x-www-form-urlencoded")).isEqualTo(415);
    assertThat(status(null, "application/json-seq")).isEqualTo(415);
  }
}
