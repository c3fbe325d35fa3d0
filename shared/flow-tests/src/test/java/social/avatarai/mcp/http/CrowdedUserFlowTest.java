package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.aws.dynamodb.DynamoDbSlowCallSlots;
import social.avatarai.mcp.http.SlowCallSlots.Slot;
import social.avatarai.mcp.server.UserDeletion;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.token.Revocation;
import social.avatarai.mcp.world.FlowWorld;

/** A user whose slots for slow calls are all taken: what is refused, and what is not lost. */
class CrowdedUserFlowTest {
  private static final int SLOTS = 8;

  private final FlowWorld world = FlowWorld.start(knobs -> knobs.managesRegistrations());

  @AfterEach
  void close() {
    world.close();
  }

  /** Takes the slots of a user that are free, as calls of another process do. */
  private void takeAll(UserId user) {
    var stores = world.platform.stores();
    var slots = new DynamoDbSlowCallSlots(stores.client(), stores.tables());
    var now = world.clock.instant();
    Stream.generate(() -> new Slot(user, Unguessable.text(), now.plusSeconds(25))).limit(SLOTS)
        .forEach(slot -> slots.take(slot, SLOTS, now));
  }

  private void slotsGetFree() {
    world.clock.advance(Duration.ofSeconds(26));
  }

  /** An API call that has waited for other servers before. */
  private static <T> T asSlowCall(Caller caller, Supplier<T> call) {
    return UserCall.run(caller, deadline(), () -> {
      UserCall.current().ifPresent(waiting -> waiting.hasWaited(SlowCalls.MAX_WITHOUT_SLOT.toNanos()));
      return call.get();
    });
  }

  private static Failure.Crowded crowded(Supplier<?> call) {
    return catchThrowableOfType(Failure.Crowded.class, call::get);
  }

  private Revocation.Result disconnect() {
    return world.flow().disconnect(USER, world.connection(), deadline());
  }

  /** The bug: the token was deleted as one that the issuer does not revoke, and stayed valid there. */
  @Test
  void disconnectForgetsNoTokenThatWasNotRevokedForWantOfASlotAndCanBeRepeated() {
    world.connect();
    world.restart();
    takeAll(USER.user());

    assertThat(crowded(() -> asSlowCall(USER, this::disconnect)).retryAt()).isPresent();
    assertThat(world.authorizationServer.revocationEndpoint().requests()).isEmpty();
    slotsGetFree();
    assertThat(disconnect().revoked()).isTrue();
    assertThat(world.authorizationServer.revocationEndpoint().requests()).isNotEmpty();
  }

  private UserDeletion.Progress forget(Caller caller) {
    return world.flow().forgetUser(caller, USER.user(), deadline());
  }

  /** The bug: the tokens for the registrations were deleted too, so that the clients stayed at their issuers for good. */
  @Test
  void forgettingAUserGoesOnLaterWithWhatHadNoSlot() {
    var client = world.register(USER, Json.newObject()).path("client_id").asText();
    world.connect(USER, FlowWorld.as(client));
    world.restart();
    takeAll(USER.user());

    assertThat(asSlowCall(USER, () -> forget(USER)).left()).isPositive();
    assertThat(world.authorizationServer.revocationEndpoint().requests()).isEmpty();
    slotsGetFree();
    takeAll(USER.user());
    assertThat(forget(USER).left()).as("an exchange that nobody holds up needs no slot").isZero();
    assertThat(world.authorizationServer.revocationEndpoint().requests()).isNotEmpty();
    assertThat(world.authorizationServer.registrationManagement().requests()).hasSize(1);
  }

  @Test
  void forgettingAUserKeepsTheTokenOfARegistrationThatWasNotEndedForWantOfASlot() {
    world.register(USER, Json.newObject());
    takeAll(USER.user());

    assertThat(asSlowCall(USER, () -> forget(USER)).left()).isPositive();
    assertThat(world.authorizationServer.registrationManagement().requests()).isEmpty();
    slotsGetFree();
    assertThat(forget(USER).left()).isZero();
    assertThat(world.authorizationServer.registrationManagement().requests()).hasSize(1);
  }

