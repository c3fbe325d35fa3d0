package social.avatarai.mcp.flow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.world.Browsers;
import social.avatarai.mcp.world.ProviderWorld;
import social.avatarai.mcp.world.ServerWorld;

/** GitHub. All its deviations are in its profile. */
class GitHubFlowTest {
  private static final String BASIC = "Basic "
      + Base64.getEncoder().encodeToString(("invented%2Fclient%3Aci:" + ProviderWorld.SECRET).getBytes(UTF_8));
  private static final String SCOPES = "repo gist";

  private ProviderWorld gitHub = ProviderWorld.ofHostedServer(FakeProvider.GITHUB_OAUTH_APP);

  @AfterEach
  void close() {
    gitHub.close();
  }

  private void isAGitHubApp() {
    gitHub.close();
    gitHub = ProviderWorld.ofHostedServer(FakeProvider.GITHUB_APP);
  }

  private void assertRevoked(Received request, String token) {
    assertThat(request.method() + " " + request.path())
        .isEqualTo("DELETE /applications/invented%2Fclient%3Aci/token");
    assertThat(request.header("authorization")).contains(BASIC);
    assertThat(request.header("accept")).contains("application/vnd.github+json");
    assertThat(request.body()).isEqualTo("{\"access_token\":\"" + token + "\"}");
    assertThat(gitHub.issuer().accepts(token)).isFalse();
  }

