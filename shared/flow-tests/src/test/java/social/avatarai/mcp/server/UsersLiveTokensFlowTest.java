package social.avatarai.mcp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.OtherApp.refreshTokenOf;
import static social.avatarai.mcp.world.ThreeProviders.OWNER;
import static social.avatarai.mcp.world.ThreeProviders.mcpId;
import static social.avatarai.mcp.world.UsersDocument.imported;

import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.ProviderWorld;
import social.avatarai.mcp.world.ThreeProviders;
import social.avatarai.mcp.world.UsersDocument;

/**
 * The three servers of the user's document in one process: their live tokens are used and renewed in the form of each
 * provider, and consents connect them. Only the records bind the providers to the servers.
 */
class UsersLiveTokensFlowTest {
  private static final String BASIC = "Basic "
      + Base64.getEncoder().encodeToString(("invented%2Fclient%3Aci:" + ProviderWorld.SECRET).getBytes(UTF_8));

  private ThreeProviders providers = new ThreeProviders(FakeProvider.GITHUB_OAUTH_APP);

  @AfterEach
  void close() {
    providers.close();
  }

  private void withAGitHubApp() {
    providers.close();
    providers = new ThreeProviders(FakeProvider.GITHUB_APP);
  }

  private void importLiveTokens() {
    imported(providers, UsersDocument.withLiveTokens(providers));
  }

  private Received sentTo(FakeProvider provider) {
    return providers.issuer(provider).tokenRequests().getLast();
  }

  private int refreshesAt(FakeProvider provider) {
    return providers.issuer(provider).refreshTokensSent().size();
  }

  private void assertStatus(FakeProvider provider, String status) {
    assertThat(providers.shown(provider).path("status").asText()).as(provider.name()).isEqualTo(status);
  }

  @Test
  void tokenOfXIsRenewedWithBasicAndWithoutAResource() {
    importLiveTokens();
    var first = providers.given(FakeProvider.X);
    providers.world.clock.advance(Duration.ofHours(2));
    assertThat(saidBy(providers.access(FakeProvider.X))).isEqualTo("owner-1");
    assertThat(sentTo(FakeProvider.X).parameters()).containsOnlyKeys("grant_type", "refresh_token")
        .containsEntry("refresh_token", refreshTokenOf(first));
    assertThat(sentTo(FakeProvider.X).header("authorization")).contains(BASIC);
    assertThat(providers.grant(FakeProvider.X).tokens().refreshToken()).isNotEqualTo(first.refreshToken());
  }

  /** Notion names no expiry. */
  @Test
  void tokenOfNotionIsUsedForDaysAndRenewedAsJsonWhenTheServerRefusesIt() {
    importLiveTokens();
    var first = providers.given(FakeProvider.NOTION);
    providers.world.clock.advance(Duration.ofDays(20));
    assertThat(saidBy(providers.access(FakeProvider.NOTION))).isEqualTo("owner-1");
    assertThat(refreshesAt(FakeProvider.NOTION)).isZero();

    providers.issuer(FakeProvider.NOTION).expireAccessTokens();
    assertThat(saidBy(providers.access(FakeProvider.NOTION))).isEqualTo("owner-1");
    var sent = sentTo(FakeProvider.NOTION);
    assertThat(sent.body()).isEqualTo("{\"grant_type\":\"refresh_token\",\"refresh_token\":\""
        + refreshTokenOf(first) + "\"}");
    assertThat(sent.header("authorization")).contains(BASIC);
    assertThat(sent.header("notion-version")).contains("2025-09-03");
    assertStatus(FakeProvider.NOTION, "connected");
  }

  @Test
  void tokenOfGitHubHasNoEndAndIsUsedUntilItIsRefused() {
    importLiveTokens();
    providers.world.clock.advance(Duration.ofDays(300));
    assertThat(saidBy(providers.access(FakeProvider.GITHUB_OAUTH_APP))).isEqualTo("owner-1");
    providers.issuer(FakeProvider.GITHUB_OAUTH_APP).expireAccessTokens();
    assertThat(providers.access(FakeProvider.GITHUB_OAUTH_APP)).isInstanceOf(Access.ConsentNeeded.class);
    assertStatus(FakeProvider.GITHUB_OAUTH_APP, "reauthorization_required");
    assertThat(refreshesAt(FakeProvider.GITHUB_OAUTH_APP)).isZero();
  }

