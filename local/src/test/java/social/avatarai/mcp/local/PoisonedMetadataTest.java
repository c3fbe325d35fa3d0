package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.local.ApiUser.ApiResponse;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Response;

/**
 * A user chooses a token that is a word of another party's metadata. All users of a process share that metadata, so the
 * token must change nothing of it: not what the next user sees, and not what is decided for anybody.
 */
class PoisonedMetadataTest {
  private static final LocalService SERVICE = LocalService.start(Map.of());

  private final FakeAuthorizationServer hostileIssuer = FakeAuthorizationServer.start();
  private final FakeAuthorizationServer honestIssuer = FakeAuthorizationServer.start();
  private final FakeMcpServer hostileServer = FakeMcpServer.protectedBy(hostileIssuer);
  private final FakeMcpServer honestServer = FakeMcpServer.protectedBy(honestIssuer, knobs -> knobs
      .challengeScope("files:read-all"));
  private final ApiUser attacker = SERVICE.user();
  private final ApiUser victim = SERVICE.user();

  @AfterAll
  static void stop() {
    SERVICE.close();
  }

  @AfterEach
  void close() {
    try (hostileIssuer; honestIssuer; hostileServer; honestServer; attacker; victim) {
    }
  }

  private static ObjectNode starting(FakeMcpServer server) {
    return Json.newObject().put("resource_url", server.url()).put("method", "tools/list").put("start", true);
  }

  /** The attacker has a grant of this token, and the server then says that the honest issuer is its issuer. */
  private ApiResponse attack(String token) {
    String client = attacker.register(hostileIssuer, "client_secret_basic").text("client_id");
    var begun = attacker.begin(hostileIssuer, client, hostileServer.url());
    hostileIssuer.tokenEndpoint().next(Response.json(200, Json.newObject().put("access_token", token)
        .put("token_type", "Bearer").put("expires_in", 3600)));
    attacker.consent(hostileIssuer, begun).succeeded();
    hostileServer.moveTo(honestIssuer);
    var response = attacker.post(ApiUser.ACCESS, starting(hostileServer));
    assertThat(honestIssuer.metadataRequests()).as("the attack arrives").isNotEmpty();
    return response;
  }

  private void assertVictimIsSafe() {
    var begun = victim.post(ApiUser.ACCESS, starting(honestServer));
    assertThat(begun.text("error")).as(begun.body().toString()).isEqualTo("authorization_required");
    assertThat(begun.text("scope")).isEqualTo("files:read-all");
    honestIssuer.adjust(knobs -> knobs.issMissing());
    assertThat(victim.consent(honestIssuer, begun).text("error")).as("a response without iss")
        .isEqualTo("issuer_mismatch");
  }

  /** The server refuses the token of its own issuer, and says that the honest issuer is its issuer from now on. */
  @ParameterizedTest
  @ValueSource(strings = {"authorization_response_iss_parameter_supported", "code_challenge_methods_supported",
      "registration_endpoint"})
  void tokenThatIsAWordOfAnotherIssuersMetadataChangesItForNobody(String token) {
    attack(token);
    assertVictimIsSafe();
  }

  /** What the attacker is shown is another matter: the attacker's own token is taken out there. */
  @Test
  void urlThatHoldsTheTokenIsRefusedAndNeitherStoredNorRequested() {
    honestIssuer.adjust(knobs -> knobs.metadata("token_endpoint", honestIssuer.issuer() + "/token-in-the-path"));
    assertThat(attack("token-in-the-path").text("error")).isEqualTo("invalid_metadata");
    assertThat(attacker.responses().getLast()).doesNotContain("token-in-the-path");
    assertThat(SERVICE.log()).contains("\"detail\":\"" + honestIssuer.issuer() + "/[token]\"")
        .doesNotContain("token-in-the-path");
  }
}
