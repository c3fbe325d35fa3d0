package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.GrantWorld.OTHER;
import static social.avatarai.mcp.world.GrantWorld.USER;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.aws.dynamodb.DynamoDbDueGrants;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.DueGrants.Due;
import social.avatarai.mcp.token.ScheduledRefresh.Run;
import social.avatarai.mcp.world.GrantWorld;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

/** No user and no issuer keeps the grants of others from being refreshed in the run in which they are due. */
class FairScheduleFlowTest {
  private static final int LAST_SHARD = DueGrants.SHARDS - 1;
  private static final Duration DUE = Duration.ofMinutes(56);
  private static final int MANY = 100;
  /** More hanging attempts than a run makes at once, and so many that another grant is looked at after them. */
  private static final int MORE_THAN_AT_ONCE = RefreshLanes.MAX_AT_ONCE + RefreshRun.MAX_LOOKS;

  private static DueGrants dueGrants(GrantWorld world) {
    return new DynamoDbDueGrants(EmbeddedDynamoDb.inMemory().client(), world.platform.tables());
  }

  private static long minute(GrantWorld world) {
    return world.clock.instant().getEpochSecond() / 60;
  }

  /** Keeps a grant at another issuer, which is due in this minute. */
  private static void keepAt(FakeAuthorizationServer issuer, GrantWorld world, Grant like, ConnectionKey key) {
    keepAt(issuer.issuer(), world, like, new Due(key, minute(world)));
  }

  private static void keepAt(String issuer, GrantWorld world, Grant like, Due due) {
    var old = like.target();
    var target = new GrantTarget(new Issuer(issuer), new EndpointUrl(issuer + "/token"), old.resource(),
        old.serverUrl());
    var key = due.key();
    // A client without a secret: the other issuer knows no client of this world.
    var client = new ClientIdentity(Owner.of(key.user()), ClientIdentity.Origin.PUBLIC, like.client().id(),
        ClientAuthenticationMethod.NONE);
    world.stored.store(new Grant(key, GrantId.fresh(), 1, target, client, like.tokens(),
        GrantState.healthy(world.clock.instant(), due.minute()), like.warnings(), null));
    dueGrants(world).schedule(key, due.minute());
  }

  private static int shard(ConnectionKey key) {
    return DynamoDbDueGrants.shard(key);
  }

  private static Run run(GrantWorld world) {
    return world.flow.refreshDue(0, LAST_SHARD, timeOfARun());
  }

  private static Deadline timeOfARun() {
    return Deadline.in(Duration.ofSeconds(55));
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
      int most = RefreshLanes.MAX_OF_ENDPOINT_AT_ONCE + EndpointBreakers.USERS_TO_OPEN;
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
          .<Callable<Run>>map(flow -> () -> flow.refreshDue(0, LAST_SHARD, timeOfARun())).toList());
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

