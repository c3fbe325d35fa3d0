package social.avatarai.mcp.authorization;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.world.AccountWorld;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** Faults and races around the decision about another account. Tokens that can still be decided for are never revoked. */
class AccountDecisionFaultsFlowTest {
  private final AccountWorld accounts = AccountWorld.start();
  private final FlowWorld world = accounts.world();
  private final ServerWorld server = new ServerWorld(world);

  @AfterEach
  void close() {
    accounts.close();
  }

  /** A record's connection has a grant of alice, and one of bob waits. */
  private GrantId waitingInTheRegistry() {
    accounts.connectAndComeBackIn(server);
    return requireNonNull(world.flow().connection(USER, ServerWorld.MCP_ID).accountChange()).id();
  }

  private Grant keepNew(GrantId change) {
    return world.flow().keepNewAccount(USER, ServerWorld.MCP_ID, change, deadline());
  }

  private String whoami() {
    return GrantWorld.saidBy(world.flow().access(USER, new Target.ByConnection(ServerWorld.MCP_ID),
        GrantWorld.call("whoami"), deadline()));
  }

  private boolean isRecord(SdkRequest request) {
    return request instanceof GetItemRequest get && get.tableName().equals(world.platform.tables().servers());
  }

  private static void fault() {
    throw new Failure.Misconfigured("Something is wrong here.", "invented fault");
  }

  /**
   * The bug: a record that could not be read at the decision cost the tokens that waited. The next try put the dead grant
   * in the place of the one in use.
   */
  @Test
  void decisionWhoseRecordCannotBeReadCanBeTakenAgain() {
    var change = waitingInTheRegistry();
    accounts.meanwhile().before(this::isRecord, AccountDecisionFaultsFlowTest::fault);
    assertFails(ErrorCode.MISCONFIGURED, () -> keepNew(change));
    assertThat(whoami()).isEqualTo("alice");
    assertThat(world.authorizationServer.revocations()).isEmpty();
    keepNew(change);
    assertThat(whoami()).isEqualTo("bob");
  }

  private Map<String, AttributeValue> recordKey() {
    return Map.of("pk", AttributeValue.fromS("u#" + USER.user().value()), "sk",
        AttributeValue.fromS(ServerWorld.MCP_ID.value()));
  }

  /** The bug: after such a decision the grant still waited, although its tokens were revoked. */
  @Test
  void decisionForAServerThatIsGoneEndsTheWaiting() {
    var change = waitingInTheRegistry();
    var table = world.platform.tables().servers();
    var record = new HashMap<>(
        world.platform.dynamoDb().getItem(get -> get.tableName(table).key(recordKey()).consistentRead(true)).item());
    assertThat(record).isNotEmpty();
    world.platform.dynamoDb().deleteItem(delete -> delete.tableName(table).key(recordKey()));
    assertFails(ErrorCode.SERVER_CHANGED, () -> keepNew(change));
    world.platform.dynamoDb().putItem(put -> put.tableName(table).item(record));
    assertThat(world.flow().connection(USER, ServerWorld.MCP_ID).accountChange()).isNull();
    assertFails(ErrorCode.UNKNOWN_STATE, () -> keepNew(change));
    assertThat(whoami()).isEqualTo("alice");
    accounts.assertAlive(world.grants().read(new ConnectionKey(USER.user(), ServerWorld.MCP_ID)).orElseThrow());
    accounts.assertNothingWaits();
  }

  /** The grant is stored when it turns out that its server is gone. Nothing of it may protect its token any more. */
  @Test
  void decisionForAServerThatGoesMeanwhileLeavesNoTokens() {
    var change = waitingInTheRegistry();
    accounts.meanwhile().before(this::isRecord, () -> {});
    accounts.meanwhile().before(this::isRecord, () -> world.platform.dynamoDb()
        .deleteItem(delete -> delete.tableName(world.platform.tables().servers()).key(recordKey())));
    assertFails(ErrorCode.SERVER_CHANGED, () -> keepNew(change));
    assertThat(world.grants().read(new ConnectionKey(USER.user(), ServerWorld.MCP_ID))).isEmpty();
    accounts.assertAlive();
    accounts.assertNothingWaits();
  }

