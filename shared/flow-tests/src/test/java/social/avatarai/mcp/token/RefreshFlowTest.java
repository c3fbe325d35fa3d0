package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.connected;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.invocation;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;
import static social.avatarai.mcp.world.GrantWorld.renewed;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.GrantWorld.together;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/** Refreshes without failures, with one caller or many callers at the same time. */
class RefreshFlowTest {
  private static final int CROWD = 60;

  /** One access of one caller among many. */
  private interface Asking {
    Access ask(Flow process, int number);
  }

  @Test
  void sixtyAccessesOnAnExpiredTokenSendItsRefreshTokenOnce() throws Exception {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      crowd(world, List.of(world.flow), (process, _) -> world.access(process, USER, listTools()));
    }
  }

  @Test
  void refreshTokenOfTheResponseIsUsedThoughTheMetadataListsNoSuchGrant() {
    try (var world = GrantWorld.start(k -> k.metadata("grant_types_supported", List.of("authorization_code")))) {
      world.authorizationServer.preRegister(FakeClient.publicClient("by-hand").acceptingRedirects(_ -> true));
      connected(world.finish(world.begin(USER, new ClientId("by-hand"))));
      world.expire();
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void tokenWithoutARefreshTokenIsUsedThoughTheMetadataPromisesOne() {
    try (var world = GrantWorld.start(AuthorizationServerKnobs::withoutRefreshTokens)) {
      assertThat(world.connect(USER).tokens().refreshToken()).isNull();
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      world.expire();
      assertThat(world.access(USER, listTools())).isInstanceOf(Access.ConsentNeeded.class);
      assertThat(world.refreshTokensSent()).isEmpty();
    }
  }

  @Test
  void twoProcessesSendARefreshTokenOnce() throws Exception {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      crowd(world, List.of(world.flow, world.anotherProcess()),
          (process, _) -> world.access(process, USER, listTools()));
    }
  }

  @Test
  void sixtyAccessesByIdAndByUrlOnAnExpiredTokenOfAServerSendItsRefreshTokenOnce() throws Exception {
    try (var world = GrantWorld.start()) {
      var mcpId = ServerWorld.MCP_ID;
      world.flow.putServer(USER, mcpId, ServerWorld.record(world.mcpServer.url()), invocation());
      connected(world.finish(ServerWorld.begun(world.flow.connect(USER,
          mcpId, AuthorizationStart.fresh(), invocation()))));
      var targets = List.of(new Target.ByConnection(mcpId), new Target.ByUrl(world.url()));
      crowd(world, List.of(world.flow, world.anotherProcess()),
          (process, number) -> process.access(USER, targets.get(number / 2 % 2), listTools(), inTime()));
    }
  }

  /** The caller that refreshes is held until all other callers have seen the refresh. */
  private static void crowd(GrantWorld world, List<Flow> processes, Asking asking) throws Exception {
    world.expire();
    var waiting = new CountDownLatch(CROWD - 1);
    var answered = new CountDownLatch(1);
    world.authorizationServer.tokenEndpoint().delayUntil(answered);
    var all = waitingFor(world, waiting, answered);
    var tasks = new ArrayList<Callable<Access>>();
    for (int i = 0; i < CROWD; i++) {
      int number = i;
      tasks.add(() -> asking.ask(processes.get(number % processes.size()), number));
    }
    assertThat(together(tasks)).hasSize(CROWD).allMatch(access -> access instanceof Access.Answered);
    all.join();
    assertThat(world.refreshTokensSent()).hasSize(1);
    world.expire();
    assertThat(asking.ask(world.flow, 0)).as("the family is alive").isInstanceOf(Access.Answered.class);
    assertThat(world.refreshTokensSent()).hasSize(2);
  }

  private static Thread waitingFor(GrantWorld world, CountDownLatch waiting, CountDownLatch answered) {
    var first = ThreadLocal.withInitial(() -> true);
    world.pause = _ -> {
      if (first.get()) waiting.countDown();
      first.set(false);
      await(answered);
      Thread.onSpinWait();
    };
    return Thread.ofVirtual().start(() -> {
      await(waiting);
      answered.countDown();
    });
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Test
  void oldRefreshTokenStaysWhereNoneIsAnswered() {
    try (var world = GrantWorld.start(k -> k.withoutRotation())) {
      var first = world.connect(USER);
      world.expire();
      var second = renewed(world.refresh(USER));
      assertThat(refreshTokenOf(second)).isEqualTo(refreshTokenOf(first));
      world.expire();
      assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
      String only = refreshTokenOf(first).reveal();
      assertThat(world.refreshTokensSent()).containsExactly(only, only);
    }
  }

  @ParameterizedTest
  @CsvSource({"'\"600\"', 600", "600.9, 600", "1e3, 1000", "-5, 0", "0, 0", "1000000000000000000, 31622400",
      "'\"soon\"', 3600", "null, 3600", "true, 3600"})
  void takesOddLifetimesForWhatTheyMean(String expiresIn, long seconds) {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      var value = Json.value(expiresIn.getBytes(UTF_8)).orElseThrow();
      world.authorizationServer.adjust(k -> k.tokenResponse("expires_in", value));
      var grant = renewed(world.refresh(USER));
      assertThat(grant.tokens().expiresAt()).isEqualTo(world.clock.instant().plusSeconds(seconds));
      assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
    }
  }

  @Test
  void refreshNamesTheResourceAsItWasNamedAtFirst() {
    try (var world = GrantWorld.start()) {
      String resource = world.mcpServer.url() + "/";
      world.mcpServer.adjust(k -> k.resource(resource));
      world.connect(USER);
      world.expire();
      assertThat(world.byUrl(USER, world.mcpServer.url(), listTools())).isInstanceOf(Access.Answered.class);
      assertThat(world.authorizationServer.tokenRequests()).extracting(request -> request.parameters().get("resource"))
          .containsExactly(resource, resource);
    }
  }

  @Test
  void currentRefreshTokenForcesARefresh() {
    try (var world = GrantWorld.start()) {
      var first = world.connect(USER);
      var second = renewed(world.refresh(USER, refreshTokenOf(first), first.client().id()));
      assertThat(second.version()).isEqualTo(2);
      assertThat(second.tokens().accessToken()).isNotEqualTo(first.tokens().accessToken());
      assertThat(world.grantOf(USER)).isEqualTo(second);
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
    }
  }

  @Test
  void previousRefreshTokenIsAnsweredWithTheCurrentTokensAndNotSent() {
    try (var world = GrantWorld.start()) {
      var first = world.connect(USER);
      var second = renewed(world.refresh(USER));
      var told = renewed(world.refresh(USER, refreshTokenOf(first), first.client().id()));
      assertThat(told.tokens()).isEqualTo(second.tokens());
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void refreshTokenWithAnotherClientOrIssuerIsNotSent() {
    try (var world = GrantWorld.start(); var elsewhere = FakeAuthorizationServer.start()) {
      var grant = world.connect(USER);
      var token = refreshTokenOf(grant);
      assertThat(world.refresh(USER, token, new ClientId("another-client")))
          .isInstanceOf(Refreshed.InvalidGrant.class);
      var what = new What.Token(token, new Issuer(elsewhere.issuer()), grant.client().id());
      assertThat(world.flow.refresh(USER, what, GrantWorld.inTime())).isInstanceOf(Refreshed.InvalidGrant.class);
      assertThat(world.refreshTokensSent()).isEmpty();
      assertThat(elsewhere.tokenRequests()).isEmpty();
      assertThat(elsewhere.metadataRequests()).isEmpty();
    }
  }

  @Test
  void tokenThatIsFreshIsNotRefreshedForAnAccess() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.clock.advance(Duration.ofMinutes(59));
      world.access(USER, listTools());
      assertThat(world.refreshTokensSent()).isEmpty();
    }
  }
}