  @Test
  void tokenOfAGitHubAppIsRenewedWithTheSecretInTheBody() {
    withAGitHubApp();
    importLiveTokens();
    providers.world.clock.advance(Duration.ofHours(8));
    assertThat(saidBy(providers.access(FakeProvider.GITHUB_APP))).isEqualTo("owner-1");
    assertThat(sentTo(FakeProvider.GITHUB_APP).header("authorization")).isEmpty();
    assertThat(sentTo(FakeProvider.GITHUB_APP).parameters()).containsEntry("client_secret", ProviderWorld.SECRET)
        .containsEntry("refresh_token", refreshTokenOf(providers.given(FakeProvider.GITHUB_APP)));
  }

  /** GitHub says so with status 200, X with a description, Notion by the standard. */
  @Test
  void wordOfEachProviderForADeadRefreshTokenEndsItsImportedGrantAtOnceAndNoOther() {
    withAGitHubApp();
    importLiveTokens();
    providers.world.clock.advance(Duration.ofHours(8));
    providers.issuer(FakeProvider.NOTION).expireAccessTokens();
    for (var dead : providers.all()) {
      providers.issuer(dead).revoke(refreshTokenOf(providers.given(dead)));
      assertThat(providers.access(dead)).as(dead.name()).isInstanceOf(Access.ConsentNeeded.class);
      assertThat(refreshesAt(dead)).isEqualTo(1);
      assertStatus(dead, "reauthorization_required");
      assertThat(providers.shown(dead).path("cause").asText()).isEqualTo("refresh_refused");
    }
    for (var again : providers.all()) {
      assertThat(providers.connect(again).warnings()).contains(Warning.ISSUER_BY_RECORD);
      assertThat(saidBy(providers.access(again))).isEqualTo("owner-2");
      assertStatus(again, "connected");
    }
  }

  @Test
  void deadRefreshTokenOfOneProviderLeavesTheOthersConnected() {
    importLiveTokens();
    providers.world.clock.advance(Duration.ofHours(2));
    providers.issuer(FakeProvider.X).revoke(refreshTokenOf(providers.given(FakeProvider.X)));
    assertThat(providers.access(FakeProvider.X)).isInstanceOf(Access.ConsentNeeded.class);
    assertStatus(FakeProvider.X, "reauthorization_required");
    for (var other : new FakeProvider[]{FakeProvider.NOTION, FakeProvider.GITHUB_OAUTH_APP}) {
      assertStatus(other, "connected");
      assertThat(saidBy(providers.access(other))).isEqualTo("owner-1");
    }
  }

  @Test
  void threeRecordsOfOneDocumentAreConnectedByConsentsAndDisconnected() {
    imported(providers, UsersDocument.withoutTokens(providers));
    for (var provider : providers.all()) {
      var grant = providers.connect(provider);
      assertThat(grant.client().owner().isDeployment()).isFalse();
      assertThat(grant.warnings()).contains(Warning.ISSUER_BY_RECORD);
      assertThat(grant.target().issuer().value()).isEqualTo(providers.issuer(provider).issuer());
    }
    for (var provider : providers.all()) {
      assertThat(saidBy(providers.access(provider))).isEqualTo("owner-1");
      assertStatus(provider, "connected");
    }
    for (var provider : providers.all()) {
      assertThat(providers.world.flow().disconnect(OWNER, mcpId(provider), deadline()).revoked()).isTrue();
      assertThat(providers.issuer(provider).revocations()).as(provider.name()).hasSize(1);
    }
  }

  @Test
  void refusedClientOfEachProviderIsSaidInItsRecordAloneUntilTheNextSuccess() {
    imported(providers, UsersDocument.withoutTokens(providers));
    for (var provider : providers.all()) {
      var begun = providers.begin(provider);
      providers.changeSecret(provider, "another-invented-secret");
      assertThat(providers.finish(provider, begun)).isInstanceOf(CallbackOutcome.Failed.class);
      assertThat(providers.shown(provider).path("cause").asText()).isEqualTo("token_request_refused");
      providers.changeSecret(provider, ProviderWorld.SECRET);
      providers.connect(provider);
      assertThat(providers.shown(provider).path("error").isNull()).isTrue();
    }
  }

  @Test
  void importedTokensAreRevokedInTheFormOfEachProvider() {
    importLiveTokens();
    for (var provider : providers.all())
      assertThat(providers.world.flow().disconnect(OWNER, mcpId(provider), deadline()).revoked()).isTrue();
    assertThat(providers.issuer(FakeProvider.GITHUB_OAUTH_APP).revocations().getLast().method()).isEqualTo("DELETE");
    assertThat(providers.issuer(FakeProvider.NOTION).revocations().getLast().body()).isEqualTo(
        "{\"token\":\"" + providers.given(FakeProvider.NOTION).accessToken().reveal() + "\"}");
    assertThat(providers.issuer(FakeProvider.X).revocations().getLast().parameters()).containsEntry("token",
        refreshTokenOf(providers.given(FakeProvider.X)));
  }
}
