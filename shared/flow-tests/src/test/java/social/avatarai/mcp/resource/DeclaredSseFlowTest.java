package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeSseServer;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.testkit.SseKnobs;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.OtherApp;
import social.avatarai.mcp.world.ServerWorld;

/** A server that its record declares as one of HTTP+SSE is asked in no other way, with a grant too. */
class DeclaredSseFlowTest {
  /** What a call asks for. */
  private static final List<String> ONE_CALL = List.of("GET", "initialize", "notifications/initialized", "tools/call");
  /** How a server may respond to a POST to the URL of its stream; 0 for no response. */
  private static final int NONE = 0;

  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld registered = new ServerWorld(world);

  @AfterEach
  void close() {
    world.close();
  }

  private static ObjectNode record(FakeSseServer server, String type) {
    var record = Json.newObject();
    record.putObject("endpoint").put("type", type).put("url", server.url());
    return record;
  }

  private FakeSseServer guarded(int status, BiConsumer<SseKnobs, McpServerKnobs> knobs) {
    return FakeSseServer.protectedBy(world.authorizationServer, (sse, other) -> {
      sse.postToStream(status == NONE ? Response.NONE : Response.of(status));
      knobs.accept(sse, other);
    });
  }

  /** A server with the user's record that declares it. */
  private FakeSseServer declared(int status) {
    var server = guarded(status, (_, _) -> {});
    registered.put(record(server, "sse"));
    return server;
  }

  private Grant grant() {
    return world.grants().read(new ConnectionKey(USER.user(), ServerWorld.MCP_ID)).orElseThrow();
  }

  private static List<String> stepsAfter(int before, FakeSseServer server) {
    return server.steps().subList(before, server.steps().size());
  }

