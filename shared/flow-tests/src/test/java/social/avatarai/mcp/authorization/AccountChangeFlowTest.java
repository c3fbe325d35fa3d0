package social.avatarai.mcp.authorization;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.AccountChanges;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.world.AccountWorld;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.ServerWorld;

/** A reconnect comes back as somebody else. */
class AccountChangeFlowTest {
  private static final ConnectionKey KEY = new ConnectionKey(USER.user(), ServerWorld.MCP_ID);

  private final FlowWorld world = FlowWorld.start();
  private final AccountWorld accounts = new AccountWorld(world, new Meanwhile());

  @BeforeEach
  void nameAccounts() {
    world.authorizationServer.adjust(knobs -> knobs.accounts(
        accounts -> accounts.idToken(claims -> claims.put("email", claims.path("sub").asText() + "@example.com"))));
  }

  @AfterEach
  void close() {
    world.close();
  }

  private Grant keepNew(Caller caller, GrantId change) {
    return world.flow().keepNewAccount(caller, world.connection(), change, deadline());
  }

  @Test
  void anotherAccountReplacesNothingUntilTheUserDecides() {
    var before = accounts.connectAs("alice");
    var change = accounts.comeBackAs("bob");
    assertThat(world.stored(USER)).contains(before);
    assertThat(accounts.whoami()).isEqualTo("alice");
    var view = accounts.view();
    assertThat(view.account()).isEqualTo(new Account("alice", "alice@example.com"));
    assertThat(view.warnings()).contains(Warning.ACCOUNT_CHANGED);
    assertThat(change.to()).isEqualTo(new Account("bob", "bob@example.com"));
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(world.everythingStored() + world.log()).doesNotContain("alice", "bob");
  }

  @Test
  void userMayTakeTheNewAccount() {
    accounts.connectAs("alice");
    var change = accounts.comeBackAs("bob");
    var kept = accounts.keepNew(change.id());
    assertThat(world.stored(USER)).contains(kept);
    assertThat(accounts.whoami()).isEqualTo("bob");
    assertThat(accounts.view().account()).isEqualTo(new Account("bob", "bob@example.com"));
    assertThat(accounts.view().accountChange()).isNull();
    assertThat(accounts.view().warnings()).doesNotContain(Warning.ACCOUNT_CHANGED);
    assertFails(ErrorCode.UNKNOWN_STATE, () -> accounts.keepNew(change.id()));
    assertThat(world.flow().refresh(USER, new What.Stored(world.connection()), deadline()))
        .isInstanceOf(Refreshed.Renewed.class);
  }

  @Test
  void userMayStayWithTheOldAccount() {
    var before = accounts.connectAs("alice");
    var change = accounts.comeBackAs("bob");
    accounts.keepOld(change.id());
    assertThat(world.stored(USER)).contains(before);
    assertThat(accounts.view().accountChange()).isNull();
    assertThat(accounts.view().warnings()).doesNotContain(Warning.ACCOUNT_CHANGED);
    assertFails(ErrorCode.UNKNOWN_STATE, () -> accounts.keepNew(change.id()));
    assertFails(ErrorCode.UNKNOWN_STATE, () -> accounts.keepOld(change.id()));
    assertThat(accounts.whoami()).isEqualTo("alice");
  }

  @Test
  void grantWaitsForALimitedTime() {
    var before = accounts.connectAs("alice");
    var change = accounts.comeBackAs("bob");
    world.clock.advance(AccountChanges.CHANGE_LIFE);
    assertFails(ErrorCode.UNKNOWN_STATE, () -> accounts.keepNew(change.id()));
    assertThat(world.stored(USER)).contains(before);
    assertThat(accounts.view().accountChange()).isNull();
    assertThat(accounts.view().warnings()).doesNotContain(Warning.ACCOUNT_CHANGED);
  }

  @Test
  void decisionIsTheUsersOwnAndAboutTheGrantThatWasShown() {
    accounts.connectAs("alice");
    var bob = accounts.comeBackAs("bob");
    assertFails(ErrorCode.UNKNOWN_STATE, () -> keepNew(OTHER, bob.id()));
    assertFails(ErrorCode.UNKNOWN_STATE, () -> accounts.keepNew(GrantId.fresh()));
    var carol = accounts.comeBackAs("carol");
    assertFails(ErrorCode.UNKNOWN_STATE, () -> accounts.keepNew(bob.id()));
    assertThat(accounts.whoami()).isEqualTo("alice");
    accounts.keepNew(carol.id());
    assertThat(accounts.whoami()).isEqualTo("carol");
  }

  @Test
  void consentOfTheSameAccountEndsTheWaiting() {
    accounts.connectAs("alice");
    var change = accounts.comeBackAs("bob");
    var again = accounts.connectAs("alice");
    assertThat(accounts.view().accountChange()).isNull();
    assertFails(ErrorCode.UNKNOWN_STATE, () -> accounts.keepNew(change.id()));
    assertThat(world.stored(USER)).contains(again);
  }