  /** The bug: the connection named a grant that waits, and its tokens were revoked. */
  @Test
  void grantWhoseNoteHadNoResponseDoesNotWait() {
    var alice = accounts.connectAs("alice");
    var named = new AtomicReference<GrantId>();
    accounts.meanwhile().after(request -> {
      if (!AccountWorld.isNote(request)) return false;
      var values = ((UpdateItemRequest) request).expressionAttributeValues();
      named.set(new GrantId(requireNonNull(values.get(":accountChange")).s()));
      return true;
    }, AccountDecisionFaultsFlowTest::fault);
    accounts.signIn("bob");
    var begun = world.begin();
    var response = world.approve(begun);
    assertThat(failed(() -> world.callback(begun, response))).isTrue();
    assertThat(accounts.view().accountChange()).isNull();
    assertFails(ErrorCode.UNKNOWN_STATE, () -> accounts.keepNew(requireNonNull(named.get())));
    assertThat(accounts.whoami()).isEqualTo("alice");
    accounts.assertAlive(alice);
    accounts.assertNothingWaits();
  }

  private interface Call {
    CallbackOutcome outcome();
  }

  private static boolean failed(Call call) {
    try {
      return call.outcome() instanceof CallbackOutcome.Failed;
    } catch (Failure e) {
      return true;
    }
  }

  /** Neither the note nor its end reaches the store. What may be decided on is not revoked. */
  @Test
  void grantWhoseWaitingCannotBeEndedIsNotRevoked() {
    accounts.connectAs("alice");
    accounts.meanwhile().after(AccountWorld::isNote, AccountDecisionFaultsFlowTest::fault);
    accounts.meanwhile().before(AccountWorld::isEndOfNote, AccountDecisionFaultsFlowTest::fault);
    accounts.signIn("bob");
    var begun = world.begin();
    var response = world.approve(begun);
    assertThat(failed(() -> world.callback(begun, response))).isTrue();
    accounts.keepNew(requireNonNull(accounts.view().accountChange()).id());
    assertThat(accounts.whoami()).isEqualTo("bob");
  }

  /** The bug: one failure of the store cost a consent, whose code was spent by then. */
  @ParameterizedTest
  @ValueSource(strings = {"new#", "old#", "note"})
  void consentOfAnotherAccountOutlivesAFailureOfTheStore(String write) {
    accounts.connectAs("alice");
    accounts.meanwhile().before(request -> write.equals("note") ? AccountWorld.isNote(request) : puts(request, write),
        () -> {
          throw new IllegalStateException("invented failure of the store");
        });
    accounts.keepNew(accounts.comeBackAs("bob").id());
    assertThat(accounts.whoami()).isEqualTo("bob");
    accounts.assertLives();
  }

  private static boolean puts(SdkRequest request, String sortKey) {
    return request instanceof PutItemRequest put && put.item().containsKey("sk")
        && put.item().get("sk").s().startsWith(sortKey);
  }

  /** The bug: each consent had kept its grant in the one row of the connection, and the other one's name was shown. */
  @Test
  void ofTwoConsentsAtOnceTheOneThatIsShownCanBeDecidedOn() {
    var alice = accounts.connectAs("alice");
    accounts.signIn("bob");
    var bob = world.begin();
    var bobs = world.approve(bob);
    accounts.signIn("carol");
    var carol = world.begin();
    var carols = world.approve(carol);
    accounts.meanwhile().before(AccountWorld::isNote,
        () -> assertThat(world.callback(carol, carols)).isInstanceOf(CallbackOutcome.Failed.class));
    assertThat(world.callback(bob, bobs)).isInstanceOf(CallbackOutcome.Failed.class);
    var shown = requireNonNull(accounts.view().accountChange());
    assertThat(shown.to().id()).isEqualTo("bob");
    var kept = accounts.keepNew(shown.id());
    assertThat(kept.id()).isNotEqualTo(alice.id());
    assertThat(accounts.whoami()).isEqualTo("bob");
    accounts.assertAlive(kept);
    accounts.assertNothingWaits();
  }

