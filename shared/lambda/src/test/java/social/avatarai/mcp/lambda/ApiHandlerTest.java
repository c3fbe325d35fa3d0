package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestContext;
import social.avatarai.mcp.lambda.replay.TestPlatform;

class ApiHandlerTest {
  private final TestPlatform platform = new TestPlatform(Clock.systemUTC());

  @AfterEach
  void close() {
    platform.close();
  }

  /** A public route that replies with a text of its choice. */
  private ApiHandler replying(String text) {
    return new ApiHandler(platform.wiring()) {
      @Override
      protected boolean isPublic() { return true; }

      @Override
      protected Reply handle(Request request) {
        return Reply.page(200, text + request.path());
      }
    };
  }

  @Test
  void repliesToAwssClassAsToItsJson() {
    var event = new APIGatewayV2HTTPEvent();
    event.setRawPath("/here");
    var response = replying("at ").handleRequest(event, new TestContext());
    var json = Replay.invoke(replying("at "), "{\"rawPath\":\"/here\"}");

    assertThat(response.getStatusCode()).isEqualTo(200).isEqualTo(json.path("statusCode").asInt());
    assertThat(response.getBody()).isEqualTo("at /here").isEqualTo(json.path("body").asText());
    assertThat(response.getHeaders()).hasSize(json.path("headers").size()).containsEntry("X-Frame-Options", "DENY");
  }

  @Test
  void repliesToAnEventWithNothingInIt() {
    assertThat(replying("").handleRequest(new APIGatewayV2HTTPEvent(), new TestContext()).getStatusCode())
        .isEqualTo(200);
  }

  /** Lambda takes 6 MB of JSON. A character takes one byte in it, or three, or six where it is escaped. */
  @ParameterizedTest
  @CsvSource({"97,5900000,200", "97,6000001,502", "20320,1990000,200", "20320,2000001,502", "1,990000,200",
      "1,1000001,502"})
  void passesAResponseOnThatLambdaTakesAndNoLargerOne(int character, int length, int status) {
    String text = Character.toString(character).repeat(length);
    var response = replying(text).handleRequest(new APIGatewayV2HTTPEvent(), new TestContext());
    assertThat(response.getStatusCode()).isEqualTo(status);
    if (status == 502)
      assertThat(Json.object(response.getBody().getBytes(UTF_8)).orElseThrow().path("error").asText())
          .isEqualTo("invalid_upstream_answer");
  }
}