  @Test
  void theAppsOwnBackendNeedsNoSlotAndIsInNoBudget() {
    world.with("BUDGET_REQUESTS_PER_HOUR", "1");
    world.connect();
    world.restart();
    takeAll(USER.user());
    takeAll(OPERATOR.user());

    assertThat(asSlowCall(OPERATOR, () -> forget(OPERATOR)).left()).isZero();
    for (int i = 0; i < 3; i++)
      asSlowCall(OPERATOR, () -> world.flow().discoverResource(OPERATOR, world.url(), deadline()));
  }

  /** A user who has made this many calls that discover servers. */
  private void discoverOften(int calls) {
    for (int i = 0; i < calls; i++)
      world.flow().discoverAuthorizationServer(USER, new Issuer(world.authorizationServer.issuer()), deadline());
  }

  /** The bug: callbacks at a token endpoint that sends single bytes filled what is reserved for all callbacks. */
  @Test
  void callbackOfAUserWhoBeganSixtyFlowsWaitsForASlotWithItsCodeUnspent() {
    discoverOften(60);
    var begun = world.begin();
    var response = world.approve(begun);
    takeAll(USER.user());

    assertThat(crowded(() -> world.callback(begun, response)).safeMessage()).contains("Nothing was sent.");
    assertThat(world.authorizationServer.tokenRequests()).isEmpty();
    assertThat(world.sessionRows()).singleElement().asString().contains("PENDING");
    slotsGetFree();
    assertThat(world.callback(begun, response)).isInstanceOf(CallbackOutcome.Connected.class);
    assertThat(world.callback(begun, response)).isInstanceOf(CallbackOutcome.Repeated.class);
  }

  @Test
  void parkedResponseOfAUserWhoBeganSixtyFlowsWaitsForASlotToo() {
    discoverOften(60);
    var begun = world.begin();
    var parked = (CallbackOutcome.Parked) world.elsewhere(begun, world.approve(begun));
    takeAll(USER.user());

    assertThat(crowded(() -> world.flow().complete(USER, parked.code(), deadline()))).isNotNull();
    slotsGetFree();
    assertThat(world.flow().complete(USER, parked.code(), deadline())).isInstanceOf(CallbackOutcome.Connected.class);
  }

  @Test
  void callbackOfAnyOtherUserNeedsNoSlot() {
    discoverOften(59);
    takeAll(USER.user());
    world.connect();
  }

  /** The bug: one callback could be repeated any number of times, and each waited for the outcome of the first. */
  @Test
  void callbackThatWaitsLongForTheOutcomeOfAnotherNeedsASlot() throws Exception {
    var begun = world.begin();
    var response = world.approve(begun);
    takeAll(USER.user());
    var slow = new CountDownLatch(1);
    world.authorizationServer.tokenEndpoint().delayUntil(slow);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = threads.submit(() -> world.callback(begun, response));
      world.authorizationServer.tokenEndpoint().awaitRequests(1);
      assertThat(crowded(() -> world.callback(begun, response))).isNotNull();
      slow.countDown();
      assertThat(first.get()).isInstanceOf(CallbackOutcome.Connected.class);
    }
  }

  private Refreshed relay() {
    world.authorizationServer.preRegister(FakeClient.publicClient("invented-client", world.contextCallback()));
    return world.flow().refresh(USER, new What.Token(new RefreshToken("not-stored-here"),
        new Issuer(world.authorizationServer.issuer()), new ClientId("invented-client")), deadline());
  }

  /** The bug: each relayed refresh token held a process for 10 seconds, and there was no limit to them. */
  @Test
  void refreshTokenThatIsNotStoredHereIsNotRelayedWithoutASlot() {
    takeAll(USER.user());

    var failure = crowded(() -> UserCall.run(USER, deadline(), this::relay));
    assertThat(failure.safeMessage()).contains("Nothing was sent.");
    assertThat(failure.retryAt()).isPresent();
    assertThat(world.authorizationServer.metadataRequests()).isEmpty();
    assertThat(world.authorizationServer.tokenRequests()).isEmpty();
    slotsGetFree();
    assertThat(UserCall.run(USER, deadline(), this::relay)).isInstanceOf(Refreshed.InvalidGrant.class);
  }
}
