package social.avatarai.mcp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.call;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;

/** What one user may use of this service, and that no other user notices. */
class UserBudgetFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);
  private final List<FakeMcpServer> others = new ArrayList<>();

  @AfterEach
  void close() {
    others.forEach(FakeMcpServer::close);
    world.close();
  }

  private void discover(Caller caller) {
    world.flow().discoverResource(caller, world.url(), deadline());
  }

  private int requestsSent() {
    return world.mcpServer.requests().size() + world.mcpServer.metadataRequests().size()
        + world.authorizationServer.metadataRequests().size() + world.authorizationServer.registrations().size();
  }

  private Access accessWithoutGrant() {
    return world.flow().access(USER, new Flow.Target.ByUrl(world.url()), call("echo"), deadline());
  }

  @Test
  void discoveryCallsOfOneUserMeetA429BeforeAnythingIsSentAndNobodyElseNotices() {
    world.with("BUDGET_REQUESTS_PER_HOUR", "20");
    for (int i = 0; i < 20; i++)
      discover(USER);
    int sent = requestsSent();
    var failure = catchThrowableOfType(Failure.class, () -> discover(USER));
    assertThat(failure.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS);
    assertThat(failure.retryAt()).isPresent();
    assertThat(requestsSent()).isEqualTo(sent);
    discover(OTHER);
    world.clock.advance(Duration.ofHours(1));
    discover(USER);
  }

  @Test
  void discoveryRegistrationAndStartsHaveOneBudgetTogether() {
    world.with("BUDGET_REQUESTS_PER_HOUR", "6");
    server.put();
    discover(USER);
    world.flow().discoverAuthorizationServer(USER, new Issuer(world.authorizationServer.issuer()), deadline());
    world.register(USER, Json.newObject());
    world.begin();
    server.connect(USER);
    assertThat(accessWithoutGrant()).isInstanceOf(Access.ConsentNeeded.class);
    int sent = requestsSent();
    for (var call : List.<ThrowingCallable>of(() -> discover(USER), () -> world.register(USER, Json.newObject()),
        world::begin, () -> world.flow().discoverAuthorizationServer(USER,
            new Issuer(world.authorizationServer.issuer()), deadline())))
      assertFails(ErrorCode.TOO_MANY_REQUESTS, call);
    assertThat(requestsSent()).isEqualTo(sent);
    assertFails(ErrorCode.TOO_MANY_REQUESTS, () -> server.connect(USER));
    assertFails(ErrorCode.TOO_MANY_REQUESTS, this::accessWithoutGrant);
    assertThat(requestsSent()).isEqualTo(sent);
  }

  private void relay() {
    world.authorizationServer.preRegister(FakeClient.publicClient("invented-client", world.contextCallback()));
    var unknown = new What.Token(new RefreshToken("not-stored-here"), new Issuer(world.authorizationServer.issuer()),
        new ClientId("invented-client"));
    world.flow().refresh(USER, unknown, deadline());
  }

  /** The bug: a caller could name any issuer in a refresh-token call, as often as they liked. */
  @Test
  void refreshTokensThatAreNotStoredHereAreCountedBeforeAnythingIsSent() {
    world.with("BUDGET_REQUESTS_PER_HOUR", "2");
    relay();
    relay();
    int sent = requestsSent() + world.authorizationServer.tokenRequests().size();
    assertFails(ErrorCode.TOO_MANY_REQUESTS, this::relay);
    assertThat(requestsSent() + world.authorizationServer.tokenRequests().size()).isEqualTo(sent);
  }

  private EndpointUrl openServer() {
    var open = FakeMcpServer.protectedBy(world.authorizationServer,
        knobs -> knobs.withoutTokenFor("server/discover", "initialize", "notifications/initialized", "tools/call"));
    others.add(open);
    return FlowWorld.urlOf(open);
  }

  private void accessByUrl(EndpointUrl url) {
    world.flow().access(USER, new Flow.Target.ByUrl(url), call("echo"), deadline());
  }

  /** The bug: a caller could send any number of requests to a stranger's server that needs no token. */
  @Test
  void accessesByUrlWithoutAGrantAreCountedBeforeAnythingIsSentThoughTheServerAsksForNoToken() {
    world.with("BUDGET_REQUESTS_PER_HOUR", "2");
    var url = openServer();
    accessByUrl(url);
    accessByUrl(url);
    int sent = others.getFirst().requests().size();
    assertFails(ErrorCode.TOO_MANY_REQUESTS, () -> accessByUrl(url));
    assertThat(others.getFirst().requests()).hasSize(sent);
  }

  @Test
  void connectingARecordThatIsNotConnectedIsCountedBeforeAnythingIsSent() {
    world.with("BUDGET_REQUESTS_PER_HOUR", "2");
    server.put(ServerWorld.record(openServer().value()));
    for (int i = 0; i < 2; i++)
      assertThat(ServerWorld.isConnected(server.connect(USER))).isTrue();
    int sent = others.getFirst().requests().size();
    assertFails(ErrorCode.TOO_MANY_REQUESTS, () -> server.connect(USER));
    assertThat(others.getFirst().requests()).hasSize(sent);
  }

  @Test
  void callsToAServerOfTheRegistryThatIsKnownAsOpenAreNotCounted() {
    world.with("BUDGET_REQUESTS_PER_HOUR", "1");
    server.put(ServerWorld.record(openServer().value()));
    for (int i = 0; i < 3; i++)
      assertThat(server.access(USER)).isNotNull();
    assertFails(ErrorCode.TOO_MANY_REQUESTS, () -> discover(USER));
  }

  /** The bug: a server that refuses its token again and again had its metadata fetched each time. */
  @Test
  void refusalsOfAServerThatSendUsForItsMetadataAreCounted() {
    world.with("BUDGET_REQUESTS_PER_HOUR", "2");
    world.connect();
    refuseOnce();
    assertThat(accessWithoutGrant()).isInstanceOf(Access.Answered.class);
    int fetched = world.mcpServer.metadataRequests().size();
    refuseOnce();
    assertFails(ErrorCode.TOO_MANY_REQUESTS, this::accessWithoutGrant);
    assertThat(world.mcpServer.metadataRequests()).hasSize(fetched);
  }

  private void refuseOnce() {
    world.mcpServer.mcpEndpoint().next(Response.of(401).with("WWW-Authenticate", "Bearer"));
  }

  @Test
  void callsWithATokenThatTheCallerKeepsAreNotCounted() {
    world.with("BUDGET_REQUESTS_PER_HOUR", "1");
    var token = world.connect().tokens().accessToken();
    for (int i = 0; i < 3; i++)
      assertThat(world.flow().access(USER, new Flow.Target.WithToken(world.url(), token), call("echo"), deadline()))
          .isInstanceOf(Access.Answered.class);
  }

  @Test
  void callsWithAGrantAreNotCounted() {
    world.with("BUDGET_REQUESTS_PER_HOUR", "1");
    world.connect();
    for (int i = 0; i < 5; i++)
      assertThat(accessWithoutGrant()).isInstanceOf(Access.Answered.class);
  }

  @Test
  void anAccessThatBeginsAFlowIsCountedOnce() {
    world.with("BUDGET_REQUESTS_PER_HOUR", "2");
    for (int i = 0; i < 2; i++) {
      var needed = (Access.ConsentNeeded) accessWithoutGrant();
      world.flow().consent(USER, needed.resource(), AuthorizationStart.fresh().counted(needed.counted()), world.now());
    }
    assertFails(ErrorCode.TOO_MANY_REQUESTS, this::accessWithoutGrant);
  }

  @Test
  void zeroSwitchesTheBudgetsOff() {
    world.with("BUDGET_REQUESTS_PER_HOUR", "0").with("BUDGET_GRANTS", "0");
    world.connect();
    for (int i = 0; i < 700; i++)
      world.flow().discoverAuthorizationServer(USER, new Issuer(world.authorizationServer.issuer()), deadline());
    world.connect(USER, another(), AuthorizationStart.fresh());
    assertThat(world.everythingStored()).doesNotContain("counter#");
  }

  private EndpointUrl another() {
    var other = FakeMcpServer.protectedBy(world.authorizationServer);
    others.add(other);
    return FlowWorld.urlOf(other);
  }

  @Test
  void aFlowForOneMoreGrantThanAUserMayKeepIsRefusedAtItsStart() {
    world.with("BUDGET_GRANTS", "3");
    for (int i = 0; i < 3; i++)
      world.connect(USER, another(), AuthorizationStart.fresh());
    var more = another();
    var failure = catchThrowableOfType(Failure.class, () -> world.begin(USER, more, AuthorizationStart.fresh()));
    assertThat(failure.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS);
    assertThat(failure.safeMessage()).contains("at most 3 grants", "disconnect");
    world.begin(OTHER, more, AuthorizationStart.fresh());
    world.clock.advance(Duration.ofHours(1));
    assertFails(ErrorCode.TOO_MANY_REQUESTS, () -> world.begin(USER, more, AuthorizationStart.fresh()));
  }

  /** The bug: flows that were begun before the limit was reached all brought a grant, however many they were. */
  @ParameterizedTest
  @ValueSource(strings = {"600", "0"})
  void flowsThatAreBegunTogetherBringNoMoreGrantsThanAUserMayKeep(String requestsPerHour) {
    world.with("BUDGET_GRANTS", "3").with("BUDGET_REQUESTS_PER_HOUR", requestsPerHour);
    var begun = new ArrayList<AuthorizationStarted>();
    for (int i = 0; i < 5; i++)
      begun.add(world.begin(USER, another(), AuthorizationStart.fresh()));
    for (var flow : begun.subList(0, 3))
      assertThat(world.callback(flow, world.approve(flow))).isInstanceOf(CallbackOutcome.Connected.class);
    for (var flow : begun.subList(3, 5)) {
      var outcome = (CallbackOutcome.Failed) world.callback(flow, world.approve(flow));
      assertThat(outcome.error()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS);
    }
    assertThat(world.grants().count(USER.user())).isEqualTo(3);
    assertThat(world.log()).contains("\"event\":\"tokens_dropped\"");
  }

  @Test
  void aUserWithTheMostGrantsMayConsentAgainAndConnectAnotherServerAfterDisconnectingOne() {
    world.with("BUDGET_GRANTS", "1");
    world.connect();
    world.connect();
    var more = another();
    assertFails(ErrorCode.TOO_MANY_REQUESTS, () -> world.begin(USER, more, AuthorizationStart.fresh()));
    world.flow().disconnect(USER, world.connection(), deadline());
    world.connect(USER, more, AuthorizationStart.fresh());
  }
}
