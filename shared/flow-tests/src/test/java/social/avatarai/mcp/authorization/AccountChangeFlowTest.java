package social.avatarai.mcp.authorization;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.server.ConnectionView;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.AccountChanges;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/** A reconnect comes back as somebody else. */
class AccountChangeFlowTest {
  private static final ConnectionKey KEY = new ConnectionKey(USER.user(), ServerWorld.MCP_ID);

  private final FlowWorld world = FlowWorld.start();

  @BeforeEach
  void nameAccounts() {
    world.authorizationServer.adjust(knobs -> knobs.accounts(
        accounts -> accounts.idToken(claims -> claims.put("email", claims.path("sub").asText() + "@example.com"))));
  }

  @AfterEach
  void close() {
    world.close();
  }

  private void signIn(@Nullable String owner) {
    world.authorizationServer.adjust(knobs -> knobs.accounts(accounts -> accounts.signedIn(owner)));
  }

  private Grant connectAs(String owner) {
    signIn(owner);
    return world.connect();
  }

  /** A consent that does not replace the grant. */
  private AccountChange comeBackAs(String owner) {
    signIn(owner);
    var begun = world.begin();
    assertThat(world.callback(begun, world.approve(begun))).isEqualTo(world.failed(ErrorCode.ACCOUNT_CHANGED));
    return requireNonNull(view().accountChange());
  }

  private ConnectionView view() {
    return world.flow().connection(USER, world.connection());
  }

  private String whoami() {
    return GrantWorld.saidBy(world.flow().access(USER, new Target.ByConnection(world.connection()),
        GrantWorld.call("whoami"), deadline()));
  }

  private Grant keepNew(Caller caller, GrantId change) {
    return world.flow().keepNewAccount(caller, world.connection(), change, deadline());
  }

  private void keepOld(GrantId change) {
    world.flow().keepOldAccount(USER, world.connection(), change, deadline());
  }

  @Test
  void anotherAccountReplacesNothingUntilTheUserDecides() {
    var before = connectAs("alice");
    var change = comeBackAs("bob");
    assertThat(world.stored(USER)).contains(before);
    assertThat(whoami()).isEqualTo("alice");
    var view = view();
    assertThat(view.account()).isEqualTo(new Account("alice", "alice@example.com"));
    assertThat(view.warnings()).contains(Warning.ACCOUNT_CHANGED);
    assertThat(change.to()).isEqualTo(new Account("bob", "bob@example.com"));
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(world.everythingStored() + world.log()).doesNotContain("alice", "bob");
  }

  @Test
  void userMayTakeTheNewAccount() {
    connectAs("alice");
    var change = comeBackAs("bob");
    var kept = keepNew(USER, change.id());
    assertThat(world.stored(USER)).contains(kept);
    assertThat(whoami()).isEqualTo("bob");
    assertThat(view().account()).isEqualTo(new Account("bob", "bob@example.com"));
    assertThat(view().accountChange()).isNull();
    assertThat(view().warnings()).doesNotContain(Warning.ACCOUNT_CHANGED);
    assertFails(ErrorCode.UNKNOWN_STATE, () -> keepNew(USER, change.id()));
    assertThat(world.flow().refresh(USER, new What.Stored(world.connection()), deadline()))
        .isInstanceOf(Refreshed.Renewed.class);
  }

  @Test
  void userMayStayWithTheOldAccount() {
    var before = connectAs("alice");
    var change = comeBackAs("bob");
    keepOld(change.id());
    assertThat(world.stored(USER)).contains(before);
    assertThat(view().accountChange()).isNull();
    assertThat(view().warnings()).doesNotContain(Warning.ACCOUNT_CHANGED);
    assertFails(ErrorCode.UNKNOWN_STATE, () -> keepNew(USER, change.id()));
    assertFails(ErrorCode.UNKNOWN_STATE, () -> keepOld(change.id()));
    assertThat(whoami()).isEqualTo("alice");
  }

  @Test
  void grantWaitsForALimitedTime() {
    var before = connectAs("alice");
    var change = comeBackAs("bob");
    world.clock.advance(AccountChanges.CHANGE_LIFE);
    assertFails(ErrorCode.UNKNOWN_STATE, () -> keepNew(USER, change.id()));
    assertThat(world.stored(USER)).contains(before);
    assertThat(view().accountChange()).isNull();
    assertThat(view().warnings()).doesNotContain(Warning.ACCOUNT_CHANGED);
  }

