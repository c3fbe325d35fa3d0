package social.avatarai.mcp.functions.accessresource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.lambda.Rehearsal;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.testkit.Demo;
import social.avatarai.mcp.testkit.event.SampleEvent;

class AccessResourceHandlerTest {

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("access-resource", AccessResourceHandler::new);
  }

  @Test
  void rehearsedCallSucceedsAndAsksForNoClientOfTheFunction() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      AccessResourceHandler.REHEARSAL.run(platform.wiring());
      assertThat(platform.clients()).isEmpty();
    }
  }

  @Test
  void rehearsalThatFailsIsAFault() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      var faulty = new Rehearsal(AccessResourceHandler::new, _ -> "{}");
      assertThatThrownBy(() -> faulty.run(platform.wiring())).isInstanceOf(IllegalStateException.class);
    }
  }

  /** The response to a sample event with its own seed. */
  private static JsonNode response(String name) {
    var event = SampleEvent.of(Path.of("..", "..", "events"), "access-resource").stream()
        .filter(e -> e.name().equals(name)).findFirst().orElseThrow();
    var platform = new TestPlatform(Clock.systemUTC());
    try (var demo = Demo.start(0, 0)) {
      event.seed().ifPresent(platform.seeds(demo.mcpUrl(), demo.issuer())::write);
      return Replay.invoke(new AccessResourceHandler(platform.wiring()), event.against(demo).text());
    }
  }

  @Test
  void namesTheRouteThatConnectsTheServerWhoseGrantHasEnded() {
    assertThat(response("ended-server").path("body").asText())
        .contains("\"connect\":\"POST /api/mcp/servers/demo-server/connect\"");
    assertThat(response("no-grant").path("body").asText())
        .contains("\"connect\":\"GET /api/mcp/oauth/start-authorization\"");
  }

  @Test
  void saysWhenATokenThatCannotBeRenewedNowIsTriedAgainOrBeginsAFlowAtOnce() {
    var waits = response("waiting-server");
    assertThat(waits.at("/headers/Retry-After").asInt()).isBetween(3500, 3600);
    assertThat(waits.path("body").asText()).contains("\"retry_at\":").doesNotContain("authorization_url");
    var begun = response("waiting-server-start-post");
    assertThat(begun.path("statusCode").asInt()).isEqualTo(401);
    assertThat(begun.path("body").asText()).contains("\"error\":\"authorization_required\"", "\"authorization_url\":");
    assertThat(begun.path("cookies")).isNotEmpty();
  }

  @Test
  void namesTheConnectionsThatFitAUrlEquallyWell() {
    assertThat(response("two-connections").path("body").asText()).contains("server_id", "demo-server", "r:");
  }

  @Test
  void saysBeforeConsentThatTheIssuerIsOnAnotherSiteOrRefusesIt() {
    var warned = Replay.acrossSites("access-resource", "no-grant-start", "warn", AccessResourceHandler::new);
    assertThat(warned.path("statusCode").asInt()).isEqualTo(401);
    assertThat(warned.path("body").asText()).contains("\"authorization_url\"", "\"issuer\":\"http://localhost:",
        "\"resource\":\"http://127.0.0.1:", "\"scope\"").containsPattern("\"warnings\":\\[[^]]*\"foreign_issuer\"");
    var refused = Replay.acrossSites("access-resource", "no-grant-start", "refuse", AccessResourceHandler::new);
    assertThat(refused.path("statusCode").asInt()).isEqualTo(422);
    assertThat(refused.path("body").asText()).contains("\"error\":\"foreign_issuer\"")
        .doesNotContain("authorization_url");
  }
}
