package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;
import static social.avatarai.mcp.world.GrantWorld.renewed;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.Meanwhile;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;

/** Refreshes that overlap with each other, or with a new consent. */
class RefreshRaceFlowTest {

  private static CompletableFuture<Refreshed> refreshing(GrantWorld world, Flow process) {
    var what = new What.Stored(world.connection());
    return CompletableFuture.supplyAsync(() -> process.refresh(USER, what, inTime()),
        task -> Thread.ofVirtual().start(task));
  }

  @Test
  void loserOfARaceIsRefusedAndUsesTheWinnersTokens() throws Exception {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      var slow = new CountDownLatch(1);
      var slower = new CountDownLatch(1);
      world.authorizationServer.tokenEndpoint().delayUntil(slow).delayUntil(slower);
      var winner = refreshing(world, world.flow);
      world.authorizationServer.tokenEndpoint().awaitRequests(2);
      world.clock.advance(Duration.ofMinutes(2));
      var loser = refreshing(world, world.anotherProcess());
      world.authorizationServer.tokenEndpoint().awaitRequests(3);
      slow.countDown();
      var won = renewed(winner.get());
      slower.countDown();
      assertThat(renewed(loser.get()).tokens()).isEqualTo(won.tokens());
      assertThat(world.grantOf(USER)).isEqualTo(won);
      assertThat(won.state().needsReauthorization()).isFalse();
    }
  }

  @Test
  void attemptThatWasTakenOverDoesNotOverwriteWhoTookOver() throws Exception {
    try (var world = GrantWorld.start(k -> k.rotationGrace(Duration.ofMinutes(10)))) {
      world.connect(USER);
      var slow = new CountDownLatch(1);
      world.authorizationServer.tokenEndpoint().delayUntil(slow);
      var late = refreshing(world, world.flow);
      world.authorizationServer.tokenEndpoint().awaitRequests(2);
      world.clock.advance(Duration.ofMinutes(2));
      var took = renewed(refreshing(world, world.anotherProcess()).get());
      slow.countDown();
      assertThat(renewed(late.get()).tokens()).isEqualTo(took.tokens());
      assertThat(world.grantOf(USER)).isEqualTo(took);
      // Both attempts got a refresh token. The end of the connection revokes both tokens.
      world.flow.disconnect(USER, world.connection(), inTime());
      assertThat(revoked(world)).hasSize(2).startsWith(refreshTokenOf(took).reveal()).doesNotHaveDuplicates();
    }
  }

  @Test
  void newConsentDuringARefreshWins() throws Exception {
    try (var world = GrantWorld.start()) {
      var old = world.connect(USER);
      var slow = new CountDownLatch(1);
      world.authorizationServer.tokenEndpoint().delayUntil(slow);
      var refresh = refreshing(world, world.flow);
      world.authorizationServer.tokenEndpoint().awaitRequests(2);
      var consented = world.connect(USER);
      slow.countDown();
      assertThat(renewed(refresh.get()).id()).isEqualTo(consented.id()).isNotEqualTo(old.id());
      assertThat(world.grantOf(USER)).isEqualTo(consented);
      // The late tokens are not revoked, because some issuers would end the new grant too.
      assertThat(revoked(world)).isEmpty();
      assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
      world.expire();
      assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
    }
  }

  @Test
  void disconnectDuringARefreshEndsWhatTheRefreshGetsToo() throws Exception {
    try (var world = GrantWorld.start()) {
      var old = refreshTokenOf(world.connect(USER)).reveal();
      var slow = new CountDownLatch(1);
      world.authorizationServer.tokenEndpoint().delayUntil(slow);
      var refresh = refreshing(world, world.flow);
      world.authorizationServer.tokenEndpoint().awaitRequests(2);
      assertThat(world.anotherProcess().disconnect(USER, world.connection(), inTime()).revoked()).isTrue();
      assertThat(revoked(world)).containsExactly(old);
      slow.countDown();
      assertThat(refresh.get()).isInstanceOf(Refreshed.ConsentNeeded.class);
      assertThat(revoked(world)).hasSize(2).startsWith(old).doesNotHaveDuplicates();
      assertThat(world.stored.read(new ConnectionKey(USER.user(), world.connection()))).isEmpty();
    }
  }

  @Test
  void refreshDuringADisconnectIsEndedWithTheGrant() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      var meanwhile = new Meanwhile();
      world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
      var process = world.anotherProcess();
      var renewed = new AtomicReference<Grant>();
      meanwhile.before(DeleteItemRequest.class::isInstance, () -> renewed.set(renewed(world.refresh(USER))));
      assertThat(process.disconnect(USER, world.connection(), inTime()).revoked()).isTrue();
      assertThat(meanwhile.isOver()).isTrue();
      // The previous refresh token is spent. The token that works is revoked.
      assertThat(revoked(world)).containsExactly(refreshTokenOf(renewed.get()).reveal());
      assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
      assertThat(world.stored.read(new ConnectionKey(USER.user(), world.connection()))).isEmpty();
    }
  }

  private static List<String> revoked(GrantWorld world) {
    return world.authorizationServer.revocations().stream().map(request -> request.parameters().get("token")).toList();
  }

  @Test
  void tokenForAnotherResourceIsNotUsedButItsRefreshTokenIsKept() {
    try (var world = GrantWorld.start()) {
      var old = world.connect(USER);
      world.authorizationServer.adjust(k -> k.jwtAccessTokens("https://elsewhere.example/mcp"));
      world.expire();
      int before = world.mcpServer.requests().size();
      assertThat(world.access(USER, listTools())).isInstanceOf(Access.ConsentNeeded.class);
      assertThat(world.mcpServer.requests().subList(before, world.mcpServer.requests().size()))
          .noneMatch(request -> request.header("authorization").isPresent());
      var kept = world.grantOf(USER);
      assertThat(kept.tokens().accessToken()).isEqualTo(old.tokens().accessToken());
      assertThat(refreshTokenOf(kept)).isNotEqualTo(refreshTokenOf(old));
      assertThat(world.access(USER, listTools())).isInstanceOf(Access.ConsentNeeded.class);
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void whoeverWaitsForATokenThatIsForAnotherResourceIsNotHandedTheOldOne() throws Exception {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.authorizationServer.adjust(k -> k.jwtAccessTokens("https://elsewhere.example/mcp"));
      var answer = new CountDownLatch(1);
      world.authorizationServer.tokenEndpoint().delayUntil(answer);
      var first = refreshing(world, world.flow);
      world.authorizationServer.tokenEndpoint().awaitRequests(2);
      world.pause = _ -> answer.countDown();
      var waiting = refreshing(world, world.anotherProcess());
      assertThat(first.get()).isInstanceOf(Refreshed.ConsentNeeded.class);
      assertThat(waiting.get()).isInstanceOf(Refreshed.ConsentNeeded.class);
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }
}