  @Test
  void decisionIsTheUsersOwnAndAboutTheGrantThatWasShown() {
    connectAs("alice");
    var bob = comeBackAs("bob");
    assertFails(ErrorCode.UNKNOWN_STATE, () -> keepNew(OTHER, bob.id()));
    assertFails(ErrorCode.UNKNOWN_STATE, () -> keepNew(USER, GrantId.fresh()));
    var carol = comeBackAs("carol");
    assertFails(ErrorCode.UNKNOWN_STATE, () -> keepNew(USER, bob.id()));
    assertThat(whoami()).isEqualTo("alice");
    keepNew(USER, carol.id());
    assertThat(whoami()).isEqualTo("carol");
  }

  @Test
  void consentOfTheSameAccountEndsTheWaiting() {
    connectAs("alice");
    var change = comeBackAs("bob");
    var again = connectAs("alice");
    assertThat(view().accountChange()).isNull();
    assertFails(ErrorCode.UNKNOWN_STATE, () -> keepNew(USER, change.id()));
    assertThat(world.stored(USER)).contains(again);
  }

  @Test
  void tokensThatWaitAreRevokedWithTheConnection() {
    var alice = connectAs("alice");
    var change = comeBackAs("bob");
    assertThat(world.authorizationServer.liveRefreshTokens()).hasSize(2);
    world.flow().disconnect(USER, world.connection(), deadline());
    assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
    assertThat(world.authorizationServer.accepts(alice.tokens().accessToken().reveal())).isFalse();
    assertFails(ErrorCode.UNKNOWN_STATE, () -> keepNew(USER, change.id()));
    assertThat(world.stored(USER)).isEmpty();
  }

  @Test
  void tokensOfTheAccountThatIsNotKeptAreRevoked() {
    var alice = connectAs("alice");
    keepOld(comeBackAs("bob").id());
    assertThat(world.authorizationServer.liveRefreshTokens()).containsExactly(refreshToken(alice));
    var bob = keepNew(USER, comeBackAs("bob").id());
    assertThat(world.authorizationServer.liveRefreshTokens()).containsExactly(refreshToken(bob));
    assertThat(world.replacedTokens().connections(USER.user())).isEmpty();
  }

  private static String refreshToken(Grant grant) {
    return requireNonNull(grant.tokens().refreshToken()).reveal();
  }

  @Test
  void everythingThatWaitsIsForgottenWithItsUser() {
    connectAs("alice");
    comeBackAs("bob");
    world.flow().forgetUser(USER, USER.user(), deadline());
    assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
    assertThat(world.everythingStored()).doesNotContain("new#");
  }

  /** A grant that needs a new consent is still a grant of its account. */
  @Test
  void accountOfAGrantThatHasEndedCountsToo() {
    connectAs("alice");
    world.authorizationServer.revoke(requireNonNull(world.stored(USER).orElseThrow().tokens().refreshToken()).reveal());
    assertThat(world.flow().refresh(USER, new What.Stored(world.connection()), deadline()))
        .isInstanceOf(Refreshed.ConsentNeeded.class);
    comeBackAs("bob");
    assertThat(view().account()).isEqualTo(new Account("alice", "alice@example.com"));
  }

  /** The caller says replace before it is known who comes back. */
  @Test
  void replaceIsNoDecisionAboutTheAccount() {
    connectAs("alice");
    signIn("bob");
    var begun = world.begin(USER, AuthorizationStart.fresh().replacing(new Replaceable.AnyIssuer()));
    assertThat(world.callback(begun, world.approve(begun))).isEqualTo(world.failed(ErrorCode.ACCOUNT_CHANGED));
  }

  @Test
  void repeatedCallbackSaysTheSameAndSendsTheCodeOnce() {
    connectAs("alice");
    signIn("bob");
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
    server.put();
    var first = server.begin();
    var second = server.begin();
    signIn("alice");
    server.consented(first);
    signIn("bob");
    assertThat(world.callback(second, world.approve(second))).isInstanceOf(CallbackOutcome.Failed.class);
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
