package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.GrantWorld.OTHER;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.aws.dynamodb.DynamoDbLeases;
import social.avatarai.mcp.discovery.DeadTokenError;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Leases.Lease;
import social.avatarai.mcp.world.GrantWorld;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * The authorization server or the service fails during a refresh. No grant is lost by our fault, and no refresh loops.
 */
class RefreshFailureFlowTest {

  private static void assertNoTokenNow(GrantWorld world, Flow process) {
    assertThatThrownBy(() -> world.access(process, USER, listTools())).isInstanceOfSatisfying(Failure.Unreachable.class,
        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE));
  }

  private static void assertAnswered(GrantWorld world) {
    assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
  }

  private static void assertConsentNeeded(GrantWorld world) {
    assertThat(world.access(USER, listTools())).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(world.grantOf(USER).state().needsReauthorization()).isTrue();
  }

  /** The response to a refresh is lost. The refresh is not repeated while it may still be under way. */
  private static void loseAnswer(GrantWorld world) {
    world.connect(USER);
    world.expire();
    world.authorizationServer.tokenEndpoint().closeAfterReading();
    assertNoTokenNow(world, world.flow);
    assertThat(world.refreshTokensSent()).as("once in an invocation").hasSize(1);
    assertNoTokenNow(world, world.flow);
    assertNoTokenNow(world, world.anotherProcess());
    world.clock.advance(Duration.ofSeconds(35));
    assertNoTokenNow(world, world.flow);
    assertThat(world.refreshTokensSent()).as("once while the lease lives").hasSize(1);
    world.clock.advance(Duration.ofSeconds(60));
  }

  @Test
  void lostAnswerSavesTheGrantWhereTheServerAllowsASecondTry() {
    try (var world = GrantWorld.start(k -> k.rotationGrace(Duration.ofMinutes(10)))) {
      loseAnswer(world);
      assertAnswered(world);
      String sent = world.refreshTokensSent().getFirst();
      assertThat(world.refreshTokensSent()).containsExactly(sent, sent);
      assertThat(world.grantOf(USER).state().failures()).isZero();
    }
  }

  @Test
  void lostAnswerEndsInConsentOnceWhereTheServerIsStrict() {
    try (var world = GrantWorld.start()) {
      loseAnswer(world);
      assertConsentNeeded(world);
      assertConsentNeeded(world);
      world.expire();
      assertConsentNeeded(world);
      assertThat(world.refreshTokensSent()).hasSize(2);
    }
  }

  @Test
  void leaseOfADeadProcessIsWaitedOut() {
    try (var world = GrantWorld.start()) {
      var grant = world.connect(USER);
      world.expire();
      var now = world.clock.instant();
      var until = now.plusSeconds(40);
      var leases = new DynamoDbLeases(EmbeddedDynamoDb.inMemory().client(), world.platform.tables());
      leases.acquire(new Lease(grant.key(), grant.id(), grant.version(), until), now);
      world.pause = world.clock::advance;
      assertAnswered(world);
      assertThat(world.clock.instant()).isAfterOrEqualTo(until);
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void answerThatAProcessDiedWithIsAskedForAgain() {
    try (var world = GrantWorld.start(k -> k.rotationGrace(Duration.ofMinutes(10)))) {
      var grant = world.connect(USER);
      world.expire();
      world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(new Death(world)));
      var dying = world.anotherProcess();
      // Otherwise the process would retry the write until its deadline. The tables cannot show the difference.
      world.pause = _ -> {
        throw dead();
      };
      assertThatThrownBy(() -> world.access(dying, USER, listTools())).isInstanceOf(SdkClientException.class);
      world.pause = world.clock::advance;
      assertAnswered(world);
      String old = refreshTokenOf(grant).reveal();
      assertThat(world.refreshTokensSent()).containsExactly(old, old);
    }
  }

  /** Makes all DynamoDB calls of a process fail after a refresh token was sent, as if the process had died. */
  private record Death(GrantWorld world) implements ExecutionInterceptor {
    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
      if (!world.refreshTokensSent().isEmpty()) throw dead();
    }
  }

  private static SdkClientException dead() {
    return SdkClientException.create("the process is dead");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 200})
  void refusedRefreshLeavesTheAccessTokenInUseUntilItEnds(int status) {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.clock.advance(Duration.ofSeconds(3590));
      world.authorizationServer.tokenEndpoint().next(Response.error(status, "invalid_grant"));
      assertAnswered(world);
      assertAnswered(world);
      assertThat(world.refreshTokensSent()).hasSize(1);
      world.clock.advance(Duration.ofSeconds(10));
      assertConsentNeeded(world);
      assertThat(world.refreshTokensSent()).hasSize(1);
      world.connect(USER);
      assertAnswered(world);
    }
  }

  @Test
  void retryAfterIsWaitedFor() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.expire();
      world.authorizationServer.tokenEndpoint().next(Response.of(429).with("Retry-After", "120"));
      assertNoTokenNow(world, world.flow);
      assertThat(world.grantOf(USER).state().notBefore()).isEqualTo(world.clock.instant().plusSeconds(120));
      world.clock.advance(Duration.ofSeconds(119));
      assertNoTokenNow(world, world.anotherProcess());
      assertThat(world.refreshTokensSent()).hasSize(1);
      world.clock.advance(Duration.ofSeconds(1));
      assertAnswered(world);
    }
  }

  @Test
  void tokenThatHasNotEndedIsUsedWhileTheServerCannotRenewIt() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.clock.advance(Duration.ofSeconds(3590));
      world.authorizationServer.tokenEndpoint().next(Response.of(503));
      assertAnswered(world);
      assertAnswered(world);
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void noOutageKillsAGrant() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      var outage = Collections.nCopies(12, Response.error(503, "temporarily_unavailable")).toArray(Response[]::new);
      world.authorizationServer.tokenEndpoint().next(outage);
      for (var _ : outage) {
        world.clock.advance(Duration.ofHours(2));
        assertNoTokenNow(world, world.flow);
      }
      assertThat(world.grantOf(USER).state().status()).isEqualTo(GrantState.Status.ACTIVE);
      world.clock.advance(Duration.ofHours(2));
      assertAnswered(world);
      assertThat(world.refreshTokensSent()).hasSize(outage.length + 1);
    }
  }

  @Test
  void pageInThePlaceOfTokensIsAnOutcomeThatNobodyKnows() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.expire();
      world.authorizationServer.tokenEndpoint().next(Response.html(200, "<h1>Please log in</h1>"));
      assertNoTokenNow(world, world.flow);
      assertNoTokenNow(world, world.anotherProcess());
      assertThat(world.refreshTokensSent()).hasSize(1);
      world.clock.advance(Duration.ofMinutes(2));
      assertAnswered(world);
    }
  }

  @Test
  void oddRefusalIsTriedAgainOnce() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.expire();
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "something_odd"));
      assertNoTokenNow(world, world.flow);
      world.clock.advance(Duration.ofMinutes(1));
      assertAnswered(world);
    }
  }

  @Test
  void deadRefreshTokenThatAnswersInvalidRequestEndsInConsentAfterAMinute() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.expire();
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_request"),
          Response.error(400, "invalid_request"));
      assertNoTokenNow(world, world.flow);
      world.clock.advance(Duration.ofMinutes(1));
      assertConsentNeeded(world);
    }
  }

  /** A profile that says with which word the provider of this world refuses a dead refresh token. */
  private static Flow knowing(GrantWorld world, String word) {
    return world.processWith(new Profiles(List.of(new Profile(world.issuerId(), List.of(), false, false, false, " ",
        null, null, false, List.of(new DeadTokenError(word)), false))));
  }

  @Test
  void refreshNamesTheGrantedScopesOnlyWhereAProfileSaysSo() {
    try (var world = GrantWorld.start(knobs -> knobs.grantedScope("read write").refreshNamesScope())) {
      world.connect(USER);
      var profile = new Profile(world.issuerId(), List.of(), false, false, false, " ", null, null, false, List.of(),
          true);
      var renewed = world.processWith(new Profiles(List.of(profile))).refresh(USER,
          new What.Stored(world.connection()), inTime());
      assertThat(renewed).isInstanceOf(Refreshed.Renewed.class);
      assertThat(world.authorizationServer.tokenRequests().getLast().parameters()).containsEntry("scope",
          "read write");
      world.expire();
      assertNoTokenNow(world, world.flow);
      assertThat(world.authorizationServer.tokenRequests().getLast().parameters()).doesNotContainKey("scope");
    }
  }

  @Test
  void wordThatAProfileNamesForADeadRefreshTokenEndsInConsentAtOnce() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_request"));
      assertThat(knowing(world, "invalid_request").refresh(USER, new What.Stored(world.connection()), inTime()))
          .isEqualTo(new Refreshed.ConsentNeeded(400));
    }
  }

  @ParameterizedTest
  @CsvSource({"408,''", "425,''", "429,''", "503,invalid_request", "400,temporarily_unavailable", "400,slow_down"})
  void refusalThatIsNoneDoesNotEndTheGrantHoweverOftenItComes(int status, String error) {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      var flow = knowing(world, "invalid_request");
      for (int i = 0; i < 4; i++) {
        world.authorizationServer.tokenEndpoint().next(Response.error(status, error));
        assertThat(flow.refresh(USER, new What.Stored(world.connection()), inTime()))
            .isInstanceOf(Refreshed.Later.class);
        world.clock.advance(Duration.ofHours(2));
      }
      assertAnswered(world);
    }
  }

  @Test
  void repeatedOddRefusalEndsInConsent() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.expire();
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "something_odd"),
          Response.error(400, "odder"));
      assertNoTokenNow(world, world.flow);
      world.clock.advance(Duration.ofMinutes(1));
      assertConsentNeeded(world);
      world.clock.advance(Duration.ofHours(1));
      assertConsentNeeded(world);
      assertThat(world.refreshTokensSent()).hasSize(2);
    }
  }

  /** The refusal is not asked for again after a minute, when it may still be there, and the grant stays. */
  private static void assertOutlives(GrantWorld world, Response refusal) {
    world.expire();
    world.authorizationServer.tokenEndpoint().next(refusal);
    for (int minute = 0; minute < 3; minute++) {
      assertNoTokenNow(world, world.flow);
      world.clock.advance(Duration.ofMinutes(1));
    }
    world.clock.advance(Duration.ofMinutes(15));
    assertAnswered(world);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404})
  void pageOfAFirewallThatComesForMinutesEndsNoGrant(int status) {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      assertOutlives(world, Response.html(status, "<h1>Request blocked</h1>"));
    }
  }

  @ParameterizedTest
  @CsvSource({"403,forbidden", "403,access_denied", "404,not_found"})
  void wordOfAGatewayThatComesForMinutesEndsNoGrant(int status, String error) {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      assertOutlives(world, Response.error(status, error));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"invalid_client", "unauthorized_client", "incorrect_client_credentials"})
  void secretThatAnOperatorIsChangingEndsNoGrant(String error) {
    try (var world = GrantWorld.start()) {
      world.authorizationServer.preRegister(FakeClient.publicClient("by-hand").acceptingRedirects(_ -> true));
      GrantWorld.connected(world.finish(world.begin(USER, new ClientId("by-hand"))));
      assertOutlives(world, Response.error(401, error));
    }
  }

  @Test
  void pageOfAFirewallAfterARefusedWordEndsNoGrant() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.expire();
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_request"),
          Response.html(403, "<h1>Request blocked</h1>"));
      assertNoTokenNow(world, world.flow);
      world.clock.advance(Duration.ofMinutes(1));
      assertNoTokenNow(world, world.flow);
      world.clock.advance(Duration.ofMinutes(15));
      assertAnswered(world);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {503, 500})
  void refusalsAreCountedFromTheStartAfterAnotherOutcome(int status) {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.expire();
      for (int i = 0; i < 3; i++) {
        world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_request"), Response.of(status));
        assertNoTokenNow(world, world.flow);
        world.clock.advance(Duration.ofMinutes(1));
        assertNoTokenNow(world, world.flow);
        world.clock.advance(Duration.ofHours(2));
      }
      assertAnswered(world);
    }
  }

  @Test
  void pageOfAFirewallThatIsThereAQuarterOfAnHourLaterTooEndsInConsent() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.expire();
      world.authorizationServer.tokenEndpoint().next(Response.html(403, "no"), Response.html(403, "no"));
      assertNoTokenNow(world, world.flow);
      world.clock.advance(Duration.ofMinutes(15));
      assertConsentNeeded(world);
    }
  }

  @Test
  void clientThatTheServerHasForgottenIsRegisteredAnew() {
    try (var world = GrantWorld.start()) {
      var old = world.connect(USER);
      world.authorizationServer.forgetRegisteredClients();
      world.expire();
      assertConsentNeeded(world);
      var renewed = world.connect(USER);
      assertThat(renewed.client().id()).isNotEqualTo(old.client().id());
      assertThat(world.authorizationServer.registrations()).hasSize(2);
      assertAnswered(world);
    }
  }

  @Test
  void clientThatTheServerHasPurgedIsRegisteredOnceAndEachOfItsGrantsNeedsOneConsent() {
    try (var world = GrantWorld.start()) {
      var users = List.of(USER, OTHER);
      users.forEach(world::connect);
      world.authorizationServer.forgetRegisteredClients();
      world.expire();
      for (var user : users) {
        for (int i = 0; i < 2; i++)
          assertThat(world.access(user, listTools())).isInstanceOf(Access.ConsentNeeded.class);
        assertThat(world.grantOf(user).state().cause()).isEqualTo(GrantState.Cause.CLIENT_FORGOTTEN);
      }
      assertThat(world.refreshTokensSent()).as("one for each grant").hasSize(2);
      users.forEach(world::connect);
      assertThat(world.authorizationServer.registrations()).hasSize(2);
      assertThat(world.grantOf(USER).client()).isEqualTo(world.grantOf(OTHER).client());
      world.expire();
      for (var user : users)
        assertThat(world.access(user, listTools())).isInstanceOf(Access.Answered.class);
    }
  }
}
