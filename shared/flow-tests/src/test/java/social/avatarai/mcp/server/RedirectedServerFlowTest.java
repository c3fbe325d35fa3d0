package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;

import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.RecordedIssuers;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** A server that redirects {@code /mcp} to {@code /mcp/}, as a mounted application does. */
class RedirectedServerFlowTest {

  private static FlowWorld world(int status, String location) {
    var world = FlowWorld.start(_ -> {}, mcp -> mcp.path("/mcp/"));
    redirect(world.mcpServer, status, location);
    return world;
  }

  private static void redirect(FakeMcpServer server, int status, String location) {
    server.shareOriginWith(
        request -> request.path().equals("/mcp") ? Response.redirect(status, location) : Response.of(404));
  }

  private static String written(FlowWorld world) {
    return world.mcpServer.origin() + "/mcp";
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 307, 308})
  void recordOfARedirectedServerGetsTheUrlOfTheTargetAndKeepsTheRest(int status) {
    try (var world = world(status, "/mcp/")) {
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(written(world)).put("note", "mine"));
      var grant = registry.connectWithConsent();

      assertThat(grant.target().serverUrl().value()).isEqualTo(world.mcpServer.url());
      var record = world.flow().server(USER, MCP_ID);
      assertThat(record.at("/endpoint/url").asText()).isEqualTo(world.mcpServer.url());
      assertThat(record.path("note").asText()).isEqualTo("mine");
      assertThat(ServerWorld.isConnected(registry.connect(USER))).isTrue();
    }
  }

  @Test
  void recordBindsItsIssuerForTheTargetOfARedirect() {
    try (var world = RecordedIssuers.world(_ -> {}, mcp -> mcp.path("/mcp/"))) {
      redirect(world.mcpServer, 307, "/mcp/");
      var record = RecordedIssuers.withOwnClient(world);
      record.putObject("endpoint").put("url", written(world));
      var registry = new ServerWorld(world);
      registry.put(record);
      var grant = registry.connectWithConsent();
      assertThat(grant.target().serverUrl().value()).isEqualTo(world.mcpServer.url());
      assertThat(grant.warnings()).containsExactly(Grant.Warning.ISSUER_BY_RECORD);
      assertThat(ServerWorld.isConnected(registry.connect(USER))).isTrue();
    }
  }

  @Test
  void openServerThatRedirectsIsConnectedAtTheTarget() {
    try (var world = FlowWorld.start(); var open = FakeMcpServer.open(mcp -> mcp.path("/mcp/"))) {
      redirect(open, 307, "/mcp/");
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(open.origin() + "/mcp"));
      assertThat(ServerWorld.isConnected(registry.connect(USER))).isTrue();
      assertThat(world.flow().server(USER, MCP_ID).at("/endpoint/url").asText()).isEqualTo(open.url());
    }
  }

  @Test
  void sessionAtTheUrlBeforeARedirectIsEnded() {
    try (var world = FlowWorld.start(); var open = FakeMcpServer.open()) {
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(open.url()));
      registry.access(GrantWorld.listTools());
      String session = open.openSessions().iterator().next();
      var before = new ConcurrentLinkedQueue<Received>();
      open.adjust(mcp -> mcp.path("/mcp/"));
      open.shareOriginWith(request -> {
        before.add(request);
        return request.path().equals("/mcp") ? Response.redirect(307, "/mcp/") : Response.of(404);
      });
      assertThat(ServerWorld.isConnected(registry.connect(USER))).isTrue();
      assertThat(before).filteredOn(request -> request.method().equals("DELETE")).singleElement()
          .satisfies(end -> assertThat(end.header("mcp-session-id")).contains(session));
    }
  }

  @Test
  void grantOfARedirectedUrlIsForTheTarget() {
    try (var world = world(307, "/mcp/")) {
      var grant = world.connect(USER, new EndpointUrl(written(world)), AuthorizationStart.fresh());
      assertThat(grant.target().serverUrl().value()).isEqualTo(world.mcpServer.url());
    }
  }

  @ParameterizedTest
  @CsvSource({"302,/mcp/", "303,/mcp/", "307,https://else.example/mcp/"})
  void otherRedirectIsNotFollowedAndTheRecordStays(int status, String location) {
    try (var world = world(status, location)) {
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(written(world)));
      assertThat(catchThrowableOfType(Failure.class, () -> registry.connect(USER))).isNotNull();
      assertThat(world.flow().server(USER, MCP_ID).at("/endpoint/url").asText()).isEqualTo(written(world));
      assertThat(world.mcpServer.requests()).isEmpty();
    }
  }

  @Test
  void onlyOneRedirectIsFollowed() {
    try (var world = world(307, "/mcp")) {
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(written(world)));
      assertThat(catchThrowableOfType(Failure.class, () -> registry.connect(USER))).isNotNull();
    }
  }

  @Test
  void requestWithATokenFollowsNoRedirectAndTheErrorNamesTheTarget() {
    try (var world = FlowWorld.start()) {
      var registry = new ServerWorld(world);
      registry.put();
      registry.connectWithConsent();
      var _ = registry.access(GrantWorld.listTools());
      int before = world.mcpServer.requests().size();
      world.mcpServer.mcpEndpoint().next(Response.redirect(307, "/mcp/"));
      var failure = catchThrowableOfType(Failure.class, () -> registry.access(GrantWorld.listTools()));
      assertThat(failure.safeMessage()).contains("\"/mcp/\"");
      assertThat(world.mcpServer.requests()).hasSize(before + 1);
      assertThat(world.mcpServer.requests()).extracting(Received::path).containsOnly("/mcp");
      assertThat(world.flow().server(USER, MCP_ID).at("/endpoint/url").asText()).isEqualTo(world.mcpServer.url());
    }
  }

  @Test
  void queryOfTheRecordStaysItsOwnWhereTheTargetHasNone() {
    try (var world = world(307, "/mcp/")) {
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(written(world) + "?api_key=invented-key"));
      var grant = registry.connectWithConsent();
      assertThat(grant.target().serverUrl().value()).isEqualTo(world.mcpServer.url() + "?api_key=invented-key");
      assertThat(ServerWorld.isConnected(registry.connect(USER))).isTrue();
      assertThat(url(world)).isEqualTo(world.mcpServer.url() + "?***");
      assertThat(world.mcpServer.requests())
          .allSatisfy(request -> assertThat(request.parameters()).containsEntry("api_key", "invented-key"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/mcp/?project=x&webhook=https://evil.example", "/official/mcp", "/official/mcp/?project=x",
      "/mcp//", "/mcp/?api_key=invented-key&project=x", "/MCP/"})
  void targetWithAForeignQueryOrPathIsNamedAndNotFollowed(String location) {
    try (var world = world(307, location)) {
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(written(world) + "?api_key=invented-key"));
      var failure = catchThrowableOfType(Failure.class, () -> registry.connect(USER));
      assertThat(failure.safeMessage()).contains("to the path \"" + location.replaceFirst("[?].*", "") + "\"");
      assertThat(url(world)).isEqualTo(written(world) + "?***");
      assertThat(world.mcpServer.requests()).isEmpty();
    }
  }

  @Test
  void recordStaysWhereTheFlowAtTheTargetCannotBegin() {
    try (var world = world(307, "/mcp/")) {
      world.authorizationServer.adjust(knobs -> knobs.refuseRegistration(403, "access_denied"));
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(written(world)));
      assertThat(catchThrowableOfType(Failure.class, () -> registry.connect(USER))).isNotNull();
      assertThat(url(world)).isEqualTo(written(world));
    }
  }

  private static boolean isRelocation(FlowWorld world, SdkRequest request) {
    return request instanceof UpdateItemRequest update && update.tableName().equals(world.platform.tables().servers())
        && update.updateExpression().contains("#document");
  }

  /** The user connects, and something happens to the record just before it is moved. */
  private static void connectMeanwhile(FlowWorld world, Runnable happening) {
    var meanwhile = new Meanwhile();
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
    var registry = new ServerWorld(world);
    registry.put(ServerWorld.record(written(world)));
    meanwhile.before(request -> isRelocation(world, request), happening);
    FlowWorld.assertFails(ErrorCode.NOT_FOUND, () -> registry.connect(USER));
    assertThat(meanwhile.isOver()).isTrue();
  }

  @Test
  void changeOfTheRecordMeanwhileIsNotUndone() {
    try (var world = world(307, "/mcp/")) {
      connectMeanwhile(world,
          () -> new ServerWorld(world).put(ServerWorld.record(written(world)).put("enabled", false)));
      assertThat(world.flow().server(USER, MCP_ID).path("enabled").asBoolean(true)).isFalse();
      assertThat(url(world)).isEqualTo(written(world));
    }
  }

  @Test
  void recordThatIsDeletedMeanwhileStaysDeleted() {
    try (var world = world(307, "/mcp/")) {
      connectMeanwhile(world, () -> world.flow().deleteServer(USER, MCP_ID, FlowWorld.deadline()));
      FlowWorld.assertFails(ErrorCode.NOT_FOUND, () -> world.flow().server(USER, MCP_ID));
    }
  }

  private static String url(FlowWorld world) {
    return world.flow().server(USER, MCP_ID).at("/endpoint/url").asText();
  }

  /** A connected server, which from now on redirects to the other spelling of its path. The token has ended. */
  private static ServerWorld connectedBeforeItRedirects(FlowWorld world) {
    var registry = new ServerWorld(world);
    registry.put();
    registry.connectWithConsent();
    world.mcpServer.adjust(mcp -> mcp.path("/mcp/"));
    redirect(world.mcpServer, 307, "/mcp/");
    world.restart();
    world.clock.advance(Duration.ofMinutes(61));
    return registry;
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 503})
  void recordWithAGrantThatIsDeadOrStuckMovesWithTheNextConsentAndNotBefore(int status) {
    try (var world = FlowWorld.start()) {
      var registry = connectedBeforeItRedirects(world);
      world.authorizationServer.tokenEndpoint()
          .next(status == 400 ? Response.error(400, "invalid_grant") : Response.of(status));
      var begun = registry.begin();
      assertThat(url(world)).isEqualTo(written(world));
      var grant = registry.consented(begun);
      assertThat(url(world)).isEqualTo(world.mcpServer.url());
      assertThat(grant.target().serverUrl().value()).isEqualTo(world.mcpServer.url());
      assertThat(ServerWorld.isConnected(registry.connect(USER))).isTrue();
      assertThat(registry.status()).isEqualTo("connected");
    }
  }

  @Test
  void accessThatAsksForAStartInPlaceOfAStuckGrantBeginsAtTheTarget() {
    try (var world = FlowWorld.start()) {
      var registry = connectedBeforeItRedirects(world);
      world.authorizationServer.tokenEndpoint().next(Response.of(503));
      var stuck = (Access.NoUsableToken) world.flow().accessOrStuck(USER, new Target.ByConnection(MCP_ID),
          GrantWorld.listTools(), FlowWorld.deadline());
      registry.consented(world.flow().consentInstead(USER, stuck, AuthorizationStart.fresh().forServer(MCP_ID),
          world.now()));
      assertThat(url(world)).isEqualTo(world.mcpServer.url());
      assertThat(registry.access(GrantWorld.listTools())).isInstanceOf(Access.Answered.class);
    }
  }

  @Test
  void urlThatTheUserHasEditedDuringTheConsentStays() {
    try (var world = FlowWorld.start()) {
      var registry = connectedBeforeItRedirects(world);
      world.authorizationServer.tokenEndpoint().next(Response.of(503));
      var begun = registry.begin();
      registry.put(ServerWorld.record(world.mcpServer.origin() + "/other"));
      registry.put(ServerWorld.record(written(world)));
      assertThat(world.callback(begun, world.approve(begun))).isInstanceOf(CallbackOutcome.Failed.class);
      assertThat(url(world)).isEqualTo(written(world));
    }
  }

  @Test
  void accessToARecordThatWasNeverConnectedNeedsConsentAtTheTarget() {
    try (var world = world(307, "/mcp/")) {
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(written(world)));
      var needed = (Access.ConsentNeeded) registry.access(GrantWorld.listTools());
      registry.consented(world.flow().consent(USER, needed.resource(), AuthorizationStart.fresh().forServer(MCP_ID),
          world.now()));
      assertThat(url(world)).isEqualTo(world.mcpServer.url());
    }
  }
}
