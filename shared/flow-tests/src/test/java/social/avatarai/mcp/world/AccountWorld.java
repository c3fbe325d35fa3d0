package social.avatarai.mcp.world;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.server.ConnectionView;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Refreshed;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** A user whose consents come back as one account or another. */
public record AccountWorld(FlowWorld world, Meanwhile meanwhile) implements AutoCloseable {

  public static AccountWorld start() {
    var world = FlowWorld.start();
    var meanwhile = new Meanwhile();
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
    world.authorizationServer.adjust(knobs -> knobs.accounts(accounts -> accounts.idToken(_ -> {})));
    return new AccountWorld(world, meanwhile);
  }

  public void signIn(String owner) {
    world.authorizationServer.adjust(knobs -> knobs.accounts(accounts -> accounts.signedIn(owner)));
  }

  /** A consent that gives the connection its grant. */
  public Grant connectAs(String owner) {
    signIn(owner);
    return world.connect();
  }

  /** A consent that does not replace the grant, because it comes back as another account. */
  public AccountChange comeBackAs(String owner) {
    signIn(owner);
    var begun = world.begin();
    assertThat(world.callback(begun, world.approve(begun))).isEqualTo(world.failed(ErrorCode.ACCOUNT_CHANGED));
    return requireNonNull(view().accountChange());
  }

  /** A record's connection gets a grant of alice, and one of bob waits beside it. */
  public void connectAndComeBackIn(ServerWorld server) {
    server.put();
    var first = server.begin();
    var second = server.begin();
    signIn("alice");
    server.consented(first);
    signIn("bob");
    assertThat(world.callback(second, world.approve(second))).isInstanceOf(CallbackOutcome.Failed.class);
  }

  public ConnectionView view() {
    return world.flow().connection(USER, world.connection());
  }

  public String whoami() {
    return GrantWorld.saidBy(world.flow().access(USER, new Target.ByConnection(world.connection()),
        GrantWorld.call("whoami"), deadline()));
  }

  public Grant keepNew(GrantId change) {
    return world.flow().keepNewAccount(USER, world.connection(), change, deadline());
  }

  public void keepOld(GrantId change) {
    world.flow().keepOldAccount(USER, world.connection(), change, deadline());
  }

  public Grant refreshed() {
    return GrantWorld.renewed(world.flow().refresh(USER, new What.Stored(world.connection()), deadline()));
  }

  /** A refresh of the connection sends its own refresh token, and gets new tokens. */
  public void assertLives() {
    assertThat(world.flow().refresh(USER, new What.Stored(world.connection()), deadline()))
        .isInstanceOf(Refreshed.Renewed.class);
  }

  /** Asserts that the authorization server has revoked all grants but these. */
  public void assertAlive(Grant... grants) {
    Set<String> tokens = Stream.of(grants).map(GrantWorld::refreshTokenOf).map(token -> token.reveal())
        .collect(Collectors.toSet());
    assertThat(world.authorizationServer.liveRefreshTokens()).containsExactlyInAnyOrderElementsOf(tokens);
  }

  /** Asserts that no row is left of a grant that waits. */
  public void assertNothingWaits() {
    assertThat(world.everythingStored()).doesNotContain("new#");
  }

  /** The write that names the grant that waits. */
  public static boolean isNote(SdkRequest request) {
    return request instanceof UpdateItemRequest update
        && update.expressionAttributeValues().containsKey(":accountChangeTo");
  }

  /** The write that takes the name away. */
  public static boolean isEndOfNote(SdkRequest request) {
    return request instanceof UpdateItemRequest update && update.expressionAttributeValues().containsKey(":ended");
  }

  @Override
  public void close() {
    try (world) {
      assertThat(meanwhile.isOver()).isTrue();
    }
  }
}