  @Test
  void tokensThatWaitAreRevokedWithTheConnection() {
    var alice = accounts.connectAs("alice");
    var change = accounts.comeBackAs("bob");
    assertThat(world.authorizationServer.liveRefreshTokens()).hasSize(2);
    world.flow().disconnect(USER, world.connection(), deadline());
    assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
    assertThat(world.authorizationServer.accepts(alice.tokens().accessToken().reveal())).isFalse();
    assertFails(ErrorCode.UNKNOWN_STATE, () -> accounts.keepNew(change.id()));
    assertThat(world.stored(USER)).isEmpty();
  }

  @Test
  void tokensOfTheAccountThatIsNotKeptAreRevoked() {
    var alice = accounts.connectAs("alice");
    accounts.keepOld(accounts.comeBackAs("bob").id());
    assertThat(world.authorizationServer.liveRefreshTokens()).containsExactly(refreshToken(alice));
    var bob = accounts.keepNew(accounts.comeBackAs("bob").id());
    assertThat(world.authorizationServer.liveRefreshTokens()).containsExactly(refreshToken(bob));
    assertThat(world.replacedTokens().connections(USER.user())).isEmpty();
  }

  private static String refreshToken(Grant grant) {
    return requireNonNull(grant.tokens().refreshToken()).reveal();
  }

  @Test
  void everythingThatWaitsIsForgottenWithItsUser() {
    accounts.connectAs("alice");
    accounts.comeBackAs("bob");
    world.flow().forgetUser(USER, USER.user(), deadline());
    assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
    assertThat(world.everythingStored()).doesNotContain("new#");
  }

  /** A grant that needs a new consent is still a grant of its account. */
  @Test
  void accountOfAGrantThatHasEndedCountsToo() {
    accounts.connectAs("alice");
    world.authorizationServer.revoke(requireNonNull(world.stored(USER).orElseThrow().tokens().refreshToken()).reveal());
    assertThat(world.flow().refresh(USER, new What.Stored(world.connection()), deadline()))
        .isInstanceOf(Refreshed.ConsentNeeded.class);
    accounts.comeBackAs("bob");
    assertThat(accounts.view().account()).isEqualTo(new Account("alice", "alice@example.com"));
  }

  /** The caller says replace before it is known who comes back. */
  @Test
  void replaceIsNoDecisionAboutTheAccount() {
    accounts.connectAs("alice");
    accounts.signIn("bob");
    var begun = world.begin(USER, AuthorizationStart.fresh().replacing(new Replaceable.AnyIssuer()));
    assertThat(world.callback(begun, world.approve(begun))).isEqualTo(world.failed(ErrorCode.ACCOUNT_CHANGED));
  }

  @Test
  void repeatedCallbackSaysTheSameAndSendsTheCodeOnce() {
    accounts.connectAs("alice");
    accounts.signIn("bob");
    var begun = world.begin();
    var response = world.approve(begun);
    world.callback(begun, response);
    int requests = world.authorizationServer.tokenRequests().size();
    assertThat(world.callback(begun, response)).isInstanceOf(CallbackOutcome.Repeated.class)
        .extracting(outcome -> ((CallbackOutcome.Repeated) outcome).outcome().error())
        .isEqualTo(ErrorCode.ACCOUNT_CHANGED);
    assertThat(world.authorizationServer.tokenRequests()).hasSize(requests);
  }

  /** Two flows of a server's record begin; the first ends as alice, the second comes back as bob. */
  private AccountChange comeBackInTheRegistry() {
    var server = new ServerWorld(world);
    accounts.connectAndComeBackIn(server);
    var shown = world.flow().connection(USER, ServerWorld.MCP_ID);
    assertThat(requireNonNull(shown.error()).code()).isEqualTo(ErrorCode.ACCOUNT_CHANGED);
    return requireNonNull(shown.accountChange());
  }

  @Test
  void serverThatWasChangedMeanwhileGetsNoTokensOfADecision() {
    var change = comeBackInTheRegistry();
    world.flow().putServer(USER, ServerWorld.MCP_ID, ServerWorld.record("https://elsewhere.example/mcp"), world.now());
    assertThatExceptionOfType(Failure.class).isThrownBy(
        () -> world.flow().keepNewAccount(USER, ServerWorld.MCP_ID, change.id(), deadline()));
    assertThat(world.grants().read(KEY)).isEmpty();
    assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
  }

  @Test
  void errorInTheRecordEndsWithTheDecisionForTheOldAccount() {
    var change = comeBackInTheRegistry();
    world.flow().keepOldAccount(USER, ServerWorld.MCP_ID, change.id(), deadline());
    assertThat(world.flow().connection(USER, ServerWorld.MCP_ID).error()).isNull();
  }

  @Test
  void errorInTheRecordEndsWithTheDecisionForTheNewAccount() {
    var change = comeBackInTheRegistry();
    world.flow().keepNewAccount(USER, ServerWorld.MCP_ID, change.id(), deadline());
    var shown = world.flow().connection(USER, ServerWorld.MCP_ID);
    assertThat(shown.error()).isNull();
    assertThat(shown.account()).isEqualTo(new Account("bob", "bob@example.com"));
  }
}
