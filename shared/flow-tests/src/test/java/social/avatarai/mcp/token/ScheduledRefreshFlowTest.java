package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.GrantWorld.OTHER;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.listTools;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.aws.dynamodb.DynamoDbDueGrants;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.ScheduledRefresh.Run;
import social.avatarai.mcp.world.GrantWorld;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The scheduled refresh renews due grants. Its cost grows only with the number of due grants. */
class ScheduledRefreshFlowTest {
  private static final int LAST_SHARD = DueGrants.SHARDS - 1;
  /** Tokens with a life of one hour become due within this time, and have not expired by then. */
  private static final Duration DUE = Duration.ofMinutes(56);

  /** A number above 100, because the refresh first reads 100 markers. */
  private static final int MORE_THAN_A_PAGE = 160;

  private static Run run(GrantWorld world) {
    return world.flow.refreshDue(0, LAST_SHARD, Deadline.in(Duration.ofSeconds(55)));
  }

  private static DueGrants dueGrants(GrantWorld world) {
    return new DynamoDbDueGrants(EmbeddedDynamoDb.inMemory().client(), world.platform.tables());
  }

  private static long minute(GrantWorld world) {
    return world.clock.instant().getEpochSecond() / 60;
  }

  @Test
  void dueGrantIsRefreshedAndOneThatIsNotDueIsLeftAlone() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.clock.advance(Duration.ofMinutes(30));
      world.connect(OTHER);
      world.clock.advance(DUE.minusMinutes(30));
      assertThat(run(world)).isEqualTo(new Run(1, 1, 0, 0, true));
      assertThat(world.grantOf(USER).version()).isEqualTo(2);
      assertThat(world.grantOf(OTHER).version()).isEqualTo(1);
      assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void grantThatNobodyUsesIsOnlyKeptAlive() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.clock.advance(Duration.ofHours(30));
      assertThat(run(world)).isEqualTo(new Run(1, 1, 0, 0, true));
      world.clock.advance(Duration.ofHours(18));
      assertThat(run(world)).as("though its access token has ended").isEqualTo(new Run(0, 0, 0, 0, true));
      world.clock.advance(Duration.ofHours(6));
      assertThat(run(world)).isEqualTo(new Run(1, 1, 0, 0, true));
    }
  }

  @Test
  void grantThatIsUsedAgainIsRefreshedAheadOfExpiryAgain() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.clock.advance(Duration.ofHours(30));
      run(world);
      world.clock.advance(Duration.ofHours(2));
      world.access(USER, listTools());
      world.clock.advance(DUE);
      assertThat(run(world).refreshed()).isEqualTo(1);
    }
  }

  @Test
  void markerOfAGrantThatWasRefreshedMeanwhileIsIgnored() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.clock.advance(Duration.ofMinutes(40));
      world.refresh(USER);
      world.clock.advance(DUE.minusMinutes(40));
      assertThat(run(world)).isEqualTo(new Run(1, 0, 0, 0, true));
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void sameRunTwiceRefreshesOnce() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.clock.advance(DUE);
      run(world);
      assertThat(run(world).refreshed()).isZero();
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void nothingIsReadAgainBeyondTheOverlap() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.clock.advance(DUE);
      run(world);
      world.clock.advance(Duration.ofMinutes(7));
      run(world);
      world.calls.reset();
      assertThat(run(world)).isEqualTo(new Run(0, 0, 0, 0, true));
      assertThat(world.calls.counts()).isEqualTo(Map.of("GetItem", 64, "Query", 64, "UpdateItem", 64));
    }
  }

  @Test
  void runWithoutTimeLeavesItsWorkToTheNextOne() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.clock.advance(DUE);
      assertThat(world.flow.refreshDue(0, LAST_SHARD, Deadline.in(Duration.ofSeconds(7))))
          .isEqualTo(new Run(0, 0, 0, 0, false));
      world.clock.advance(Duration.ofMinutes(1));
      assertThat(run(world)).isEqualTo(new Run(1, 1, 0, 0, true));
    }
  }

  @Test
  void grantThatCannotBeRenewedNowStopsNoOtherAndIsComeBackTo() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.connect(OTHER);
      world.clock.advance(DUE);
      world.authorizationServer.tokenEndpoint().next(Response.of(503));
      assertThat(run(world)).isEqualTo(new Run(2, 1, 1, 0, true));
      world.clock.advance(Duration.ofMinutes(3));
      assertThat(run(world).refreshed()).isEqualTo(1);
      assertThat(List.of(world.grantOf(USER).version(), world.grantOf(OTHER).version())).containsExactly(2L, 2L);
    }
  }

  @Test
  void grantThatCannotBeReadStopsNoOtherAndIsComeBackTo() {
    try (var world = GrantWorld.start()) {
      var key = world.connect(USER).key();
      world.connect(OTHER);
      var whole = item(world, key);
      var broken = new HashMap<>(whole);
      broken.put("accessToken", AttributeValue.fromS("no ciphertext"));
      put(world, broken);
      world.clock.advance(DUE);
      assertThat(run(world)).isEqualTo(new Run(2, 1, 1, 0, true));
      put(world, whole);
      world.clock.advance(Duration.ofHours(1));
      assertThat(run(world).refreshed()).isEqualTo(2);
    }
  }

  private static Map<String, AttributeValue> item(GrantWorld world, ConnectionKey key) {
    return EmbeddedDynamoDb.inMemory().client().getItem(get -> get.tableName(world.platform.tables().tokens())
        .key(Map.of("pk", AttributeValue.fromS("u#" + key.user()), "sk",
            AttributeValue.fromS(key.connection().value()))))
        .item();
  }

  private static void put(GrantWorld world, Map<String, AttributeValue> item) {
    EmbeddedDynamoDb.inMemory().client().putItem(put -> put.tableName(world.platform.tables().tokens()).item(item));
  }

  @Test
  void deadGrantIsNotComeBackTo() {
    try (var world = GrantWorld.start()) {
      var grant = world.connect(USER);
      world.authorizationServer.revoke(GrantWorld.refreshTokenOf(grant).reveal());
      world.clock.advance(DUE);
      assertThat(run(world)).isEqualTo(new Run(1, 0, 1, 0, true));
      world.clock.advance(Duration.ofMinutes(10));
      run(world);
      world.clock.advance(Duration.ofDays(2));
      assertThat(run(world)).isEqualTo(new Run(0, 0, 0, 0, true));
    }
  }

  @Test
  void costGrowsWithWhatIsDueAndNotWithWhatIsStored() {
    var few = callsOfARun(5, 0);
    assertThat(callsOfARun(5, 60)).isEqualTo(few);
    assertThat(callsOfARun(10, 0)).isEqualTo(Map.of("GetItem", 64 + 10, "Query", 64, "UpdateItem", 64 + 20, "PutItem",
        10));
  }

  private static Map<String, Integer> callsOfARun(int due, int notDue) {
    try (var world = GrantWorld.start(k -> k.withoutRotation())) {
      var grant = world.connect(USER);
      world.clock.advance(Duration.ofMinutes(10));
      IntStream.range(0, due).forEach(i -> keep(world, grant, "due-" + i, minute(world) - 1));
      IntStream.range(0, notDue).forEach(i -> keep(world, grant, "later-" + i, minute(world) + 20));
      world.calls.reset();
      assertThat(run(world)).isEqualTo(new Run(due, due, 0, 0, true));
      return world.calls.counts();
    }
  }

  private static ConnectionKey keep(GrantWorld world, Grant like, String user, long minute) {
    var key = new ConnectionKey(new UserId(user), world.connection());
    world.stored.store(new Grant(key, GrantId.fresh(), 1, like.target(), like.client(), like.tokens(),
        GrantState.healthy(world.clock.instant(), minute), like.warnings(), null));
    dueGrants(world).schedule(key, minute);
    return key;
  }

  @Test
  void minuteWithMoreMarkersThanAPageIsReadToItsEnd() {
    try (var world = GrantWorld.start()) {
      var grant = world.connect(USER);
      long minute = minute(world) - 1;
      var last = keep(world, grant, "last-in-the-order-of-keys", minute);
      IntStream.iterate(0, i -> i + 1)
          .mapToObj(i -> new ConnectionKey(new UserId("gone"), new ConnectionId("gone-" + i)))
          .filter(key -> DynamoDbDueGrants.shard(key) == DynamoDbDueGrants.shard(last)).limit(MORE_THAN_A_PAGE)
          .forEach(key -> dueGrants(world).schedule(key, minute));
      assertThat(run(world).refreshed()).isEqualTo(1);
      var caller = new Caller(last.user(), false);
      assertThat(world.grantOf(caller).version()).isEqualTo(2);
      assertThat(run(world).finished()).isTrue();
    }
  }
}
