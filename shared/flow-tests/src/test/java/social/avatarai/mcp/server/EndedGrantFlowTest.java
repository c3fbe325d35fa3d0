package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.UsersClient.NEXT_SECRET;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;
import social.avatarai.mcp.world.UsersClient;

/** A grant that has ended stays ended until new tokens have come, however it is tried again. */
class EndedGrantFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);
  private final UsersClient client = new UsersClient(world);

  @BeforeEach
  void connect() {
    client.connect();
  }

  @AfterEach
  void close() {
    world.close();
  }

  private GrantState state() {
    return world.grants().read(new ConnectionKey(USER.user(), MCP_ID)).orElseThrow().state();
  }

  private void assertConsentNeeded(int refreshes) {
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(state().needsReauthorization()).isTrue();
    assertThat(world.refreshes()).isEqualTo(refreshes);
  }

  /** The issuer refuses the client twice. */
  private void end() {
    client.changeSecret(NEXT_SECRET);
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(catchThrowable(() -> server.access(USER))).isInstanceOf(Failure.Unreachable.class);
    world.clock.advance(Duration.ofMinutes(16));
    assertConsentNeeded(2);
    assertThat(state().cause()).isEqualTo(GrantState.Cause.CLIENT_REFUSED);
  }

  /** The bug: the try made the grant active, which was an event, and its refusal ended the grant a second time. */
  @Test
  void anotherWrongSecretRecoversNothingAndIsNoSecondEnd() {
    end();
    server.put(client.recordWith("another-wrong-secret"));
    assertConsentNeeded(3);
    assertConsentNeeded(3);
    assertThat(server.status()).isEqualTo("reauthorization_required");
    world.clock.advance(Duration.ofMinutes(16));
    assertConsentNeeded(4);
    world.clock.advance(Duration.ofDays(1));
    assertConsentNeeded(4);
    assertThat(state().cause()).isEqualTo(GrantState.Cause.CLIENT_REFUSED);
    assertThat(world.logged("reauthorization_required")).hasSize(1);
    assertThat(world.logged("grant_recovered")).isEmpty();

    server.put(client.recordWith(NEXT_SECRET));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(state()).isEqualTo(GrantState.healthy(state().lastUsed(), state().dueMinute()));
    assertThat(world.logged("grant_recovered")).hasSize(1);
  }

  @Test
  void tryThatMeetsAnOutageIsRepeatedAfterItsWait() {
    end();
    server.put(client.recordWith(NEXT_SECRET));
    world.authorizationServer.tokenEndpoint().next(Response.of(503).with("Retry-After", "600"));
    assertConsentNeeded(3);
    assertConsentNeeded(3);
    world.refreshDue();
    world.clock.advance(Duration.ofMinutes(11));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(server.status()).isEqualTo("connected");
    assertThat(world.logged("reauthorization_required")).hasSize(1);
  }

  /** The bug: no server had seen the secret, but another one opened the grant again. */
  @Test
  void newSecretOpensNoGrantWhoseTokenEndpointMoved() {
    try (var elsewhere = LoopbackHttp.start(_ -> Response.of(500))) {
      world.authorizationServer.adjust(
          knobs -> knobs.metadata("token_endpoint", "http://127.0.0.1:" + elsewhere.port() + "/token"));
      world.restart();
      world.clock.advance(Duration.ofMinutes(61));
      world.authorizationServer.tokenEndpoint().next(Response.of(404));
      assertThat(catchThrowable(() -> server.access(USER))).isInstanceOf(Failure.Unreachable.class);
      world.clock.advance(Duration.ofMinutes(16));
      assertConsentNeeded(1);
      assertThat(state().cause()).isEqualTo(GrantState.Cause.TOKEN_ENDPOINT_MOVED);
      assertConsentNeeded(1);
      server.put(client.recordWith(NEXT_SECRET));
      assertConsentNeeded(1);
      assertThat(elsewhere.requests()).isEmpty();
    }
  }

  @Test
  void secretOfAStoppedGrantIsLookedForAFewTimesAMinute() {
    end();
    world.clock.advance(Duration.ofMinutes(2));
    var vault = (MemoryVault) world.platform.stores().vault();
    int before = vault.calls();
    for (int i = 0; i < 20; i++)
      server.access(USER);
    assertThat(vault.calls() - before).isBetween(1, 5);
    world.clock.advance(Duration.ofMinutes(2));
    server.put(client.recordWith(NEXT_SECRET));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  /** The bug: connecting began a consent although the next call would have renewed the token. */
  @Test
  void tooLittleTimeForARefreshBeginsNoConsent() {
    world.clock.advance(Duration.ofMinutes(61));
    int sessions = world.sessionRows().size();
    var invocation = new Invocation(world.base, Deadline.in(Duration.ofSeconds(6)));
    var failure = (Failure) catchThrowable(
        () -> world.flow().connect(USER, MCP_ID, AuthorizationStart.fresh(), invocation));
    assertThat(failure).isInstanceOf(Failure.Unreachable.class);
    assertThat(failure.retryAt()).isPresent();
    assertThat(world.sessionRows()).hasSize(sessions);
    assertThat(world.refreshes()).isZero();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void tokenThatIsRefusedForLongIsRenewedOnceAnHour() {
    world.authorizationServer.adjust(knobs -> knobs.tokenResponse("expires_in", 86_400));
    server.disconnect(USER);
    server.connectWithConsent();
    world.mcpServer.adjust(knobs -> knobs.takesTokens(false));
    for (int hour = 1; hour <= 3; hour++) {
      for (int i = 0; i < 3; i++)
        assertThat(server.access(USER)).isEqualTo(new Access.Rejected(401));
      assertThat(world.refreshes()).isEqualTo(hour);
      world.clock.advance(Duration.ofMinutes(61));
    }
  }
}
