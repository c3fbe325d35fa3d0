package social.avatarai.mcp.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

/** One user has two accounts at one server: two records of the same URL, each with a grant of its own. */
class TwoAccountsFlowTest {
  private static final ConnectionId WORK = new ConnectionId("notes-work");
  private static final ConnectionId HOME = new ConnectionId("notes-home");

  private final FlowWorld world = FlowWorld.start();
  private final Meanwhile meanwhile = new Meanwhile();

  @BeforeEach
  void connectBoth() {
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
    world.authorizationServer.adjust(knobs -> knobs.accounts(
        accounts -> accounts.idToken(claims -> claims.put("email", claims.path("sub").asText() + "@example.com"))));
    put(WORK, "Work");
    put(HOME, "Home");
    connect(WORK, "alice");
    connect(HOME, "bob");
  }

  @AfterEach
  void close() {
    world.close();
  }

  private void put(ConnectionId id, String alias) {
    world.flow().putServer(USER, id, ServerWorld.record(world.mcpServer.url()).put("alias", alias), world.now());
  }

  private Grant connect(ConnectionId id, String owner) {
    world.authorizationServer.adjust(knobs -> knobs.accounts(accounts -> accounts.signedIn(owner)));
    var begun = ServerWorld.begun(world.flow().connect(USER, id, AuthorizationStart.fresh(), world.now()));
    var outcome = world.callback(begun, world.approve(begun));
    assertThat(outcome).isInstanceOf(CallbackOutcome.Connected.class);
    return ((CallbackOutcome.Connected) outcome).grant();
  }

  private String whoami(ConnectionId id) {
    return GrantWorld.saidBy(
        world.flow().access(USER, new Target.ByConnection(id), GrantWorld.call("whoami"), deadline()));
  }

  private Grant grant(ConnectionId id) {
    return world.grants().read(new ConnectionKey(USER.user(), id)).orElseThrow();
  }

  private String sessionOf(ConnectionId id) {
    return requireNonNull(requireNonNull(grant(id).protocol()).session()).reveal();
  }

  @Test
  void usedInTurnEachAccountHasItsOwnData() {
    for (int turn = 0; turn < 3; turn++) {
      assertThat(whoami(WORK)).isEqualTo("alice");
      assertThat(whoami(HOME)).isEqualTo("bob");
    }
    // Another process knows nothing but the tables.
    world.restart();
    assertThat(whoami(HOME)).isEqualTo("bob");
    assertThat(whoami(WORK)).isEqualTo("alice");
  }

  @Test
  void eachAccountHasItsOwnSessionAtTheServer() {
    whoami(WORK);
    whoami(HOME);
    assertThat(sessionOf(WORK)).isNotEqualTo(sessionOf(HOME));
    var sent = world.mcpServer.requests().stream().filter(request -> request.header("mcp-session-id").isPresent())
        .collect(Collectors.groupingBy(request -> request.header("mcp-session-id").orElseThrow(),
            Collectors.mapping(request -> request.header("authorization").orElse(""), Collectors.toSet())));
    assertThat(sent.get(sessionOf(WORK))).containsExactly(bearer(WORK));
    assertThat(sent.get(sessionOf(HOME))).containsExactly(bearer(HOME));
  }

  private String bearer(ConnectionId id) {
    return "Bearer " + grant(id).tokens().accessToken().reveal();
  }

  @Test
  void listsShowWhichIsWhich() {
    Map<String, ConnectionView> views = world.flow().connections(USER, null, 10).connections().stream()
        .collect(Collectors.toMap(view -> view.id().value(), view -> view));
    assertThat(requireNonNull(views.get(WORK.value())).account()).isEqualTo(new Account("alice", "alice@example.com"));
    assertThat(requireNonNull(views.get(HOME.value())).account()).isEqualTo(new Account("bob", "bob@example.com"));
    assertThat(requireNonNull(views.get(WORK.value())).alias()).isEqualTo("Work");
    assertThat(world.servers(USER)).extracting(server -> server.path("alias").asText())
        .containsExactlyInAnyOrder("Work", "Home");
  }

  @Test
  void aliasNeedNotBeUniqueAndHasALimit() {
    put(HOME, "Work");
    assertThat(world.flow().connection(USER, HOME).alias()).isEqualTo("Work");
    assertThat(whoami(HOME)).as("another alias ends no grant").isEqualTo("bob");
    put(HOME, "");
    assertThat(world.flow().connection(USER, HOME).alias()).isNull();
    assertFails(ErrorCode.INVALID_REQUEST, () -> put(HOME, "x".repeat(101)));
  }

  @Test
  void urlOfBothIsNoOnesInParticular() {
    assertFails(ErrorCode.AMBIGUOUS_CONNECTION, () -> world.flow().access(USER, new Target.ByUrl(world.url()),
        GrantWorld.call("whoami"), deadline()));
  }

