package social.avatarai.mcp.flow;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.server.ConnectionView;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.ProviderWorld;
import social.avatarai.mcp.world.ServerWorld;

/**
 * One life of a grant at each provider: Neon, GitHub, Notion and X, both their authorization server and the MCP server in
 * front of it.
 */
class ReplicasFlowTest {
  private static final Response ERROR_PAGE = Response.html(502, "<!doctype html><title>Bad gateway</title>");
  private static final Response ERROR_PAGE_AS_SUCCESS = Response.html(200, "<!doctype html><title>Down</title>");

  /** Longer than the longest life of an access token that a provider names. */
  private static void expire(ProviderWorld world) {
    world.world.clock.advance(Duration.ofHours(8));
    world.issuer().expireAccessTokens();
  }

  /** The refresh token is dead, and the access token has ended. Without a refresh token, it is revoked. */
  private static void endGrant(ProviderWorld world) {
    var token = world.stored().orElseThrow().tokens().refreshToken();
    if (token != null) world.issuer().revoke(token.reveal());
    expire(world);
  }

  private static void signIn(ProviderWorld world, String owner) {
    world.issuer().adjust(knobs -> knobs.accounts(accounts -> accounts.signedIn(owner)));
  }

  private static ConnectionView view(ProviderWorld world) {
    return world.world.flow().connection(USER, ServerWorld.MCP_ID);
  }

  /** GitHub and X are asked at their API, and Notion names the owner in its token response. The others say nothing. */
  @ParameterizedTest
  @CsvSource(nullValues = "-", value = {"GITHUB_OAUTH_APP,alice", "GITHUB_APP,alice", "X,alice",
      "NOTION,'Invented workspace, Person alice'", "NOTION_MCP,-", "NEON,-"})
  void connectionSaysWhoseAccountItIsAsFarAsTheProviderDoes(FakeProvider provider, @Nullable String label) {
    try (var world = ProviderWorld.ofReplica(provider)) {
      signIn(world, "alice");
      world.connect();
      var account = view(world).account();
      assertThat(account == null ? null : account.label()).isEqualTo(label);
    }
  }

