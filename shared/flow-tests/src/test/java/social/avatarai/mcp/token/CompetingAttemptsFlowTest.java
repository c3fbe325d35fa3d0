package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.renewed;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.Meanwhile;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** What one attempt has noted counts for all others that have read the grant before. */
class CompetingAttemptsFlowTest {
  private final GrantWorld world = GrantWorld.start();
  private final Meanwhile meanwhile = new Meanwhile();
  private Flow slow = world.flow;

  @BeforeEach
  void connect() {
    world.connect(USER);
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
    slow = world.anotherProcess();
  }

  @AfterEach
  void close() {
    world.close();
  }

  private static boolean isLease(SdkRequest request) {
    return request instanceof UpdateItemRequest update && update.key().toString().contains("lease#");
  }

  private static boolean isNoteOfRejection(SdkRequest request) {
    return request instanceof UpdateItemRequest update
        && update.expressionAttributeNames().containsValue("rejectedMillis");
  }

  private void accessInVain(Flow process) {
    try {
      assertThat(world.access(process, USER, listTools())).isInstanceOf(Access.ConsentNeeded.class);
    } catch (Failure.Unreachable e) {
      assertThat(e.retryAt()).isPresent();
    }
  }

  private Refreshed refresh() {
    return world.flow.refresh(USER, new What.Stored(world.connection()), inTime());
  }

  static Stream<Response> refusals() {
    return Stream.of(Response.html(403, "<h1>Blocked</h1>"), Response.of(429).with("Retry-After", "600"),
        Response.of(503), Response.error(400, "invalid_request"), Response.error(401, "odd"));
  }

  /** The bug: the second attempt was sent within milliseconds, and ended the grant. */
  @ParameterizedTest
  @MethodSource("refusals")
  void waitThatWasNotedBeforeALeaseIsTakenOverIsKept(Response refusal) {
    world.expire();
    world.authorizationServer.tokenEndpoint().next(refusal);
    meanwhile.before(CompetingAttemptsFlowTest::isLease, () -> accessInVain(world.flow));
    accessInVain(slow);
    assertThat(meanwhile.isOver()).isTrue();
    assertThat(world.refreshTokensSent()).hasSize(1);
    assertThat(world.grantOf(USER).state().needsReauthorization()).isFalse();
    world.clock.advance(Duration.ofMinutes(16));
    assertThat(world.access(slow, USER, listTools())).isInstanceOf(Access.Answered.class);
  }

  @Test
  void leaseThatWasTakenOverInVainIsReleased() {
    world.expire();
    world.authorizationServer.tokenEndpoint().next(Response.of(503).with("Retry-After", "1"));
    meanwhile.before(CompetingAttemptsFlowTest::isLease, () -> accessInVain(world.flow));
    accessInVain(slow);
    // The wait after a first failure is 15 s at most, and a lease lasts 40 s.
    world.clock.advance(Duration.ofSeconds(16));
    renewed(refresh());
  }

  /** The bug: a dead grant became active again, because the whole state of before was written. */
  @Test
  void toolCallThatSucceedsRevivesNoDeadGrant() {
    world.stored.noteRejected(world.grantOf(USER), world.clock.instant().minus(Duration.ofHours(2)));
    world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_grant"));
    meanwhile.before(CompetingAttemptsFlowTest::isNoteOfRejection,
        () -> assertThat(refresh()).isInstanceOf(Refreshed.ConsentNeeded.class));
    assertThat(world.access(slow, USER, listTools())).isInstanceOf(Access.Answered.class);
    assertThat(meanwhile.isOver()).isTrue();
    var state = world.grantOf(USER).state();
    assertThat(state.needsReauthorization()).isTrue();
    assertThat(state.isRejected()).isFalse();
  }

  @Test
  void tokenThatTheServerRefusesOrTakesErasesNoWait() {
    world.authorizationServer.tokenEndpoint().next(Response.of(429).with("Retry-After", "600"));
    world.stored.noteRejected(world.grantOf(USER), world.clock.instant().minus(Duration.ofHours(2)));
    meanwhile.before(CompetingAttemptsFlowTest::isNoteOfRejection,
        () -> assertThat(refresh()).isInstanceOf(Refreshed.Later.class));
    assertThat(world.access(slow, USER, listTools())).isInstanceOf(Access.Answered.class);
    assertThat(meanwhile.isOver()).isTrue();
    assertThat(world.grantOf(USER).state().notBefore()).isEqualTo(world.clock.instant().plusSeconds(600));
    assertThat(refresh()).isInstanceOf(Refreshed.Later.class);
    assertThat(world.refreshTokensSent()).hasSize(1);
  }

  /** The bug: an issuer that takes 2 s to replace the token was cut off, and the old token was sent again. */
  @Test
  void refreshTokenIsNotSentWhereTooLittleTimeIsLeftForItsResponse() {
    var what = new What.Stored(world.connection());
    assertThat(world.flow.refresh(USER, what, Deadline.in(Duration.ofSeconds(6)))).isInstanceOf(Refreshed.Later.class);
    assertThat(world.refreshTokensSent()).isEmpty();
    renewed(refresh());
  }
}
