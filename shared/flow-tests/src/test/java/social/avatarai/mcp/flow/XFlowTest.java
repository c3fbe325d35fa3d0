package social.avatarai.mcp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.authorization.CallbackOutcome.Connected;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.Browsers;
import social.avatarai.mcp.world.ProviderWorld;
import social.avatarai.mcp.world.ServerWorld;

/** X. All its deviations are in its profile. */
class XFlowTest {
  private static final String SCOPES = "tweet.read users.read offline.access";

  private final ProviderWorld x = ProviderWorld.ofHostedServer(FakeProvider.X);

  @AfterEach
  void close() {
    x.close();
  }

  private AuthorizationStarted begin() {
    x.server.put(x.recordWithClient(SCOPES));
    return x.server.begin();
  }

  @Test
  void connectsWithBasicAloneAndNamesNoResource() {
    var begun = begin();
    assertThat(begun.authorizationUrl()).startsWith(x.issuer().origin() + "/i/oauth2/authorize?");
    assertThat(Browsers.sent(begun).parameters()).doesNotContainKey("resource")
        .containsEntry("scope", SCOPES).containsEntry("code_challenge_method", "S256");
    x.server.consented(begun);

    assertThat(x.sent().path()).isEqualTo("/2/oauth2/token");
    assertThat(x.sent().header("authorization")).isPresent();
    assertThat(x.sent().header("content-type")).contains("application/x-www-form-urlencoded");
    assertThat(x.sent().parameters()).containsOnlyKeys("grant_type", "code", "redirect_uri", "code_verifier");
    assertThat(saidBy(x.server.access(USER))).isEqualTo("owner-1");
  }

  /** X's own server speaks one version, and publishes no metadata. */
  @Test
  void hostedServerIsUsedInItsVersion() {
    try (var hosted = ProviderWorld.ofReplica(FakeProvider.X)) {
      hosted.connect(SCOPES);
      assertThat(saidBy(hosted.server.access(USER))).isEqualTo("owner-1");
      assertThat(hosted.world.mcpServer.requests().getLast().header("mcp-protocol-version")).contains("2025-06-18");
    }
  }

  @Test
  void operatorsClientIsUsedForTheHostedServer() {
    x.withOperatorsClient();
    x.server.put(ServerWorld.record(x.world.mcpServer.url()));
    var grant = x.server.connectWithConsent();

    assertThat(grant.client().owner().isDeployment()).isTrue();
    assertThat(x.server.disconnect(USER)).isTrue();
  }

  @Test
  void scopeThatGivesARefreshTokenIsRequestedBesideThoseOfTheUser() {
    x.server.put(x.recordWithClient("tweet.read users.read"));
    var begun = x.server.begin();
    assertThat(Browsers.sent(begun).parameters()).containsEntry("scope", SCOPES);
    x.server.consented(begun);
    x.world.clock.advance(Duration.ofHours(2));

    assertThat(saidBy(x.server.access(USER))).isEqualTo("owner-1");
    assertThat(x.world.refreshes()).isEqualTo(1);
  }

  /** A request without scopes means the provider's default, and nothing is added to that. */
  @Test
  void withoutTheScopeOfflineAccessThereIsNothingToRefresh() {
    x.connect("");
    assertThat(x.stored().orElseThrow().tokens().refreshToken()).isNull();
    x.world.clock.advance(Duration.ofHours(2));
    assertThat(x.server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(x.world.refreshes()).isZero();
  }

  @Test
  void refreshesWithRotationAndNamesNoResource() {
    x.connect(SCOPES);
    var first = x.refreshToken();
    x.world.clock.advance(Duration.ofHours(2));

    assertThat(saidBy(x.server.access(USER))).isEqualTo("owner-1");
    assertThat(x.sent().parameters()).containsOnlyKeys("grant_type", "refresh_token");
    assertThat(x.issuer().refreshTokensSent()).containsExactly(first.reveal());
    assertThat(x.issuer().liveRefreshTokens()).containsExactly(x.refreshToken().reveal()).doesNotContain(
        first.reveal());
  }

  @Test
  void spentRefreshTokenEndsTheGrantAtOnce() {
    x.connect(SCOPES);
    x.issuer().revoke(x.refreshToken().reveal());
    x.world.clock.advance(Duration.ofHours(2));

    assertThat(x.server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(x.server.status()).isEqualTo("reauthorization_required");
    assertThat(x.world.refreshes()).isEqualTo(1);
  }

  /** The word alone means every fault of a request. Another description says nothing of the refresh token. */
  @Test
  void sameWordWithAnotherDescriptionDoesNotEndTheGrant() {
    x.connect(SCOPES);
    x.world.clock.advance(Duration.ofHours(2));
    x.issuer().tokenEndpoint().next(Response.json(400, Json.newObject().put("error", "invalid_request")
        .put("error_description", "Missing required parameter [client_id].")));

    assertFails(ErrorCode.UPSTREAM_UNREACHABLE, () -> x.server.access(USER));
    assertThat(x.stored().orElseThrow().state().needsReauthorization()).isFalse();
    x.world.clock.advance(Duration.ofMinutes(1));
    assertThat(saidBy(x.server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void refusedClientAndRefusedCodeEndTheFlowWithTheStatusOfTheProvider() {
    var begun = begin();
    x.changeSecret("another-invented-secret");
    assertThat(x.world.callback(begun, x.world.approve(begun))).asInstanceOf(type(CallbackOutcome.Failed.class))
        .satisfies(failed -> {
          assertThat(failed.error()).isEqualTo(ErrorCode.TOKEN_REQUEST_REFUSED);
          assertThat(failed.upstreamStatus()).isEqualTo(401);
        });

    x.changeSecret(ProviderWorld.SECRET);
    var again = x.server.begin();
    var code = x.world.approve(again).code();
    x.world.clock.advance(Duration.ofMinutes(2));
    assertThat(x.world.callback(again, new AuthorizationResponse(code, null, null, null)))
        .asInstanceOf(type(CallbackOutcome.Failed.class)).satisfies(failed -> {
          assertThat(failed.error()).isEqualTo(ErrorCode.TOKEN_REQUEST_REFUSED);
          assertThat(failed.upstreamStatus()).isEqualTo(400);
        });
  }

  @Test
  void codeWithoutTheCookieIsKeptNoLongerThanItLives() {
    var begun = begin();
    var late = Browsers.park(x.world, begun);
    x.world.clock.advance(Duration.ofSeconds(1));
    var inTime = Browsers.park(x.world, begun);
    x.world.clock.advance(Duration.ofSeconds(29));

    assertFails(ErrorCode.UNKNOWN_STATE, () -> Browsers.complete(x.world, USER, late.code()));
    assertThat(x.issuer().tokenRequests()).isEmpty();
    assertThat(Browsers.complete(x.world, USER, inTime.code())).isInstanceOf(Connected.class);
  }

  @Test
  void disconnectRevokesTheRefreshTokenByTheStandard() {
    x.connect(SCOPES);
    var token = x.refreshToken();

    assertThat(x.server.disconnect(USER)).isTrue();
    assertThat(x.revocation().method() + " " + x.revocation().path()).isEqualTo("POST /2/oauth2/revoke");
    assertThat(x.revocation().header("authorization")).isPresent();
    assertThat(x.revocation().body()).isEqualTo("token=" + token.reveal() + "&token_type_hint=refresh_token");
    assertThat(x.issuer().liveRefreshTokens()).isEmpty();
  }
}