  @Test
  void connectsWithTheSecretInTheBodyAndReadsScopesWithCommas() {
    gitHub.server.put(gitHub.recordWithClient(SCOPES));
    var begun = gitHub.server.begin();
    assertThat(begun.authorizationUrl()).startsWith(gitHub.issuer().origin() + "/login/oauth/authorize?");
    assertThat(Browsers.sent(begun).parameters()).containsEntry("scope", SCOPES);
    var grant = gitHub.server.consented(begun);

    assertThat(gitHub.sent().path()).isEqualTo("/login/oauth/access_token");
    assertThat(gitHub.sent().header("accept")).as("or the response is a form").contains("application/json");
    assertThat(gitHub.sent().header("authorization")).isEmpty();
    assertThat(gitHub.sent().parameters()).containsEntry("client_secret", ProviderWorld.SECRET)
        .containsEntry("code_verifier", gitHub.sent().parameters().get("code_verifier"));
    assertThat(grant.tokens().scope()).isEqualTo(Scopes.parse(SCOPES));
    assertThat(grant.tokens().refreshToken()).isNull();
    assertThat(saidBy(gitHub.server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void connectsThroughTheOperatorsClient() {
    gitHub.withOperatorsClient();
    gitHub.server.put(ServerWorld.record(gitHub.world.mcpServer.url()));
    var grant = gitHub.server.connectWithConsent();
    var token = grant.tokens().accessToken().reveal();
    assertThat(grant.client().owner().isDeployment()).isTrue();

    assertThat(gitHub.server.disconnect(USER)).isTrue();
    assertRevoked(gitHub.revocation(), token);
  }

  @Test
  void tokenWithoutAnEndIsUsedUntilItIsRefused() {
    gitHub.connect(SCOPES);
    gitHub.world.clock.advance(Duration.ofDays(300));
    assertThat(saidBy(gitHub.server.access(USER))).isEqualTo("owner-1");

    gitHub.issuer().expireAccessTokens();
    assertThat(gitHub.server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(gitHub.world.refreshes()).isZero();
    gitHub.server.assertOnlyAConsentHelps();
  }

  @Test
  void gitHubAppIsRefreshedWithRotation() {
    isAGitHubApp();
    gitHub.connect("");
    var first = gitHub.refreshToken();
    gitHub.world.clock.advance(Duration.ofHours(8));

    assertThat(saidBy(gitHub.server.access(USER))).isEqualTo("owner-1");
    assertThat(gitHub.issuer().refreshTokensSent()).containsExactly(first.reveal());
    assertThat(gitHub.issuer().liveRefreshTokens()).containsExactly(gitHub.refreshToken().reveal());
  }

  @Test
  void badRefreshTokenWithStatus200EndsTheGrantAtOnce() {
    isAGitHubApp();
    gitHub.connect("");
    gitHub.issuer().revoke(gitHub.refreshToken().reveal());
    gitHub.world.clock.advance(Duration.ofHours(8));

    assertThat(gitHub.server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(gitHub.server.status()).isEqualTo("reauthorization_required");
    assertThat(gitHub.world.refreshes()).isEqualTo(1);
  }

  /** The word is GitHub's for a client. The secret of a client that a person has registered may be about to change. */
  @Test
  void refusedSecretDoesNotEndTheGrantAfterAMinute() {
    isAGitHubApp();
    gitHub.connect("");
    gitHub.changeSecret("another-invented-secret");
    gitHub.world.clock.advance(Duration.ofHours(8));
    assertFails(ErrorCode.UPSTREAM_UNREACHABLE, () -> gitHub.server.access(USER));
    gitHub.world.clock.advance(Duration.ofMinutes(2));
    assertFails(ErrorCode.UPSTREAM_UNREACHABLE, () -> gitHub.server.access(USER));
    assertThat(gitHub.stored().orElseThrow().state().needsReauthorization()).isFalse();

    gitHub.changeSecret(ProviderWorld.SECRET);
    gitHub.world.clock.advance(Duration.ofMinutes(15));
    assertThat(saidBy(gitHub.server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void refusalsWithStatus200EndTheFlow() {
    gitHub.server.put(gitHub.recordWithClient(SCOPES));
    var begun = gitHub.server.begin();
    gitHub.changeSecret("another-invented-secret");
    assertRefused(gitHub.world.callback(begun, gitHub.world.approve(begun)));

    gitHub.changeSecret(ProviderWorld.SECRET);
    var again = gitHub.server.begin();
    var code = gitHub.world.approve(again).code();
    gitHub.world.clock.advance(Duration.ofMinutes(2));
    assertRefused(gitHub.world.callback(again, new AuthorizationResponse(code, null, null, null)));
  }

  private static void assertRefused(CallbackOutcome outcome) {
    assertThat(outcome).asInstanceOf(type(CallbackOutcome.Failed.class)).satisfies(failed -> {
      assertThat(failed.error()).isEqualTo(ErrorCode.TOKEN_REQUEST_REFUSED);
      assertThat(failed.upstreamStatus()).isEqualTo(200);
    });
  }

  /** The metadata of GitHub's own server, at the URL with the slash and at the one without. */
  @Test
  void hostedServerIsFoundByItsMetadataAndTheScopesOfTheRecordAreAskedForAlone() {
    gitHub.close();
    gitHub = ProviderWorld.ofReplica(FakeProvider.GITHUB_OAUTH_APP);
    gitHub.server.put(gitHub.recordWithClient("repo"));
    var begun = gitHub.server.begin();
    assertThat(Browsers.sent(begun).parameters()).containsEntry("scope", "repo").containsEntry("resource",
        gitHub.world.mcpServer.origin() + "/mcp/");
    var grant = gitHub.server.consented(begun);
    assertThat(grant.target().issuer().value()).isEqualTo(gitHub.issuer().origin() + "/login/oauth");
    assertThat(saidBy(gitHub.server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void toolThatNeedsMoreScopeAsksForTheUnionOfScopes() {
    gitHub.close();
    gitHub = ProviderWorld.ofReplica(FakeProvider.GITHUB_OAUTH_APP);
    gitHub.connect("gist");
    gitHub.world.mcpServer.adjust(knobs -> knobs.requireScope("tools/call", "repo"));
    assertThat(gitHub.server.access(USER)).asInstanceOf(type(Access.StepUpNeeded.class))
        .satisfies(needed -> assertThat(needed.required()).isEqualTo(Scopes.parse("gist repo")));
  }

  @Test
  void disconnectDeletesTheAccessTokenAtTheApi() {
    gitHub.connect(SCOPES);
    var token = gitHub.accessToken().reveal();

    assertThat(gitHub.server.disconnect(USER)).isTrue();
    assertRevoked(gitHub.revocation(), token);
  }

  @Test
  void accessTokenOfAGitHubAppIsDeletedToo() {
    isAGitHubApp();
    gitHub.connect("");
    var token = gitHub.accessToken().reveal();

    assertThat(gitHub.server.disconnect(USER)).isTrue();
    assertRevoked(gitHub.revocation(), token);
  }

  @Test
  void tokenThatGitHubDoesNotKnowAnyMoreIsForgottenAllTheSame() {
    gitHub.connect(SCOPES);
    gitHub.issuer().expireAccessTokens();

    assertThat(gitHub.server.disconnect(USER)).isFalse();
    assertThat(gitHub.issuer().revocations()).hasSize(1);
    assertThat(gitHub.stored()).isEmpty();
  }
}
