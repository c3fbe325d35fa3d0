package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.TwoIssuers.revokedAt;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.ServerWorld;
import social.avatarai.mcp.world.TwoIssuers;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * If a consent replaces a grant of the same issuer and client, the old refresh token is kept, and the end of the
 * connection revokes it. A grant of another client is revoked at once.
 */
class ReplacedTokenFlowTest {
  private final Meanwhile meanwhile = new Meanwhile();
  private final TwoIssuers issuers = new TwoIssuers();
  private final FlowWorld world = issuers.world;
  private final ServerWorld server = new ServerWorld(world);

  ReplacedTokenFlowTest() {
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
  }

  @AfterEach
  void close() {
    try (issuers) {
      assertThat(meanwhile.isOver()).isTrue();
    }
  }

  private static String token(Grant grant) {
    return refreshTokenOf(grant).reveal();
  }

  /** Makes this many consents of one user in sequence, and returns their refresh tokens. */
  private List<String> consents(int count) {
    var tokens = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      tokens.add(token(world.connect()));
      world.clock.advance(Duration.ofSeconds(1));
    }
    return tokens;
  }

  private List<String> kept(ConnectionKey key) {
    return world.replacedTokens().of(key).stream().map(ReplacedToken::token)
        .map(token -> Objects.requireNonNull(token).reveal()).toList();
  }

  private List<String> kept() {
    return kept(new ConnectionKey(USER.user(), world.connection()));
  }

  private boolean disconnect() {
    return world.flow().disconnect(USER, world.connection(), deadline()).revoked();
  }

  // Kept

  @Test
  void secondConsentRevokesNothingAndDisconnectingRevokesBoth() {
    var first = world.connect();
    var second = world.connect();
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(kept()).containsExactly(token(first));
    assertThat(world.log()).contains("\"event\":\"grant_replaced\"").contains("\"kept\":true");
    assertThat(disconnect()).isTrue();
    assertThat(revokedAt(world.authorizationServer)).containsExactlyInAnyOrder(token(first), token(second));
    assertThat(world.authorizationServer.revocations())
        .allSatisfy(request -> assertThat(request.toString()).contains(first.client().id().value()));
    assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
    assertThat(kept()).isEmpty();
  }

  @Test
  void replacedTokenIsKeptBeforeItsSessionIsEnded() {
    var first = world.connect();
    world.flow().access(USER, new Target.ByUrl(world.url()), GrantWorld.listTools(), deadline());
    var begun = world.begin();
    var response = world.approve(begun);
    var atTheEnd = new ArrayList<String>();
    world.mcpServer.mcpEndpoint().nextFrom(request -> {
      if (request.method().equals("DELETE")) atTheEnd.addAll(kept());
      return Response.of(204);
    });
    world.callback(begun, response);
    assertThat(atTheEnd).as("kept, should the process die now").containsExactly(token(first));
  }

  @Test
  void accessTokenIsRevokedAtAnIssuerThatCannotRevokeRefreshTokens() {
    world.authorizationServer.adjust(knobs -> knobs.revokesAccessTokensOnly());
    var grant = world.connect();
    assertThat(disconnect()).as("the refresh token lives").isFalse();
    assertThat(revokedAt(world.authorizationServer)).containsExactly(token(grant),
        grant.tokens().accessToken().reveal());
    assertThat(world.authorizationServer.accepts(grant.tokens().accessToken().reveal())).isFalse();
  }

  @Test
  void secondConsentLivesAtAnIssuerThatEndsEverythingOfAClientOnOneRevocation() {
    world.authorizationServer.adjust(knobs -> knobs.revocationEndsEverythingOfTheClient());
    world.connect();
    var second = world.connect();
    assertThat(world.authorizationServer.accepts(second.tokens().accessToken().reveal())).isTrue();
    assertThat(world.authorizationServer.liveRefreshTokens()).contains(token(second));
  }

  @Test
  void sixthReplacedGrantForgetsTheOldestAndRevokesNothing() {
    var tokens = consents(6);
    assertThat(kept()).isEqualTo(tokens.subList(0, 5));
    tokens.addAll(consents(1));
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(kept()).isEqualTo(tokens.subList(1, 6));
    assertThat(world.log()).contains("\"event\":\"replaced_token_not_kept\"");
    assertThat(disconnect()).isTrue();
    assertThat(revokedAt(world.authorizationServer)).containsExactlyInAnyOrderElementsOf(tokens.subList(1, 7));
  }

  /** The bug: the sixth kept token revoked the oldest token, and this ended the grant that had just been stored. */
  @Test
  void seventhConsentLivesAtAnIssuerThatEndsEverythingOfAClientOnOneRevocation() {
    world.authorizationServer.adjust(knobs -> knobs.revocationEndsEverythingOfTheClient());
    var tokens = consents(7);
    assertThat(world.authorizationServer.liveRefreshTokens()).contains(tokens.getLast());
    assertThat(world.stored(USER).map(ReplacedTokenFlowTest::token)).contains(tokens.getLast());
  }

  @Test
  void oneRevocationThatFailsKeepsNoOtherFromBeingMade() {
    var tokens = consents(3);
    world.authorizationServer.revocationEndpoint().next(Response.of(503), Response.NONE);
    assertThat(disconnect()).isFalse();
    assertThat(revokedAt(world.authorizationServer)).containsExactlyInAnyOrderElementsOf(tokens);
    assertThat(world.authorizationServer.liveRefreshTokens()).hasSize(2);
    assertThat(kept()).isEmpty();
    assertThat(world.stored(USER)).isEmpty();
  }

  @Test
  void grantOfAnotherClientIsRevokedAtOnceAndSoIsWhatItHadReplaced() {
    var first = world.connect();
    var second = world.connect();
    String client = world.register(USER, Json.newObject()).path("client_id").asText();
    var third = world.connect(USER, FlowWorld.as(client));
    assertThat(revokedAt(world.authorizationServer)).containsExactly(token(second), token(first));
    assertThat(world.authorizationServer.revocations()).allSatisfy(request -> assertThat(request.toString())
        .contains(first.client().id().value()).doesNotContain(client));
    assertThat(world.authorizationServer.liveRefreshTokens()).containsExactly(token(third));
    assertThat(kept()).isEmpty();
  }

  @Test
  void consentAtAnotherIssuerEndsWhatWasKeptAtTheFormerOne() {
    var tokens = consents(3);
    issuers.naming(issuers.other);
    issuers.connected(issuers.begin(TwoIssuers.replacingAt(issuers.other)));
    assertThat(revokedAt(world.authorizationServer)).containsExactlyInAnyOrderElementsOf(tokens);
    assertThat(issuers.other.revocations()).isEmpty();
    assertThat(kept()).isEmpty();
  }

  // All ways in which a connection ends

  private List<String> ofTheServer() {
    server.put();
    var first = server.connectWithConsent();
    var resource = world.flow().discoverResource(USER, world.url(), deadline());
    var second = server
        .consented(world.flow().consent(USER, resource, AuthorizationStart.fresh().forServer(MCP_ID), world.now()));
    assertThat(kept(first.key())).containsExactly(token(first));
    return List.of(token(first), token(second));
  }

  private void assertAllEnded(List<String> tokens) {
    assertThat(revokedAt(world.authorizationServer)).containsExactlyInAnyOrderElementsOf(tokens);
    assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
    assertThat(kept(new ConnectionKey(USER.user(), MCP_ID))).isEmpty();
  }

  @Test
  void deletedRecordEndsThem() {
    var tokens = ofTheServer();
    assertThat(world.flow().deleteServer(USER, MCP_ID, deadline()).revoked()).isTrue();
    assertAllEnded(tokens);
  }

  @Test
  void movedServerEndsThem() {
    var tokens = ofTheServer();
    try (var elsewhere = FakeMcpServer.protectedBy(world.authorizationServer)) {
      server.put(record(elsewhere.url()));
    }
    assertAllEnded(tokens);
  }

  @Test
  void recordThatNamesAnotherIssuerEndsThem() {
    var tokens = ofTheServer();
    var record = record(world.mcpServer.url());
    record.putObject("authorization").putObject("config").put("issuer", issuers.other.issuer());
    server.put(record);
    assertAllEnded(tokens);
  }

  @Test
  void forgottenUserEndsThem() {
    var tokens = ofTheServer();
    assertThat(world.flow().forgetUser(USER, USER.user(), deadline()).left()).isZero();
    assertAllEnded(tokens);
  }

  // Tokens that a process left when it died

  private ReplacedToken orphan() {
    var grant = world.connect();
    var token = new ReplacedToken(grant.key(), grant.id(), 1, grant.target(), grant.client(), refreshTokenOf(grant),
        world.clock.instant());
    assertThat(world.grants().delete(grant)).isTrue();
    world.replacedTokens().keep(token);
    return token;
  }

  /** The bug: the tokens were revoked, and the response said that there was no such connection. */
  @Test
  void disconnectingEndsWhatIsLeftOfAConnectionWithoutAGrantAndSaysSo() {
    var token = orphan();
    assertThat(disconnect()).isTrue();
    assertFails(ErrorCode.NOT_FOUND, this::disconnect);
    assertThat(revokedAt(world.authorizationServer)).containsExactly(Objects.requireNonNull(token.token()).reveal());
    assertThat(kept()).isEmpty();
  }

  @Test
  void forgettingCountsAndEndsWhatIsLeftOfAConnectionWithoutAGrant() {
    var token = orphan();
    var noTime = Deadline.in(Duration.ofSeconds(2));
    assertThat(world.flow().forgetUser(USER, USER.user(), noTime).left()).isEqualTo(1);
    assertThat(world.flow().forgetUser(USER, USER.user(), deadline()).left()).isZero();
    assertThat(revokedAt(world.authorizationServer)).containsExactly(Objects.requireNonNull(token.token()).reveal());
  }

  // Races

  private boolean isKeeping(SdkRequest request) {
    return request instanceof PutItemRequest put && put.tableName().equals(world.platform.tables().tokens())
        && put.item().getOrDefault("sk", AttributeValue.fromS("")).s().startsWith("old#");
  }

  @Test
  void connectionThatIsDisconnectedJustBeforeATokenIsKeptLeavesNoneBehind() {
    var first = world.connect();
    var begun = world.begin();
    meanwhile.before(this::isKeeping, this::disconnect);
    world.callback(begun, world.approve(begun));
    assertThat(revokedAt(world.authorizationServer)).contains(token(first));
    assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
    assertThat(kept()).isEmpty();
  }

  @Test
  void refreshUnderWayDuringASecondConsentLeavesItsRotatedTokenToTheDisconnection() {
    var first = world.connect();
    world.clock.advance(Duration.ofMinutes(61));
    var begun = world.begin();
    meanwhile.before(this::isCommit, () -> world.callback(begun, world.approve(begun)));
    world.flow().access(USER, new Target.ByConnection(world.connection()), GrantWorld.call("whoami"), deadline());
    // The rotated token takes the place of the spent one.
    assertThat(kept()).hasSize(1).doesNotContain(token(first));
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(disconnect()).isTrue();
    assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
  }

  private boolean isAboutTokens(SdkRequest request) {
    return request instanceof QueryRequest query && query.tableName().equals(world.platform.tables().tokens());
  }

  /** The bug: the kept tokens of the new grant's client were revoked, and this ended the new grant. */
  @Test
  void consentThatEndsDuringADisconnectionLives() {
    world.authorizationServer.adjust(knobs -> knobs.revocationEndsEverythingOfTheClient());
    var tokens = consents(2);
    var begun = world.begin();
    meanwhile.before(this::isAboutTokens, () -> world.callback(begun, world.approve(begun)));
    assertThat(disconnect()).isFalse();
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(world.authorizationServer.liveRefreshTokens()).contains(token(world.stored(USER).orElseThrow()));
    assertThat(kept()).isEqualTo(tokens);
  }

  @Test
  void consentThatEndsBetweenTwoRevocationsStopsTheSecond() {
    var tokens = consents(3);
    var begun = world.begin();
    meanwhile.before(request -> request instanceof DeleteItemRequest delete
        && delete.key().getOrDefault("sk", AttributeValue.fromS("")).s().startsWith("old#"),
        () -> world.callback(begun, world.approve(begun)));
    assertThat(disconnect()).isFalse();
    assertThat(revokedAt(world.authorizationServer)).containsExactly(tokens.getLast());
    assertThat(world.authorizationServer.liveRefreshTokens()).contains(token(world.stored(USER).orElseThrow()));
    assertThat(kept()).isEqualTo(tokens.subList(0, 2));
  }

  private boolean isCommit(SdkRequest request) {
    return request instanceof UpdateItemRequest update
        && update.tableName().equals(world.platform.tables().tokens())
        && update.expressionAttributeNames().containsValue("refreshMac");
  }

  // A second consent that brings no refresh token

  @Test
  void secondConsentWithoutARefreshTokenKeepsTheOldOneForTheDisconnectionOnly() {
    var first = world.connect();
    world.authorizationServer.adjust(knobs -> knobs.withoutRefreshTokens());
    var second = world.connect();
    assertThat(second.tokens().refreshToken()).isNull();
    assertThat(kept()).containsExactly(token(first));
    assertThat(saidBy(world.flow().access(USER, new Target.ByConnection(world.connection()),
        GrantWorld.call("whoami"), deadline()))).isEqualTo("owner-2");
    disconnect();
    assertThat(revokedAt(world.authorizationServer)).contains(token(first));
  }

  private void profileSaysThatASecondConsentGivesNone() {
    var profile = new Profile(new Issuer(world.authorizationServer.issuer()), List.of(), false, false, false, " ", null,
        null, true);
    var profiles = new Profiles(List.of(profile));
    world.wired(() -> new Wiring(Settings.read(world.platform.environment(), profiles), profiles,
        world.platform, world.platform.journal()));
  }

  @Test
  void whereAProfileSaysSoTheOldRefreshTokenGoesOn() {
    profileSaysThatASecondConsentGivesNone();
    var first = world.connect();
    world.authorizationServer.adjust(knobs -> knobs.withoutRefreshTokens());
    var second = world.connect();
    assertThat(token(second)).isEqualTo(token(first));
    assertThat(second.tokens().accessToken()).isNotEqualTo(first.tokens().accessToken());
    assertThat(world.stored(USER)).contains(second);
    assertThat(second.state().dueMinute()).isPositive();
    assertThat(kept()).isEmpty();
    assertThat(disconnect()).isTrue();
    assertThat(revokedAt(world.authorizationServer)).containsExactly(token(first));
  }

  private Grant connectedAs(String account) {
    world.authorizationServer.adjust(
        knobs -> knobs.accounts(accounts -> accounts.signedIn(account).idToken(_ -> {})));
    return world.connect(USER, FlowWorld.requesting("openid files"));
  }

  /** Google gives no refresh token to a user who consents a second time, unless it is asked to ask again. */
  @Test
  void whereBothConsentsAreOfOneAccountTheOldRefreshTokenGoesOn() {
    var first = connectedAs("alice");
    world.authorizationServer.adjust(knobs -> knobs.withoutRefreshTokens());
    var second = connectedAs("alice");
    assertThat(token(second)).isEqualTo(token(first));
    assertThat(world.stored(USER)).contains(second);
    assertThat(kept()).isEmpty();
  }

  @Test
  void whereTheAccountOfOneConsentIsNotKnownTheOldRefreshTokenDoesNotGoOn() {
    var first = world.connect(USER, FlowWorld.requesting("files"));
    world.authorizationServer.adjust(knobs -> knobs.withoutRefreshTokens());
    assertThat(connectedAs("alice").tokens().refreshToken()).isNull();
    assertThat(kept()).containsExactly(token(first));
  }

  @Test
  void sessionOfAGrantWhoseRefreshTokenGoesOnIsEnded() {
    profileSaysThatASecondConsentGivesNone();
    world.connect();
    world.flow().access(USER, new Target.ByUrl(world.url()), GrantWorld.listTools(), deadline());
    assertThat(world.mcpServer.openSessions()).hasSize(1);
    world.authorizationServer.adjust(knobs -> knobs.withoutRefreshTokens());
    world.connect();
    assertThat(world.mcpServer.openSessions()).isEmpty();
    assertThat(world.mcpServer.endedSessions()).isNotEmpty();
  }

  private static final Duration A_LITTLE_MORE_THAN_A_REFRESH_NEEDS = Duration.ofMillis(3200);

  /** The bug: a refresh spent the refresh token between the read and the write of the grant that took it over. */
  @Test
  void refreshTokenThatIsTakenOverIsNotSpentByARefreshMeanwhile() {
    profileSaysThatASecondConsentGivesNone();
    var first = world.connect();
    world.authorizationServer.adjust(knobs -> knobs.withoutRefreshTokens());
    var begun = world.begin();
    meanwhile.before(this::isStore, () -> assertThat(
        world.flow().refresh(USER, new What.Stored(world.connection()),
            Deadline.in(A_LITTLE_MORE_THAN_A_REFRESH_NEEDS)))
        .isInstanceOf(Refreshed.Later.class));
    world.callback(begun, world.approve(begun));
    assertThat(world.stored(USER).map(ReplacedTokenFlowTest::token)).contains(token(first));
    assertThat(world.authorizationServer.liveRefreshTokens()).contains(token(first));
  }

  private boolean isStore(SdkRequest request) {
    return request instanceof PutItemRequest put && put.item().containsKey("accessToken");
  }

  @Test
  void refreshTokenThatARefreshUnderWayBringsIsTheOneThatIsTakenOver() throws Exception {
    var slow = new CountDownLatch(1);
    world.platform.with((Pause) _ -> slow.countDown());
    profileSaysThatASecondConsentGivesNone();
    var first = world.connect();
    world.authorizationServer.adjust(knobs -> knobs.withoutRefreshTokens());
    var begun = world.begin();
    world.authorizationServer.tokenEndpoint().delayUntil(slow);
    int before = world.authorizationServer.tokenRequests().size();
    var refresh = CompletableFuture.supplyAsync(
        () -> world.flow().refresh(USER, new What.Stored(world.connection()), deadline()),
        task -> Thread.ofVirtual().start(task));
    world.authorizationServer.tokenEndpoint().awaitRequests(before + 1);
    world.callback(begun, world.approve(begun));
    var renewed = GrantWorld.renewed(refresh.get());
    assertThat(token(renewed)).isNotEqualTo(token(first));
    assertThat(world.stored(USER).map(ReplacedTokenFlowTest::token)).contains(token(renewed));
    assertThat(world.stored(USER).orElseThrow().id()).isNotEqualTo(first.id());
  }

  @Test
  void andOnlyThatOfTheSameClient() {
    profileSaysThatASecondConsentGivesNone();
    var first = world.connect();
    world.authorizationServer.adjust(knobs -> knobs.withoutRefreshTokens());
    String client = world.register(USER, Json.newObject()).path("client_id").asText();
    assertThat(world.connect(USER, FlowWorld.as(client)).tokens().refreshToken()).isNull();
    assertThat(revokedAt(world.authorizationServer)).containsExactly(token(first));
  }

  @Test
  void refreshTokenThatASecondConsentBringsIsTakenWhateverTheProfileSays() {
    profileSaysThatASecondConsentGivesNone();
    var first = world.connect();
    assertThat(token(world.connect())).isNotEqualTo(token(first));
    assertThat(kept()).containsExactly(token(first));
  }
}
