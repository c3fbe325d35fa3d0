package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.BuiltInWorld.builtIn;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.world.BuiltInWorld;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/** The operator changes a built-in record that users have grants for. No grant is used for another server. */
class BuiltInChangeFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final BuiltInWorld server = new BuiltInWorld(world);
  private final FakeMcpServer elsewhere = FakeMcpServer.protectedBy(world.authorizationServer);
  private Grant grant;

  @BeforeEach
  void connected() {
    server.put();
    grant = server.connectWithConsent(USER);
  }

  @AfterEach
  void close() {
    try (world) {
      elsewhere.close();
    }
  }

  private String token() {
    return grant.tokens().accessToken().reveal();
  }

  private Access byUrl() {
    return world.flow().access(USER, new Target.ByUrl(world.url()), GrantWorld.call("whoami"), deadline());
  }

  private Refreshed refreshById() {
    return world.flow().refresh(USER, new What.Stored(MCP_ID), deadline());
  }

  private Refreshed refreshByToken() {
    return world.flow().refresh(USER, new What.Token(GrantWorld.refreshTokenOf(grant),
        new Issuer(world.authorizationServer.issuer()), new ClientId(grant.client().id().value())), deadline());
  }

  /** What a user may do first after the operator's change. */
  enum Deed {
    ACCESS_BY_ID, ACCESS_BY_URL, CONNECT, REFRESH_BY_ID, REFRESH_BY_TOKEN, DISCONNECT
  }

  private void doFirst(Deed deed) {
    switch (deed) {
      case ACCESS_BY_ID -> assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
      case ACCESS_BY_URL -> assertThat(byUrl()).isInstanceOf(Access.ConsentNeeded.class);
      case CONNECT -> server.begin(USER);
      case REFRESH_BY_ID -> assertFails(ErrorCode.NOT_FOUND, this::refreshById);
      case REFRESH_BY_TOKEN -> assertThat(refreshByToken()).isInstanceOf(Refreshed.InvalidGrant.class);
      case DISCONNECT -> assertThat(world.flow().disconnect(USER, MCP_ID, deadline()).revoked()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Deed.class)
  void tokenIsNotSentToAnotherUrlAndIsRevokedWhenTheConnectionIsNextUsed(Deed first) {
    server.put(builtIn(elsewhere.url()));
    assertThat(server.status(USER)).isEqualTo("disconnected");
    doFirst(first);
    assertThat(elsewhere.requests()).noneMatch(request -> request.header("authorization").isPresent());
    assertThat(world.authorizationServer.accepts(token())).as("the token at its issuer").isFalse();
    server.put();
    assertThat(server.access(USER)).as("back at the former URL").isInstanceOf(Access.ConsentNeeded.class);
  }

  @Test
  void grantForTheNewUrlTakesAConsentOfEachUser() {
    server.connectWithConsent(OTHER);
    server.put(builtIn(elsewhere.url()));
    server.connectWithConsent(USER);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-3");
    assertThat(server.access(OTHER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(elsewhere.requests()).noneMatch(request -> request.header("authorization").filter(
        header -> header.contains(token())).isPresent());
  }

  @Test
  void otherClientEndsTheGrantToo() {
    var record = ServerWorld.withClient(builtIn(world.mcpServer.url()), world.authorizationServer.issuer(),
        "another-client", world.contextCallback());
    server.put(record);
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(world.authorizationServer.accepts(token())).isFalse();
  }

  @Test
  void otherQueryKeepsTheGrantAndIsUsed() {
    server.put(builtIn(world.mcpServer.url() + "?toolsets=all"));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(world.mcpServer.requests().getLast().rawQuery()).contains("toolsets=all");
    assertThat(world.flow().connection(USER, MCP_ID).status().wireName()).isEqualTo("connected");
  }

  @Test
  void consentThatBeganBeforeTheChangeBringsNoGrant() {
    var begun = server.begin(OTHER);
    var response = world.approve(begun);
    server.put(builtIn(elsewhere.url()));
    assertThat(world.callback(begun, response)).isInstanceOfSatisfying(CallbackOutcome.Failed.class,
        failed -> assertThat(failed.error()).isEqualTo(ErrorCode.SERVER_CHANGED));
    assertThat(server.status(OTHER)).isEqualTo("disconnected");
  }

  @Test
  void switchedOffRecordIsOffForAllAndKeepsTheGrants() {
    server.put(builtIn(world.mcpServer.url()).put("enabled", false));
    int before = world.mcpServer.requests().size();
    for (var deed : List.<Runnable>of(() -> server.access(USER), this::byUrl, this::refreshById, this::refreshByToken,
        () -> server.connect(USER), () -> server.connect(OTHER), () -> server.access(OTHER))) {
      assertFails(ErrorCode.SERVER_DISABLED, deed::run);
    }
    assertThat(world.mcpServer.requests()).hasSize(before);
    server.put();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void grantOfASwitchedOffRecordIsStillKeptFresh() {
    server.put(builtIn(world.mcpServer.url()).put("enabled", false));
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(world.refreshDue().refreshed()).isOne();
    server.put();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void deletedRecordIsGoneForAllAndItsGrantsAreEnded() {
    server.connectWithConsent(OTHER);
    server.delete();
    assertThat(server.list(USER)).isEmpty();
    assertThat(world.flow().connections(USER, null, 10).connections()).isEmpty();
    assertFails(ErrorCode.NOT_FOUND, () -> server.access(USER));
    assertThat(world.authorizationServer.accepts(token())).isFalse();
    assertThat(world.flow().disconnect(OTHER, MCP_ID, deadline()).revoked()).isTrue();
  }

  /** The grant was given for the operator's record. A record of the user's own takes a consent of its own. */
  @Test
  void recordOfAUsersOwnInPlaceOfADeletedOneTakesOverNoGrant() {
    server.delete();
    var own = new ServerWorld(world);
    assertThat(own.put().path("status").asText()).isEqualTo("disconnected");
    assertThat(world.authorizationServer.accepts(token())).isFalse();
    own.connectWithConsent();
    assertThat(saidBy(own.access(USER))).isEqualTo("owner-2");
  }

  @Test
  void consentFoundToBeNeededByAnAccessIsForTheBuiltInRecord() {
    var needed = (Access.ConsentNeeded) server.access(OTHER);
    var begun = world.flow().consent(OTHER, needed.resource(), AuthorizationStart.fresh().forServer(MCP_ID),
        world.now());
    assertThat(world.callback(begun, world.approve(begun))).isInstanceOf(CallbackOutcome.Connected.class);
    server.put(builtIn(world.mcpServer.url()).put("enabled", false));
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(OTHER));
  }

  @Test
  void userCannotUseTheGrantThroughARecordAtAnotherUrl() {
    assertFails(ErrorCode.FORBIDDEN, () -> new ServerWorld(world).put(record(elsewhere.url())));
    assertThat(elsewhere.requests()).isEmpty();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void failureNamesNoOtherUser() {
    server.put(builtIn(world.mcpServer.url()).put("enabled", false));
    try {
      server.access(USER);
      throw new AssertionError("not refused");
    } catch (Failure failure) {
      assertThat(failure.safeMessage()).doesNotContain(OTHER.user().value()).doesNotContain(
          FlowWorld.OPERATOR.user().value());
    }
  }
}