  /** The bug: the second window said that the old account was kept. */
  @Test
  void decisionThatComesAfterAnotherOneIsRefused() {
    accounts.connectAs("alice");
    var change = accounts.comeBackAs("bob").id();
    accounts.meanwhile().before(AccountWorld::isEndOfNote, () -> accounts.keepNew(change));
    assertFails(ErrorCode.UNKNOWN_STATE, () -> accounts.keepOld(change));
    assertThat(accounts.whoami()).isEqualTo("bob");
    accounts.assertLives();
  }

  /** A response that got lost is no other decision. */
  @Test
  void decisionWhoseResponseGotLostCanBeTakenAgain() {
    var alice = accounts.connectAs("alice");
    var change = accounts.comeBackAs("bob").id();
    accounts.meanwhile().after(AccountWorld::isEndOfNote, AccountDecisionFaultsFlowTest::fault);
    assertThatExceptionOfType(Failure.class).isThrownBy(() -> accounts.keepOld(change));
    assertThat(accounts.view().accountChange()).isNull();
    assertFails(ErrorCode.UNKNOWN_STATE, () -> accounts.keepNew(change));
    assertThat(world.stored(USER)).contains(alice);
  }

  private static boolean isLookAtWhatWaits(SdkRequest request) {
    return request instanceof GetItemRequest get && requireNonNull(get.key().get("sk")).s().startsWith("new#");
  }

  /** The bug: a decision for a grant without a refresh token replaced a newer grant of the same account. */
  @Test
  void decisionForAGrantWithoutARefreshTokenReplacesNothingThatDoesNotNameIt() {
    accounts.connectAs("alice");
    world.authorizationServer.adjust(AuthorizationServerKnobs::withoutRefreshTokens);
    var change = accounts.comeBackAs("bob").id();
    var newer = new AtomicReference<Grant>();
    accounts.meanwhile().after(AccountDecisionFaultsFlowTest::isLookAtWhatWaits, () -> {
      world.flow().disconnect(USER, world.connection(), deadline());
      world.authorizationServer.adjust(AuthorizationServerKnobs::withRefreshTokens);
      newer.set(accounts.connectAs("bob"));
    });
    assertFails(ErrorCode.UNKNOWN_STATE, () -> accounts.keepNew(change));
    assertThat(world.stored(USER)).contains(requireNonNull(newer.get()));
    accounts.assertNothingWaits();
  }

  /**
   * The bug: a write whose response got lost was repeated, so nothing said what waited, and that protected the new token.
   * The old token is lost with the response.
   */
  @Test
  void repeatedDecisionForAServerThatGoesMeanwhileRevokesTheNewTokens() {
    var change = waitingInTheRegistry();
    var alice = world.grants().read(new ConnectionKey(USER.user(), ServerWorld.MCP_ID)).orElseThrow();
    accounts.meanwhile().after(request -> request instanceof PutItemRequest put
        && requireNonNull(put.item().get("sk")).s().equals(ServerWorld.MCP_ID.value()), () -> {
          throw SdkClientException.create("the response got lost");
        });
    accounts.meanwhile().before(this::isRecord, () -> world.platform.dynamoDb()
        .deleteItem(delete -> delete.tableName(world.platform.tables().servers()).key(recordKey())));
    assertFails(ErrorCode.SERVER_CHANGED, () -> keepNew(change));
    assertThat(world.grants().read(new ConnectionKey(USER.user(), ServerWorld.MCP_ID))).isEmpty();
    accounts.assertAlive(alice);
    accounts.assertNothingWaits();
  }
}