  private void assertCalledOverOneStream(FakeSseServer server) {
    int before = server.steps().size();
    assertThat(GrantWorld.saidBy(registered.access(USER))).startsWith("owner-");
    assertThat(stepsAfter(before, server)).isEqualTo(ONE_CALL);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 405, 406, 415, 500, 501, NONE})
  void everyCallWithItsGrantIsOneStream(int status) {
    try (var server = declared(status)) {
      registered.connectWithConsent();
      assertCalledOverOneStream(server);
      world.restart();
      assertCalledOverOneStream(server);
      assertThat(world.refreshes()).isZero();
      assertThat(registered.status()).isEqualTo("connected");
      assertThat(server.steps()).doesNotContain("POST");
    }
  }

  @Test
  void callByItsUrlUsesTheGrantInTheSameWay() {
    try (var server = declared(500)) {
      registered.connectWithConsent();
      var access = world.flow().access(USER, new Target.ByUrl(new EndpointUrl(server.url())),
          GrantWorld.call("whoami"), deadline());
      assertThat(GrantWorld.saidBy(access)).startsWith("owner-");
      assertThat(server.steps()).doesNotContain("POST");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {405, 429, 500, NONE})
  void endedGrantLeadsToAConsentWithoutAPost(int status) {
    try (var server = declared(status)) {
      registered.connectWithConsent();
      registered.access(USER);
      world.clock.advance(Duration.ofDays(2));
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_grant"));
      world.restart();
      assertThat(registered.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
      assertThat(server.steps()).doesNotContain("POST");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {405, 500})
  void refusalWithoutAChallengeLeadsToAConsentWithoutAPost(int status) {
    try (var server = guarded(status, (_, knobs) -> knobs.withoutChallenge())) {
      registered.put(record(server, "sse"));
      registered.connectWithConsent();
      assertThat(server.steps()).doesNotContain("POST");
    }
  }

  @Test
  void whetherItHasLeftItsIssuerIsAskedOverAStream() {
    try (var server = declared(500); var other = FakeAuthorizationServer.start()) {
      registered.connectWithConsent();
      server.adjust((_, knobs) -> knobs.authorizationServers(other.issuer()));
      world.restart();
      var url = new EndpointUrl(server.url());
      var resource = world.flow().discoverResource(USER, url, deadline());
      int before = server.steps().size();
      var failure = catchThrowableOfType(Failure.class, () -> world.flow().consent(USER, resource,
          AuthorizationStart.fresh().forServer(ServerWorld.MCP_ID), world.now()));
      assertThat(failure.code()).isEqualTo(ErrorCode.ISSUER_CONFLICT);
      assertThat(stepsAfter(before, server)).contains("GET").doesNotContain("POST");
    }
  }

  /** The GET may be refused for a moment. What the record says still holds then. */
  @ParameterizedTest
  @ValueSource(ints = {404, 405, 410, 500})
  void streamThatIsRefusedIsNoReasonToPost(int status) {
    try (var server = declared(401)) {
      registered.connectWithConsent();
      assertCalledOverOneStream(server);
      server.adjust((sse, _) -> sse.streamRefusal(Response.of(status)));
      assertThat(catchThrowable(() -> registered.access(USER))).isInstanceOf(Failure.class);
      server.adjust((sse, _) -> sse.streamRefusal(null));
      assertCalledOverOneStream(server);
      assertThat(server.steps()).doesNotContain("POST");
    }
  }

  @Test
  void grantFollowsARecordThatDeclaresItLater() {
    try (var server = guarded(405, (_, _) -> {})) {
      registered.put(record(server, "streamableHttp"));
      registered.connectWithConsent();
      assertThat(grant().overSse()).isFalse();
      server.adjust((sse, _) -> sse.postToStream(Response.of(401)));
      registered.put(record(server, "sse"));
      assertThat(grant().overSse()).isTrue();
      assertCalledOverOneStream(server);
      assertThat(world.refreshes()).isZero();
    }
  }

  @Test
  void grantFollowsARecordThatDeclaresItNoLonger() {
    try (var server = declared(405)) {
      registered.connectWithConsent();
      assertCalledOverOneStream(server);
      registered.put(record(server, "streamableHttp"));
      assertThat(grant().overSse()).isFalse();
      assertThat(grant().protocol()).isNull();
      world.restart();
      int before = server.steps().size();
      registered.access(USER);
      assertThat(stepsAfter(before, server)).startsWith("POST");
    }
  }

  @Test
  void whatWasAgreedOnOverHttpDoesNotCountUnderARecordThatDeclaresIt() {
    var record = ServerWorld.record(world.mcpServer.url());
    registered.put(record);
    registered.connectWithConsent();
    registered.access(USER);
    assertThat(grant().protocol()).isNotNull();
    int before = world.mcpServer.requests().size();
    record.withObject("/endpoint").put("type", "sse");
    registered.put(record);
    assertThat(grant().protocol()).isNull();
    assertThat(catchThrowable(() -> registered.access(USER))).isInstanceOf(Failure.class);
    var later = world.mcpServer.requests().subList(before, world.mcpServer.requests().size());
    assertThat(later).isNotEmpty().noneMatch(request -> request.method().equals("POST"));
  }

  @Test
  void importedGrantIsOfADeclaredServerToo() {
    var app = new OtherApp(world);
    var record = app.record();
    record.withObject("/endpoint").put("type", "sse");
    app.importOne(record);
    assertThat(grant().overSse()).isTrue();
    int before = world.mcpServer.requests().size();
    assertThat(catchThrowable(() -> registered.access(USER))).isInstanceOf(Failure.class);
    var later = world.mcpServer.requests().subList(before, world.mcpServer.requests().size());
    assertThat(later).isNotEmpty().noneMatch(request -> request.method().equals("POST"));
  }

  private Access byUrlOfOther(FakeSseServer server) {
    return world.flow().access(OTHER, new Target.ByUrl(new EndpointUrl(server.url())), GrantWorld.call("whoami"),
        deadline());
  }

  @Test
  void recordDecidesAboutTheCallsOfItsOwnUserAlone() {
    try (var server = guarded(503, (sse, _) -> sse.openStream().openPosts())) {
      registered.put(record(server, "sse"));
      assertThat(GrantWorld.saidBy(registered.access(USER))).isEqualTo("anonymous");
      assertThat(ServerWorld.isConnected(registered.connect(USER))).isTrue();
      int before = server.steps().size();
      assertThat(catchThrowable(() -> byUrlOfOther(server))).isInstanceOf(Failure.class);
      assertThat(stepsAfter(before, server)).isNotEmpty().containsOnly("POST");
    }
  }

  @Test
  void recordDecidesNothingThatStaysInTheGrantOfAnotherUser() {
    try (var server = guarded(405, (_, _) -> {})) {
      var url = new EndpointUrl(server.url());
      var grant = world.connect(OTHER, url, AuthorizationStart.fresh());
      world.restart();
      server.adjust((sse, _) -> sse.postToStream(Response.of(503)).openStream().openPosts());
      registered.put(record(server, "sse"));
      assertThat(ServerWorld.isConnected(registered.connect(USER))).isTrue();
      int before = server.steps().size();
      assertThat(catchThrowable(() -> byUrlOfOther(server))).isInstanceOf(Failure.class);
      assertThat(stepsAfter(before, server)).isNotEmpty().containsOnly("POST");
      assertThat(world.grants().read(grant.key()).orElseThrow().protocol()).isNull();
    }
  }

  /** What one user's calls have found out by themselves is for all users of the process. */
  @Test
  void transportThatWasFoundStaysKnownWhereARecordDeclaresItToo() {
    try (var server = FakeSseServer.open((_, _) -> {})) {
      byUrlOfOther(server);
      registered.put(record(server, "sse"));
      server.adjust((sse, _) -> sse.streamRefusal(Response.of(404)));
      assertThat(catchThrowable(() -> registered.access(USER))).isInstanceOf(Failure.class);
      server.adjust((sse, _) -> sse.streamRefusal(null));
      int before = server.steps().size();
      byUrlOfOther(server);
      assertThat(stepsAfter(before, server)).isEqualTo(ONE_CALL);
    }
  }
}