  /**
   * The bug: an endpoint had a bound, and a host has many endpoints, for example one for each tenant. So the users of one
   * host that hangs held all places, and the grants behind them came late or were left.
   */
  @Test
  void hostWithManyEndpointsThatHangDelaysNoGrantBehindItsOwn() throws Exception {
    var latch = new CountDownLatch(1);
    try (var world = GrantWorld.start(); var host = LoopbackHttp.start(_ -> {
      await(latch);
      return Response.of(503);
    })) {
      var grant = world.connect(OTHER);
      long minute = grant.state().dueMinute() - 1;
      // The markers are read before that of the other grant: all looks end before its own, except those under way.
      IntStream.iterate(0, i -> i + 1).mapToObj(i -> new ConnectionKey(new UserId("tenant-" + i), world.connection()))
          .filter(key -> shard(key) == shard(grant.key())).limit(MORE_THAN_AT_ONCE)
          .forEach(key -> keepAt("http://127.0.0.1:" + host.port() + "/" + key.user(), world, grant,
              new Due(key, minute)));
      world.clock.advance(DUE);
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var running = threads.submit(() -> run(world));
        host.endpoint().awaitRequests(RefreshLanes.MAX_OF_SITE_AT_ONCE);
        world.authorizationServer.tokenEndpoint().awaitRequests(2);
        assertThat(host.requests()).as("attempts at the site at once").hasSize(RefreshLanes.MAX_OF_SITE_AT_ONCE);
        latch.countDown();
        assertThat(running.get()).as("those that wait are tried, too")
            .isEqualTo(new Run(MORE_THAN_AT_ONCE + 1, 1, MORE_THAN_AT_ONCE, 0, true));
      }
    }
  }

  /** The bug: the failure of one shard ended the run, so the shards after it were not read and no cursor moved. */
  @Test
  void shardThatCannotBeReadStopsNoOtherShard() {
    try (var world = GrantWorld.start()) {
      var key = world.connect(USER).key();
      world.clock.advance(DUE);
      for (int shard = 0; shard <= LAST_SHARD; shard++)
        if (shard != shard(key)) breakMarker(world, shard);
      var run = run(world);
      assertThat(run.refreshed()).isEqualTo(1);
      assertThat(run.finished()).isFalse();
      assertThat(dueGrants(world).cursor(shard(key))).isEqualTo(minute(world));
      assertThat(dueGrants(world).cursor(shard(key) == 0 ? 1 : 0)).isZero();
    }
  }

  private static void breakMarker(GrantWorld world, int shard) {
    var broken = Map.of("pk", AttributeValue.fromS("due#" + shard), "sk", AttributeValue.fromS("0000000001#broken"));
    EmbeddedDynamoDb.inMemory().client()
        .putItem(put -> put.tableName(world.platform.tables().due()).item(broken));
  }

  /** The bug: a cursor that a wrong clock had moved ahead made each run throw, until the time had come up to it. */
  @Test
  void cursorAheadOfTheTimeStopsNoRunAndIsBroughtBack() {
    try (var world = GrantWorld.start()) {
      var key = world.connect(USER).key();
      world.clock.advance(DUE);
      dueGrants(world).advance(shard(key), minute(world) + 600);
      assertThat(run(world)).isEqualTo(new Run(1, 1, 0, 0, true));
      assertThat(dueGrants(world).cursor(shard(key))).isEqualTo(minute(world));
      world.clock.advance(Duration.ofHours(5));
      assertThat(run(world).refreshed()).as("due while no run came").isEqualTo(1);
    }
  }

  /** The bug: a marker that could get no later one kept the cursors of all shards before it. */
  @Test
  void markerThatCannotBePutHoldsTheCursorOfItsShardAlone() {
    try (var world = GrantWorld.start(); var down = FakeAuthorizationServer.start(k -> k.clock(world.clock))) {
      var like = world.connect(USER);
      world.clock.advance(Duration.ofMinutes(10));
      var key = new ConnectionKey(new UserId("held"), world.connection());
      keepAt(down, world, like, key);
      down.tokenEndpoint().next(Response.of(503));
      long minute = minute(world);
      world.clock.advance(Duration.ofMinutes(10));
      world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(new NoMarkers(world.platform.tables().due())));
      assertThat(world.anotherProcess().refreshDue(0, LAST_SHARD, timeOfARun()).finished()).isFalse();
      for (int shard = 0; shard <= LAST_SHARD; shard++)
        assertThat(dueGrants(world).cursor(shard)).isEqualTo(shard == shard(key) ? minute - 1 : minute(world));
    }
  }

  /** Refuses every marker. */
  private record NoMarkers(String table) implements ExecutionInterceptor {
    @Override
    public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
      if (context.request() instanceof PutItemRequest put && put.tableName().equals(table)) {
        throw new IllegalStateException("invented fault");
      }
    }
  }

  /** The bug: three accounts of one user, whose own clients were asked to slow down, stopped all others at the issuer. */
  @Test
  void issuerThatSlowsDownTheClientsOfThreeUsersIsAskedForAnotherUser() {
    try (var world = GrantWorld.start();
        var limiting = FakeAuthorizationServer.start(k -> k.clock(world.clock).tokenErrorStatus(429))) {
      var like = world.connect(USER);
      world.clock.advance(Duration.ofMinutes(10));
      IntStream.range(0, EndpointBreakers.USERS_TO_OPEN).forEach(i -> keepAt(limiting, world, like,
          new ConnectionKey(new UserId("user-" + i), world.connection())));
      assertThat(run(world).postponed()).isEqualTo(EndpointBreakers.USERS_TO_OPEN);
      keepAt(limiting, world, like, new ConnectionKey(new UserId("other"), world.connection()));
      int asked = limiting.tokenEndpoint().requests().size();
      assertThat(run(world).skipped()).isZero();
      assertThat(limiting.tokenEndpoint().requests()).hasSize(asked + 1);
    }
  }
}
