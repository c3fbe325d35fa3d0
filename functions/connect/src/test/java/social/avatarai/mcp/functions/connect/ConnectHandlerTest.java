package social.avatarai.mcp.functions.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.lambda.replay.Replay;

class ConnectHandlerTest {

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("connect", ConnectHandler::new);
  }

  @Test
  void saysBeforeConsentThatTheIssuerIsOnAnotherSiteOrRefusesIt() {
    var warned = Replay.acrossSites("connect", "ok", "warn", ConnectHandler::new);
    assertThat(warned.path("statusCode").asInt()).isEqualTo(200);
    assertThat(warned.path("body").asText()).contains("\"authorization_url\"", "\"issuer\":\"http://localhost:",
        "\"resource\":\"http://127.0.0.1:", "\"scope\"").containsPattern("\"warnings\":\\[[^]]*\"foreign_issuer\"");
    var refused = Replay.acrossSites("connect", "ok", "refuse", ConnectHandler::new);
    assertThat(refused.path("statusCode").asInt()).isEqualTo(422);
    assertThat(refused.path("body").asText()).contains("\"error\":\"foreign_issuer\"")
        .doesNotContain("authorization_url");
  }
}
