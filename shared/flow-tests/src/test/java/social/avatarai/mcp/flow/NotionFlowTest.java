package social.avatarai.mcp.flow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.world.Browsers;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ProviderWorld;
import social.avatarai.mcp.world.ServerWorld;

/** Notion's REST API. All its deviations are in its profile. */
class NotionFlowTest {
  private static final String BASIC = "Basic "
      + Base64.getEncoder().encodeToString(("invented%2Fclient%3Aci:" + ProviderWorld.SECRET).getBytes(UTF_8));

  private final ProviderWorld notion = ProviderWorld.ofOwnServer(FakeProvider.NOTION);

  @AfterEach
  void close() {
    notion.close();
  }

  private static void assertIsNotions(Received request) {
    assertThat(request.header("authorization")).contains(BASIC);
    assertThat(request.header("content-type")).contains("application/json");
    assertThat(request.header("notion-version")).contains("2025-09-03");
    assertThat(request.json().has("client_id") || request.json().has("client_secret")).isFalse();
  }

  @Test
  void connectsWithOwnerUserAndSendsTheCodeAsJson() {
    notion.server.put(notion.recordWithClient(""));
    var begun = notion.server.begin();
    assertThat(begun.authorizationUrl()).startsWith(notion.issuer().origin() + "/v1/oauth/authorize?");
    assertThat(Browsers.sent(begun).parameters()).containsEntry("owner", "user").doesNotContainKeys("resource",
        "scope");
    var grant = notion.server.consented(begun);

    assertThat(notion.sent().path()).isEqualTo("/v1/oauth/token");
    assertIsNotions(notion.sent());
    assertThat(notion.sent().json().fieldNames()).toIterable().containsExactly("grant_type", "code", "redirect_uri",
        "code_verifier");
    assertThat(grant.tokens().expiresAt()).as("Notion does not say").isNull();
    assertThat(saidBy(notion.server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void refreshesWithRotationWhenTheServerRefusesTheToken() {
    notion.connect("");
    var first = notion.refreshToken();
    notion.world.clock.advance(Duration.ofHours(3));
    assertThat(saidBy(notion.server.access(USER))).isEqualTo("owner-1");
    assertThat(notion.world.refreshes()).as("no life is assumed").isZero();

    notion.issuer().expireAccessTokens();
    assertThat(saidBy(notion.server.access(USER))).isEqualTo("owner-1");
    assertIsNotions(notion.sent());
    assertThat(notion.sent().body())
        .isEqualTo("{\"grant_type\":\"refresh_token\",\"refresh_token\":\"" + first.reveal() + "\"}");
    assertThat(notion.issuer().liveRefreshTokens()).containsExactly(notion.refreshToken().reveal());
  }

  /** A server in front of Notion's API that passes on what the API says of a token that has ended. */
  @Test
  void refusalInTheShapeOfNotionsApiRefreshes() {
    notion.connect("");
    notion.world.mcpServer.mcpEndpoint().next(Response.json(401, Json.newObject().put("object", "error")
        .put("status", 401).put("code", "unauthorized").put("message", "API token is invalid.")));
    assertThat(saidBy(notion.server.access(USER))).isEqualTo("owner-1");
    assertThat(notion.world.refreshes()).isEqualTo(1);
  }

  @Test
  void tokenWithoutARefreshTokenIsUsedUntilItIsRefused() {
    notion.issuer().adjust(knobs -> knobs.tokenResponse("refresh_token", null));
    notion.connect("");
    notion.world.clock.advance(Duration.ofDays(30));
    assertThat(saidBy(notion.server.access(USER))).isEqualTo("owner-1");

    notion.issuer().expireAccessTokens();
    assertThat(notion.server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(notion.world.refreshes()).isZero();
  }

  @Test
  void deadRefreshTokenEndsTheGrantAtOnce() {
    notion.connect("");
    notion.issuer().revoke(notion.refreshToken().reveal());

    assertThat(notion.server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(notion.server.status()).isEqualTo("reauthorization_required");
    assertThat(notion.world.refreshes()).isEqualTo(1);
  }

  @Test
  void wrongSecretEndsTheFlow() {
    notion.server.put(notion.recordWithClient(""));
    var begun = notion.server.begin();
    notion.changeSecret("another-invented-secret");

    assertThat(notion.world.callback(begun, notion.world.approve(begun)))
        .asInstanceOf(type(CallbackOutcome.Failed.class))
        .satisfies(failed -> assertThat(failed.error()).isEqualTo(ErrorCode.TOKEN_REQUEST_REFUSED));
  }

  @Test
  void relayedRefreshTokenIsSentInTheSameForm() {
    notion.connect("");
    var token = notion.refreshToken();
    notion.world.grants().delete(notion.stored().orElseThrow());

    var relayed = notion.world.flow().refresh(USER,
        new What.Token(token, new Issuer(notion.issuer().issuer()), new ClientId(ProviderWorld.CLIENT)), deadline());

    assertThat(relayed).isInstanceOf(Refreshed.Relayed.class);
    assertIsNotions(notion.sent());
  }

  @Test
  void disconnectRevokesTheAccessTokenAsJson() {
    notion.connect("");
    var token = notion.accessToken();

    assertThat(notion.server.disconnect(USER)).isTrue();
    assertThat(notion.revocation().method() + " " + notion.revocation().path()).isEqualTo("POST /v1/oauth/revoke");
    assertIsNotions(notion.revocation());
    assertThat(notion.revocation().body()).isEqualTo("{\"token\":\"" + token.reveal() + "\"}");
    assertThat(notion.issuer().accepts(token.reveal())).isFalse();
  }

  /** A refresh token could not be revoked later, so the access token is kept. */
  @Test
  void accessTokenThatASecondConsentReplacesIsRevokedAtTheEnd() {
    notion.issuer().adjust(knobs -> knobs.accounts(accounts -> accounts.signedIn("alice")));
    notion.server.put(notion.recordWithClient(""));
    var begun = notion.server.begin();
    var again = notion.server.begin();
    var first = notion.server.consented(begun).tokens().accessToken();
    notion.server.consented(again);
    assertThat(notion.issuer().accepts(first.reveal())).isTrue();

    assertThat(notion.server.disconnect(USER)).isTrue();
    assertThat(notion.issuer().revocations()).hasSize(2);
    assertThat(notion.issuer().accepts(first.reveal())).isFalse();
  }

  @Test
  void operatorsClientIsUsedForAServerThatTheOperatorBinds() {
    notion.withOperatorsClient();
    notion.server.put(ServerWorld.record(notion.world.mcpServer.url()));
    var grant = notion.server.connectWithConsent();

    assertThat(grant.client().owner().isDeployment()).isTrue();
    assertIsNotions(notion.sent());
    assertThat(saidBy(notion.server.access(USER))).isEqualTo("owner-1");
  }

  /** Otherwise any server could get tokens for a user's whole workspace, by the mere name of Notion. */
  @Test
  void serverWhoseMetadataNamesNotionIsRefused() {
    notion.withOperatorsClient();
    try (var thief = FakeAuthorizationServer.start();
        var server = FakeMcpServer.protectedBy(thief,
            knobs -> knobs.authorizationServers(notion.issuer().issuer()))) {
      for (var start : new AuthorizationStart[]{AuthorizationStart.fresh(), FlowWorld.at(notion.issuer().issuer())}) {
        assertFails(ErrorCode.ISSUER_NOT_BOUND,
            () -> notion.world.begin(USER, FlowWorld.urlOf(server), start));
      }
    }
    notion.world.assertNothingBegan();
  }
}
