package social.avatarai.mcp.functions.callback;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.testkit.Demo;
import social.avatarai.mcp.testkit.event.SampleEvent;

class CallbackHandlerTest {

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("callback", CallbackHandler::new);
  }

  /** The response to the browser's valid event, after one replacement in the event. */
  private static JsonNode browse(String target, String replacement) {
    var ok = SampleEvent.of(Path.of("..", "..", "events"), "callback").stream().filter(e -> e.name().equals("ok"))
        .findFirst().orElseThrow();
    try (var platform = new TestPlatform(Clock.systemUTC()); var demo = Demo.start(0, 0)) {
      platform.seeds(demo.mcpUrl(), demo.issuer()).write("session");
      String event = ok.against(demo).text().replaceFirst("\"accept\": \"[^\"]*\"", "\"accept\": \"text/html\"");
      assertThat(event).contains(target);
      return Replay.invoke(new CallbackHandler(platform.wiring()), event.replace(target, replacement));
    }
  }

  @Test
  void showsABrowserAPageWithoutAnyToken() {
    var response = browse("demo-browser", "demo-browser");
    assertThat(response.path("statusCode").asInt()).isEqualTo(200);
    assertThat(response.path("headers").path("Content-Type").asText()).isEqualTo("text/html; charset=utf-8");
    assertThat(response.path("headers").path("Referrer-Policy").asText()).isEqualTo("no-referrer");
    assertThat(response.path("body").asText()).contains("Connected", "已连接").doesNotContain("token", "demo-code");
  }

  @ParameterizedTest
  @ValueSource(strings = {"session_state=a&session_state=b&iss=", "error=&iss=", "error_uri=x&error_uri=x&iss=",
      "x=1&x=1&x=2&=&=&iss=", "error_description=100%&iss=", "error_description=%zz&iss=", "100%=x&iss="})
  void parametersThatAreNotReadAndEmptyOnesChangeNothing(String replacement) {
    assertThat(browse("&iss=", "&" + replacement).path("statusCode").asInt()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"code=demo-code&iss=", "error=&error=&iss=", "error=access_denied&iss=", "iss=x&iss=",
      "error=100%&iss=", "iss=%zz&x="})
  void parameterThatIsReadMustOccurOnceAndAloneAndBeSoundAsBefore(String replacement) {
    var response = browse("&iss=", "&" + replacement);
    assertThat(response.path("statusCode").asInt()).isEqualTo(400);
    assertThat(response.path("body").asText()).contains("invalid_request");
  }

  @Test
  void emptyCodeOrEmptyIssIsAnAbsentOne() {
    assertThat(browse("code=demo-code", "code=").path("statusCode").asInt()).isEqualTo(400);
    assertThat(browse("&iss=", "&iss=&x=").path("body").asText()).doesNotContain("invalid_request");
  }

  @Test
  void showsAnotherBrowserNoCodeToCopyWhereThereIsNoPageOfTheApp() {
    var response = browse("demo-browser", "another-browser");
    assertThat(response.path("statusCode").asInt()).isEqualTo(403);
    assertThat(response.path("body").asText()).contains("session_mismatch").doesNotContain("completion_code",
        "demo-code");
  }
}