  @ParameterizedTest
  @EnumSource(value = FakeProvider.class, names = {"GITHUB_OAUTH_APP", "GITHUB_APP", "X", "NOTION"})
  void consentOfAnotherAccountIsUsedOnlyWhenTheUserHasDecidedSo(FakeProvider provider) {
    try (var world = ProviderWorld.ofReplica(provider)) {
      signIn(world, "alice");
      world.connect();
      endGrant(world);
      assertThat(world.server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
      signIn(world, "bob");
      var begun = world.server.begin();
      assertThat(world.world.callback(begun, world.world.approve(begun)))
          .asInstanceOf(type(CallbackOutcome.Failed.class)).extracting(CallbackOutcome.Failed::error)
          .isEqualTo(ErrorCode.ACCOUNT_CHANGED);
      assertThat(requireNonNull(view(world).account()).label()).contains("alice");
      var change = requireNonNull(view(world).accountChange());
      assertThat(change.to().label()).contains("bob");

      world.world.flow().keepNewAccount(USER, ServerWorld.MCP_ID, change.id(), deadline());
      assertThat(saidBy(world.server.access(USER))).isEqualTo("bob");
    }
  }

  @ParameterizedTest
  @EnumSource(FakeProvider.class)
  void userConnectsCallsAndDisconnects(FakeProvider provider) {
    try (var world = ProviderWorld.ofReplica(provider)) {
      world.connect();
      assertThat(saidBy(world.server.access(USER))).isEqualTo("owner-1");
      assertThat(world.issuer().subjectOf(world.accessToken().reveal())).contains("owner-1");

      assertThat(world.server.disconnect(USER)).isTrue();
      assertThat(world.issuer().revocations()).hasSize(1);
      assertThat(world.stored()).isEmpty();
    }
  }

  /** An OAuth App of GitHub has no refresh tokens. */
  @ParameterizedTest
  @EnumSource(value = FakeProvider.class, names = "GITHUB_OAUTH_APP", mode = Mode.EXCLUDE)
  void accessTokenThatHasEndedIsRenewedTwiceEachTimeWithTheNewestRefreshToken(FakeProvider provider) {
    try (var world = ProviderWorld.ofReplica(provider)) {
      world.connect();
      var first = world.refreshToken().reveal();
      expire(world);
      assertThat(saidBy(world.server.access(USER))).isEqualTo("owner-1");
      var second = world.refreshToken().reveal();
      expire(world);
      assertThat(saidBy(world.server.access(USER))).isEqualTo("owner-1");

      assertThat(world.issuer().refreshTokensSent()).containsExactly(first, second);
      assertThat(world.issuer().liveRefreshTokens()).contains(world.refreshToken().reveal());
    }
  }

  /** A token of an OAuth App of GitHub cannot be renewed, so its MCP server alone says that it is dead. */
  @ParameterizedTest
  @EnumSource(FakeProvider.class)
  void deadGrantIsAskedForOnceAndANewConsentHelps(FakeProvider provider) {
    try (var world = ProviderWorld.ofReplica(provider)) {
      signIn(world, "owner-1");
      world.connect();
      endGrant(world);
      assertThat(world.server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
      assertThat(world.server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
      assertThat(world.world.refreshes()).isEqualTo(provider == FakeProvider.GITHUB_OAUTH_APP ? 0 : 1);
      assertThat(world.server.status()).isEqualTo("reauthorization_required");

      world.server.connectWithConsent();
      assertThat(saidBy(world.server.access(USER))).isEqualTo("owner-1");
    }
  }

  @ParameterizedTest
  @EnumSource(value = FakeProvider.class, names = "GITHUB_OAUTH_APP", mode = Mode.EXCLUDE)
  void errorPageInThePlaceOfARefreshEndsNoGrant(FakeProvider provider) {
    try (var world = ProviderWorld.ofReplica(provider)) {
      world.connect();
      for (var page : new Response[]{ERROR_PAGE, ERROR_PAGE_AS_SUCCESS}) {
        expire(world);
        world.issuer().tokenEndpoint().next(page);
        var failure = catchThrowableOfType(Failure.class, () -> world.server.access(USER));
        assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
        assertThat(failure.safeMessage()).doesNotContain("doctype");
        assertThat(world.stored().orElseThrow().state().needsReauthorization()).isFalse();

        world.world.clock.advance(Duration.ofMinutes(15));
        assertThat(saidBy(world.server.access(USER))).isEqualTo("owner-1");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(FakeProvider.class)
  void errorPageInThePlaceOfTokensEndsTheFlowAndTheNextConsentConnects(FakeProvider provider) {
    try (var world = ProviderWorld.ofReplica(provider)) {
      world.issuer().tokenEndpoint().next(ERROR_PAGE);
      world.put();
      var begun = world.server.begin();
      assertThat(world.world.callback(begun, world.world.approve(begun))).isInstanceOf(CallbackOutcome.Failed.class);
      assertThat(world.stored()).isEmpty();

      world.server.connectWithConsent();
      assertThat(saidBy(world.server.access(USER))).startsWith("owner-");
    }
  }

  @ParameterizedTest
  @EnumSource(FakeProvider.class)
  void errorPageOfTheMcpServerIsAFailureOfItsOwnAndTheGrantStays(FakeProvider provider) {
    try (var world = ProviderWorld.ofReplica(provider)) {
      world.connect();
      assertThat(saidBy(world.server.access(USER))).isEqualTo("owner-1");
      world.world.mcpServer.mcpEndpoint().next(ERROR_PAGE);
      var failure = catchThrowableOfType(Failure.class, () -> world.server.access(USER));
      assertThat(failure.safeMessage()).doesNotContain("doctype");
      assertThat(world.server.status()).isEqualTo("connected");
      assertThat(saidBy(world.server.access(USER))).isEqualTo("owner-1");
    }
  }
}
