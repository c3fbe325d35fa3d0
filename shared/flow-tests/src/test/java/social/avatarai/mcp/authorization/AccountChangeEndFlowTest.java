package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.aws.dynamodb.DynamoDbWaitingGrants;
import social.avatarai.mcp.server.UserDeletion.Progress;
import social.avatarai.mcp.token.AccountChanges;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.WaitingGrant;
import social.avatarai.mcp.world.AccountWorld;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;

/** What becomes of a grant that waits if the user does not decide: it leaves neither a row nor a token that works. */
class AccountChangeEndFlowTest {
  private final AccountWorld accounts = AccountWorld.start();
  private final FlowWorld world = accounts.world();

  @AfterEach
  void close() {
    accounts.close();
  }

  private Progress forgetUser() {
    return world.flow().forgetUser(USER, USER.user(), deadline());
  }

  /** The bug: the sealed tokens and the address of the account stayed until the table cleaned them up. */
  @Test
  void userWhoHasDisconnectedIsForgottenWithEverythingThatWaited() {
    accounts.connectAs("alice");
    accounts.comeBackAs("bob");
    world.flow().disconnect(USER, world.connection(), deadline());
    accounts.assertNothingWaits();
    forgetUser();
    accounts.assertNothingWaits();
    accounts.assertAlive();
  }

  @Test
  void consentOfTheSameAccountEndsWhatWaits() {
    var first = accounts.connectAs("alice");
    accounts.comeBackAs("bob");
    var again = accounts.connectAs("alice");
    accounts.assertNothingWaits();
    accounts.assertAlive(first, again);
  }

  @Test
  void changeOfTheRecordEndsWhatWaits() {
    var server = new ServerWorld(world);
    accounts.connectAndComeBackIn(server);
    server.put(ServerWorld.record("https://elsewhere.example/mcp"));
    accounts.assertNothingWaits();
    accounts.assertAlive();
  }

  @Test
  void decisionLeavesNothingThatWaits() {
    accounts.connectAs("alice");
    accounts.keepOld(accounts.comeBackAs("bob").id());
    accounts.assertNothingWaits();
    accounts.keepNew(accounts.comeBackAs("bob").id());
    accounts.assertNothingWaits();
  }

  private void letWait(Grant grant) {
    var stores = world.platform.stores();
    new DynamoDbWaitingGrants(stores.client(), stores.tables(), world.cipher())
        .keep(new WaitingGrant(grant, world.clock.instant().plus(AccountChanges.CHANGE_LIFE)));
  }

  /** A process died after it had kept the grant, and before a connection named it. */
  @Test
  void whatNoConnectionNamesIsForgottenWithItsUserToo() {
    var grant = accounts.connectAs("alice");
    world.flow().disconnect(USER, world.connection(), deadline());
    letWait(grant);
    assertThat(forgetUser().left()).isZero();
    accounts.assertNothingWaits();
  }

  /** A process died after it had kept the grant, and before it noted the token among those to be revoked. */
  private void lettingOneWaitThatNothingElseHas() {
    var grant = accounts.connectAs("bob");
    deleteGrant();
    letWait(grant);
    accounts.assertAlive(grant);
  }

  /** The bug: the only copy of the refresh token was deleted, and the token worked on. */
  @Test
  void tokenOfWhatNoConnectionNamesIsRevokedWithItsUser() {
    lettingOneWaitThatNothingElseHas();
    assertThat(forgetUser().left()).isZero();
    accounts.assertAlive();
    accounts.assertNothingWaits();
  }

  @Test
  void tokenOfWhatNoConnectionNamesIsRevokedByADisconnect() {
    lettingOneWaitThatNothingElseHas();
    assertThat(world.flow().disconnect(USER, world.connection(), deadline()).revoked()).isTrue();
    accounts.assertAlive();
    accounts.assertNothingWaits();
  }

  private void waitInVain() {
    world.clock.advance(AccountChanges.CHANGE_LIFE.plus(Duration.ofMinutes(2)));
  }

  /** The bug: without a decision, the refresh token lived as long as the connection. */
  @Test
  void refreshRevokesWhatHasWaitedInVain() {
    accounts.connectAs("alice");
    var change = accounts.comeBackAs("bob");
    waitInVain();
    accounts.assertAlive(accounts.refreshed());
    accounts.assertNothingWaits();
    assertThat(world.replacedTokens().connections(USER.user())).isEmpty();
    assertFails(ErrorCode.UNKNOWN_STATE, () -> accounts.keepNew(change.id()));
  }