  @Test
  void refreshOfOneIsNoneOfTheOther() {
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(world.flow().refresh(USER, new What.Stored(WORK), deadline())).isInstanceOf(Refreshed.Renewed.class);
    assertThat(grant(HOME).version()).isEqualTo(1);
    assertThat(whoami(WORK)).isEqualTo("alice");
    assertThat(whoami(HOME)).isEqualTo("bob");
  }

  @Test
  void refreshTokenOfOneFindsItsOwnGrant() {
    var token = requireNonNull(grant(HOME).tokens().refreshToken());
    var what = new What.Token(token, grant(HOME).target().issuer(), grant(HOME).client().id());
    assertThat(GrantWorld.renewed(world.flow().refresh(USER, what, deadline())).key().connection()).isEqualTo(HOME);
    assertThat(grant(WORK).version()).isEqualTo(1);
  }

  @Test
  void consentThatComesBackAsTheOtherAccountIsAChangeOnItsOwnConnectionAlone() {
    world.authorizationServer.revoke(requireNonNull(grant(WORK).tokens().refreshToken()).reveal());
    world.authorizationServer.adjust(knobs -> knobs.accounts(accounts -> accounts.signedIn("bob")));
    var begun = ServerWorld.begun(world.flow().connect(USER, WORK, AuthorizationStart.fresh(), world.now()));
    assertThat(world.callback(begun, world.approve(begun))).isInstanceOf(CallbackOutcome.Failed.class);
    assertThat(world.flow().connection(USER, WORK).accountChange()).isNotNull();
    assertThat(world.flow().connection(USER, HOME).accountChange()).isNull();
    assertThat(whoami(HOME)).isEqualTo("bob");
  }

  /** The connection needs a consent, which comes back as somebody else, and waits. */
  private GrantId comeBackAs(ConnectionId id, String owner) {
    world.authorizationServer.revoke(requireNonNull(grant(id).tokens().refreshToken()).reveal());
    world.authorizationServer.adjust(knobs -> knobs.accounts(accounts -> accounts.signedIn(owner)));
    var begun = ServerWorld.begun(world.flow().connect(USER, id, AuthorizationStart.fresh(), world.now()));
    assertThat(world.callback(begun, world.approve(begun))).isInstanceOf(CallbackOutcome.Failed.class);
    return requireNonNull(world.flow().connection(USER, id).accountChange()).id();
  }

  /**
   * The bug: the grant that waited did not count as a grant of its account, so the end of the other connection revoked it.
   * Then the decision put a dead grant in the place of the one in use.
   */
  @Test
  void endOfTheOtherConnectionOfItsAccountLeavesWhatWaits() {
    var change = comeBackAs(WORK, "bob");
    world.flow().disconnect(USER, HOME, deadline());
    var kept = world.flow().keepNewAccount(USER, WORK, change, deadline());
    assertThat(whoami(WORK)).isEqualTo("bob");
    assertThat(world.authorizationServer.liveRefreshTokens())
        .contains(requireNonNull(kept.tokens().refreshToken()).reveal());
  }

  private static boolean isKept(SdkRequest request) {
    if (!(request instanceof PutItemRequest put) || !put.item().containsKey("sk")) return false;
    return Stream.of("new#", "old#").anyMatch(requireNonNull(put.item().get("sk")).s()::startsWith);
  }

  @Test
  void endOfTheOtherConnectionInTheMiddleOfTheCallbackLeavesWhatWaits() {
    meanwhile.before(TwoAccountsFlowTest::isKept, () -> {});
    meanwhile.before(TwoAccountsFlowTest::isKept, () -> world.flow().disconnect(USER, HOME, deadline()));
    var change = comeBackAs(WORK, "bob");
    assertThat(meanwhile.isOver()).isTrue();
    world.flow().keepNewAccount(USER, WORK, change, deadline());
    assertThat(whoami(WORK)).isEqualTo("bob");
  }

  @Test
  void twoGrantsOfOneAccountWaitAndTheDecisionAboutOneLeavesTheOther() {
    var first = comeBackAs(WORK, "carol");
    var second = comeBackAs(HOME, "carol");
    world.flow().keepOldAccount(USER, WORK, first, deadline());
    world.flow().keepNewAccount(USER, HOME, second, deadline());
    assertThat(whoami(HOME)).isEqualTo("carol");
    assertThat(world.flow().refresh(USER, new What.Stored(HOME), deadline())).isInstanceOf(Refreshed.Renewed.class);
  }

  @Test
  void endOfOneLeavesTheOther() {
    // Both grants are of one client: only because their accounts are known can the one be revoked beside the other.
    assertThat(world.flow().disconnect(USER, HOME, deadline()).revoked()).isTrue();
    assertThat(world.authorizationServer.liveRefreshTokens())
        .containsExactly(requireNonNull(grant(WORK).tokens().refreshToken()).reveal());
    assertThat(whoami(WORK)).isEqualTo("alice");
    assertThat(List.of(WORK)).containsExactlyElementsOf(world.grants().connections(USER.user()));
  }
}
