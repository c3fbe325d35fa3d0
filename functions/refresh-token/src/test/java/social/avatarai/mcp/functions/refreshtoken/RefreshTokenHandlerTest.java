package social.avatarai.mcp.functions.refreshtoken;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.testkit.Demo;
import social.avatarai.mcp.testkit.event.SampleEvent;

class RefreshTokenHandlerTest {

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("refresh-token", RefreshTokenHandler::new);
  }

  /** The response of a deployment that neither returns nor accepts raw tokens. */
  private static JsonNode byReference(boolean byServerId) {
    var ok = SampleEvent.of(Path.of("..", "..", "events"), "refresh-token").stream().filter(e -> e.name().equals("ok"))
        .findFirst().orElseThrow();
    try (var platform = new TestPlatform(Clock.systemUTC()).with("TOKEN_RESPONSES", "reference");
        var demo = Demo.start(0, 0)) {
      platform.seeds(demo.mcpUrl(), demo.issuer()).write("grant");
      String serverId = ConnectionId.ofResource(new ResourceUri(demo.mcpUrl())).value();
      String query = "\"rawQueryString\": \""
          + (byServerId ? "server_id=" + serverId : "refresh_token=demo-refresh-token");
      String event = ok.against(demo).text().replaceFirst("\"rawQueryString\": \"[^\"]*", query);
      return Replay.invoke(new RefreshTokenHandler(platform.wiring()), event);
    }
  }

  @Test
  void namesTheConnectionAndNoTokenWhereTokensAreNotHandedOut() {
    var response = byReference(true);
    assertThat(response.path("statusCode").asInt()).isEqualTo(200);
    assertThat(response.path("body").asText()).contains("\"server_id\":\"r:", "\"expires_in\":")
        .doesNotContain("access_token", "refresh_token");
  }

  @Test
  void takesNoRawTokenWhereTokensAreNotHandedOut() {
    var response = byReference(false);
    assertThat(response.path("statusCode").asInt()).isEqualTo(400);
    assertThat(response.path("body").asText()).contains("invalid_request");
  }
}