  /** The bug: the record asked for a decision long after nothing waited for one. */
  @Test
  void errorOfAnotherAccountIsShownOnlyWhileTheUserCanDecide() {
    var server = new ServerWorld(world);
    accounts.connectAndComeBackIn(server);
    assertThat(world.flow().connection(USER, ServerWorld.MCP_ID).cause()).isEqualTo("account_changed");
    waitInVain();
    var view = world.flow().connection(USER, ServerWorld.MCP_ID);
    assertThat(view.error()).isNull();
    assertThat(view.cause()).isNull();
    assertThat(world.flow().server(USER, ServerWorld.MCP_ID).toString()).doesNotContain("account_changed");
  }

  @Test
  void refreshLeavesWhatStillWaits() {
    accounts.connectAs("alice");
    var change = accounts.comeBackAs("bob");
    accounts.refreshed();
    var kept = accounts.keepNew(change.id());
    accounts.assertAlive(kept);
    assertThat(accounts.whoami()).isEqualTo("bob");
  }

  @Test
  void laterGrantThatWaitsEndsTheOneBeforeIt() {
    accounts.connectAs("alice");
    accounts.comeBackAs("bob");
    var change = accounts.comeBackAs("carol").id();
    assertThat(world.authorizationServer.liveRefreshTokens()).as("alice's and carol's").hasSize(2);
    accounts.assertAlive(accounts.keepNew(change));
    accounts.assertNothingWaits();
  }

  @Test
  void laterGrantOfTheSameAccountThatWaitsProtectsTheOneBeforeItUntilTheDecision() {
    var alice = accounts.connectAs("alice");
    accounts.comeBackAs("bob");
    var change = accounts.comeBackAs("bob").id();
    assertThat(world.authorizationServer.liveRefreshTokens()).hasSize(3);
    accounts.keepOld(change);
    accounts.assertAlive(alice);
    accounts.assertNothingWaits();
  }

  @Test
  void laterGrantThatWaitsEndsWhatHasWaitedInVain() {
    var alice = accounts.connectAs("alice");
    accounts.comeBackAs("bob");
    waitInVain();
    accounts.comeBackAs("carol");
    assertThat(world.authorizationServer.liveRefreshTokens()).hasSize(2)
        .contains(GrantWorld.refreshTokenOf(alice).reveal());
  }

  private boolean isDeletionOfTheGrant(SdkRequest request) {
    return request instanceof DeleteItemRequest delete
        && Objects.requireNonNull(delete.key().get("sk")).s().equals(world.connection().value());
  }

  private void deleteGrant() {
    world.platform.dynamoDb().deleteItem(delete -> delete.tableName(world.platform.tables().tokens())
        .key(Map.of("pk", AttributeValue.fromS("u#" + USER.user().value()), "sk",
            AttributeValue.fromS(world.connection().value()))));
  }

  /** The bug: the response to the deletion got lost, and its second try no longer saw what the row had named. */
  @Test
  void disconnectWhoseDeletionIsSentTwiceEndsWhatWaits() {
    accounts.connectAs("alice");
    accounts.comeBackAs("bob");
    accounts.meanwhile().before(this::isDeletionOfTheGrant, this::deleteGrant);
    assertThat(world.flow().disconnect(USER, world.connection(), deadline()).revoked()).isTrue();
    accounts.assertNothingWaits();
    accounts.assertAlive();
  }

  /** A consent may replace the grant while it is disconnected. What waits beside the new one is not the disconnect's. */
  @Test
  void disconnectOfAGrantThatWasReplacedMeanwhileLeavesWhatWaitsBesideTheNewOne() {
    accounts.connectAs("alice");
    accounts.meanwhile().before(this::isDeletionOfTheGrant, () -> {
      accounts.connectAs("alice");
      accounts.comeBackAs("bob");
    });
    world.flow().disconnect(USER, world.connection(), deadline());
    accounts.keepNew(Objects.requireNonNull(accounts.view().accountChange()).id());
    assertThat(accounts.whoami()).isEqualTo("bob");
    accounts.assertLives();
  }
}
