package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.GrantWorld.OTHER;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.inTime;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.aws.dynamodb.DynamoDbDueGrants;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.ScheduledRefresh.Run;
import social.avatarai.mcp.world.GrantWorld;

/** No user and no issuer keeps the grants of others from being refreshed in the run in which they are due. */
class FairScheduleFlowTest {
  private static final int LAST_SHARD = DueGrants.SHARDS - 1;
  private static final Duration DUE = Duration.ofMinutes(56);
  private static final int MANY = 100;

  private static DueGrants dueGrants(GrantWorld world) {
    return new DynamoDbDueGrants(EmbeddedDynamoDb.inMemory().client(), world.platform.tables());
  }

  private static long minute(GrantWorld world) {
    return world.clock.instant().getEpochSecond() / 60;
  }

  /** Keeps a grant at another issuer, which is due in this minute. */
  private static void keepAt(FakeAuthorizationServer issuer, GrantWorld world, Grant like, ConnectionKey key) {
    var old = like.target();
    var target = new GrantTarget(new Issuer(issuer.issuer()), new EndpointUrl(issuer.issuer() + "/token"),
        old.resource(), old.serverUrl());
    // A client without a secret: the other issuer knows no client of this world.
    var client = new ClientIdentity(Owner.of(key.user()), ClientIdentity.Origin.PUBLIC, like.client().id(),
        ClientAuthenticationMethod.NONE);
    world.stored.store(new Grant(key, GrantId.fresh(), 1, target, client, like.tokens(),
        GrantState.healthy(world.clock.instant(), minute(world)), like.warnings(), null));
    dueGrants(world).schedule(key, minute(world));
  }

  private static Run run(GrantWorld world) {
    return world.flow.refreshDue(0, LAST_SHARD, inTime());
  }

  @Test
  void hundredGrantsOfOneUserAtAnIssuerThatHangsDelayNoOtherUser() throws Exception {
    try (var world = GrantWorld.start();
        var slow = FakeAuthorizationServer.start(k -> k.clock(world.clock).tokenErrorStatus(503))) {
      var like = world.connect(USER);
      world.connect(OTHER);
      IntStream.range(0, MANY).forEach(i -> keepAt(slow, world, like, new ConnectionKey(new UserId("many"),
          new ConnectionId("slow-" + i))));
      for (int round = 1; round <= 3; round++) {
        world.clock.advance(DUE);
        assertRefreshedWhileTheIssuerHangs(world, slow, round);
        world.clock.advance(Duration.ofMinutes(4));
      }
    }
  }

  /** The slow issuer holds its responses until the other issuer has been asked for all grants that are due there. */
  private static void assertRefreshedWhileTheIssuerHangs(GrantWorld world, FakeAuthorizationServer slow, int round)
      throws Exception {
    var latch = new CountDownLatch(1);
    int before = slow.tokenEndpoint().requests().size();
    IntStream.range(0, RefreshLanes.MAX_OF_USER_AT_ONCE).forEach(_ -> slow.tokenEndpoint().nextFrom(_ -> {
      await(latch);
      return Response.of(503);
    }));
    int asked = world.authorizationServer.tokenEndpoint().requests().size();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = threads.submit(() -> run(world));
      slow.tokenEndpoint().awaitRequests(before + RefreshLanes.MAX_OF_USER_AT_ONCE);
      world.authorizationServer.tokenEndpoint().awaitRequests(asked + 2);
      assertThat(slow.tokenEndpoint().requests()).as("attempts of one user at once")
          .hasSize(before + RefreshLanes.MAX_OF_USER_AT_ONCE);
      latch.countDown();
      assertThat(running.get().refreshed()).isEqualTo(2);
    }
    assertThat(world.grantOf(OTHER).version()).isEqualTo(1L + round);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void issuerThatFailsForSeveralUsersIsLeftAloneAndItsGrantsAreComeBackTo() {
    try (var world = GrantWorld.start();
        var down = FakeAuthorizationServer.start(k -> k.clock(world.clock).tokenErrorStatus(503))) {
      var like = world.connect(USER);
      world.clock.advance(Duration.ofMinutes(10));
      IntStream.range(0, MANY).forEach(i -> keepAt(down, world, like, new ConnectionKey(new UserId("user-" + i),
          world.connection())));
      int most = RefreshLanes.MAX_OF_ISSUER_AT_ONCE + EndpointBreakers.USERS_TO_OPEN;
      var run = run(world);
      assertThat(run.skipped()).isGreaterThanOrEqualTo(MANY - most);
      assertThat(run.finished()).isTrue();
      int asked = down.tokenEndpoint().requests().size();
      assertThat(asked).isLessThanOrEqualTo(most);
      world.clock.advance(Duration.ofMinutes(20));
      assertThat(run(world).seen()).isPositive();
      assertThat(down.tokenEndpoint().requests().size()).isGreaterThan(asked);
    }
  }

  @Test
  void markerOfAProcessWhoseClockIsFiveMinutesBehindIsSeen() {
    try (var world = GrantWorld.start()) {
      var like = world.connect(USER);
      world.clock.advance(Duration.ofMinutes(10));
      run(world);
      long minute = minute(world) - 4;
      var key = new ConnectionKey(new UserId("behind"), world.connection());
      world.stored.store(new Grant(key, GrantId.fresh(), 1, like.target(), like.client(), like.tokens(),
          GrantState.healthy(world.clock.instant(), minute), like.warnings(), null));
      dueGrants(world).schedule(key, minute);
      assertThat(run(world).refreshed()).isEqualTo(1);
    }
  }

  @Test
  void overlappingRunsRefreshEachGrantOnce() throws Exception {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.connect(OTHER);
      world.clock.advance(DUE);
      var processes = IntStream.range(0, 3).mapToObj(_ -> world.anotherProcess()).toList();
      GrantWorld.together(processes.stream()
          .<Callable<Run>>map(flow -> () -> flow.refreshDue(0, LAST_SHARD, inTime())).toList());
      assertThat(world.refreshTokensSent()).hasSize(2).doesNotHaveDuplicates();
      assertThat(world.grantOf(USER).version()).isEqualTo(2);
    }
  }

  @Test
  void tokenOfTenSecondsIsRenewedOnUseOnly() {
    try (var world = GrantWorld.start(k -> k.accessTokenLifetime(Duration.ofSeconds(10)))) {
      world.connect(USER);
      for (int i = 0; i < 5; i++) {
        world.clock.advance(Duration.ofMinutes(2));
        run(world);
      }
      assertThat(world.refreshTokensSent()).isEmpty();
    }
  }
}
