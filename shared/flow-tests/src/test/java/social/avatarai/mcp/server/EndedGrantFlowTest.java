package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;

/** A grant that has ended stays ended until new tokens have come, however it is tried again. */
class EndedGrantFlowTest {
  private static final String CLIENT = "client-by-hand";
  private static final String SECRET = "invented-secret-by-hand";
  private static final String NEXT = "the-next-invented-secret";

  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);

  @BeforeEach
  void connectWithAClientOfTheUsers() {
    knowTheClientBy(SECRET);
    server.put(recordWith(SECRET));
    server.connectWithConsent();
  }

  @AfterEach
  void close() {
    world.close();
  }

  private void knowTheClientBy(String secret) {
    world.authorizationServer.preRegister(FakeClient.confidential(CLIENT, secret, world.contextCallback()));
  }

  private ObjectNode recordWith(String secret) {
    var record = withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), CLIENT,
        world.contextCallback());
    config(record).put("client_secret", secret).put("token_endpoint_auth_method", "client_secret_basic");
    return record;
  }

  private long refreshes() {
    return world.authorizationServer.tokenRequests().stream()
        .filter(request -> request.parameters().containsKey("refresh_token")).count();
  }

  private GrantState state() {
    return world.grants().read(new ConnectionKey(USER.user(), MCP_ID)).orElseThrow().state();
  }

  private long logged(String event) {
    return world.log().lines().filter(line -> line.contains("\"event\":\"" + event + "\"")).count();
  }

  private void assertConsentNeeded(int refreshes) {
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(state().needsReauthorization()).isTrue();
    assertThat(refreshes()).isEqualTo(refreshes);
  }

  /** The issuer refuses the client twice. */
  private void end() {
    knowTheClientBy(NEXT);
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
    server.put(recordWith("another-wrong-secret"));
    assertConsentNeeded(3);
    assertConsentNeeded(3);
    assertThat(server.status()).isEqualTo("reauthorization_required");
    world.clock.advance(Duration.ofMinutes(16));
    assertConsentNeeded(4);
    world.clock.advance(Duration.ofDays(1));
    assertConsentNeeded(4);
    assertThat(state().cause()).isEqualTo(GrantState.Cause.CLIENT_REFUSED);
    assertThat(logged("reauthorization_required")).isEqualTo(1);
    assertThat(logged("grant_recovered")).isZero();

    server.put(recordWith(NEXT));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(state()).isEqualTo(GrantState.healthy(state().lastUsed(), state().dueMinute()));
    assertThat(logged("grant_recovered")).isEqualTo(1);
  }

  @Test
  void tryThatMeetsAnOutageIsRepeatedAfterItsWait() {
    end();
    server.put(recordWith(NEXT));
    world.authorizationServer.tokenEndpoint().next(Response.of(503).with("Retry-After", "600"));
    assertConsentNeeded(3);
    assertConsentNeeded(3);
    world.flow().refreshDue(0, 63, FlowWorld.deadline());
    world.clock.advance(Duration.ofMinutes(11));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(server.status()).isEqualTo("connected");
    assertThat(logged("reauthorization_required")).isEqualTo(1);
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
      server.put(recordWith(NEXT));
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
    server.put(recordWith(NEXT));
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
    assertThat(refreshes()).isZero();
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
      assertThat(refreshes()).isEqualTo(hour);
      world.clock.advance(Duration.ofMinutes(61));
    }
  }
}
