package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.registration.ClientChoice;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.resource.McpRequest;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.Browsers;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/** The life of a server record: stored, connected, used by its id, disconnected, disabled, moved, deleted. */
class ServerFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void serverIsConnectedThroughConsentAndUsedByItsId() {
    assertThat(server.put().path("status").asText()).isEqualTo("disconnected");
    var begun = server.begin();
    assertThat(server.status()).isEqualTo("authorization_required");
    var grant = server.consented(begun);
    assertThat(grant.key().connection()).isEqualTo(MCP_ID);
    assertThat(server.status()).isEqualTo("connected");
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(server.connect(USER)).isEqualTo(new Connecting.Connected());
  }

  @Test
  void openServerIsConnectedAndUsedWithoutAToken() {
    try (var open = FakeMcpServer.open()) {
      server.put(record(open.url()));
      assertThat(server.connect(USER)).isEqualTo(new Connecting.Connected());
      assertThat(server.status()).isEqualTo("connected");
      assertThat(saidBy(server.access(USER))).isEqualTo("anonymous");
      assertThat(world.servers(USER)).singleElement()
          .satisfies(shown -> assertThat(shown.path("status").asText()).isEqualTo("connected"));
    }
  }

  @Test
  void consentFoundToBeNeededByAnAccessIsForTheRecordsConnection() {
    var record = record(world.mcpServer.url());
    record.putObject("authorization").put("scopes", "mcp:read");
    server.put(record);
    var resource = ((Access.ConsentNeeded) server.access(USER)).resource();
    var starting = AuthorizationStart.fresh().forServer(MCP_ID);
    var begun = world.flow().consent(USER, resource, starting, world.now());
    assertThat(Browsers.sent(begun).parameters().get("scope")).contains("mcp:read");
    assertThat(server.consented(begun).key().connection()).isEqualTo(MCP_ID);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void disconnectRevokesTheRefreshTokenAndForgets() {
    server.put();
    var grant = server.connectWithConsent();
    assertThat(server.disconnect(USER)).isTrue();
    assertThat(world.authorizationServer.revocations()).singleElement().satisfies(request -> {
      assertThat(request.parameters()).containsEntry("token", GrantWorld.refreshTokenOf(grant).reveal())
          .containsEntry("token_type_hint", "refresh_token");
    });
    assertThat(world.authorizationServer.accepts(grant.tokens().accessToken().reveal())).isFalse();
    assertThat(server.status()).isEqualTo("disconnected");
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(server.disconnect(USER)).isFalse();
    assertThat(world.log()).contains("\"event\":\"disconnected\"").contains("\"revoked\":true");
  }

  @Test
  void disconnectForgetsWhateverTheIssuerSays() {
    server.put();
    server.connectWithConsent();
    world.authorizationServer.revocationEndpoint().next(Response.of(503));
    assertThat(server.disconnect(USER)).isFalse();
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
  }

  @Test
  void connectionOfAResourceAloneIsDisconnectedByItsIdToo() {
    var grant = world.connect();
    assertThat(world.flow().disconnect(USER, grant.key().connection(), deadline()).revoked()).isTrue();
    assertThat(world.stored(USER)).isEmpty();
    assertFails(ErrorCode.NOT_FOUND, () -> world.flow().disconnect(USER, grant.key().connection(), deadline()));
  }

  @Test
  void changedUrlEndsTheGrant() {
    server.put();
    var grant = server.connectWithConsent();
    try (var other = FakeMcpServer.protectedBy(world.authorizationServer)) {
      assertThat(server.put(record(other.url())).path("status").asText()).isEqualTo("disconnected");
      assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
      assertThat(other.requests()).noneMatch(request -> request.header("authorization").isPresent());
      assertThat(world.authorizationServer.accepts(grant.tokens().accessToken().reveal())).isFalse();
      server.put();
      assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    }
  }

  @Test
  void sameRecordAgainKeepsTheGrant() {
    var first = server.put();
    server.connectWithConsent();
    world.clock.advance(Duration.ofMinutes(1));
    var record = record(world.mcpServer.url());
    var again = server.put(record.put("name", "Another name"));
    assertThat(again.path("status").asText()).isEqualTo("connected");
    assertThat(again.path("createdAt")).isEqualTo(first.path("createdAt"));
    assertThat(again.path("updatedAt").asLong()).isEqualTo(first.path("updatedAt").asLong() + 60);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void serverThatIsSwitchedOffIsNeitherUsedNorRenewedAndKeepsItsGrant() {
    server.put();
    server.connectWithConsent();
    server.put(record(world.mcpServer.url()).put("enabled", false));
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(USER));
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.connect(USER));
    assertFails(ErrorCode.SERVER_DISABLED,
        () -> world.flow().refresh(USER, new What.Stored(MCP_ID), deadline()));
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(world.refreshDue().refreshed()).isZero();
    server.put(record(world.mcpServer.url()).put("enabled", true));
    assertThat(world.refreshDue().refreshed()).isOne();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void serverThatIsSwitchedOffIsNotAskedWithoutATokenEither() {
    try (var open = FakeMcpServer.open()) {
      server.put(record(open.url()).put("enabled", false));
      assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(USER));
      assertThat(open.requests()).isEmpty();
    }
  }

  @Test
  void stepUpAsksForTheUnionOnTheSameConnection() {
    world.mcpServer.adjust(knobs -> knobs.requireScope("tools/list", "mcp:write"));
    var record = record(world.mcpServer.url());
    record.putObject("authorization").put("scopes", "mcp:read");
    server.put(record);
    server.connectWithConsent();
    var more = (Access.StepUpNeeded) server.access(new McpRequest("tools/list", null));
    var starting = AuthorizationStart.fresh().at(more.issuer())
        .as(ClientChoice.of(more.clientId())).requesting(more.required()).forServer(MCP_ID);
    var begun = world.flow().consent(USER, more.resource(), starting, world.now());
    assertThat(Browsers.sent(begun).parameters().get("scope")).contains("mcp:read").contains("mcp:write");
  }

  @Test
  void fourthStepUpByConnectWithinTheHourIsRefused() {
    world.mcpServer.adjust(knobs -> knobs.requireScope("server/discover", "mcp:write").requireScope("initialize",
        "mcp:write"));
    var record = record(world.mcpServer.url());
    record.putObject("authorization").put("scopes", "mcp:read");
    server.put(record);
    server.connectWithConsent();
    for (int i = 0; i < 3; i++)
      assertThat(Browsers.sent(server.begin()).parameters().get("scope")).contains("mcp:write");
    assertFails(ErrorCode.TOO_MANY_REQUESTS, () -> server.connect(USER));
    world.clock.advance(Duration.ofHours(1));
    assertThat(Browsers.sent(server.begin()).parameters().get("scope")).contains("mcp:write");
  }

  @Test
  void anotherUserSeesNothingOfIt() {
    server.put();
    server.connectWithConsent();
    var flow = world.flow();
    assertFails(ErrorCode.NOT_FOUND, () -> flow.server(OTHER, MCP_ID));
    assertFails(ErrorCode.NOT_FOUND, () -> server.access(OTHER));
    assertFails(ErrorCode.NOT_FOUND, () -> server.connect(OTHER));
    assertFails(ErrorCode.NOT_FOUND, () -> server.disconnect(OTHER));
    assertFails(ErrorCode.NOT_FOUND, () -> flow.deleteServer(OTHER, MCP_ID, deadline()));
    assertThat(world.servers(OTHER)).isEmpty();
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void deletedServerIsDisconnectedFirst() {
    server.put();
    var grant = server.connectWithConsent();
    assertThat(world.flow().deleteServer(USER, MCP_ID, deadline()).revoked()).isTrue();
    assertThat(world.authorizationServer.accepts(grant.tokens().accessToken().reveal())).isFalse();
    assertFails(ErrorCode.NOT_FOUND, () -> server.access(USER));
    assertFails(ErrorCode.NOT_FOUND, () -> world.flow().server(USER, MCP_ID));
    assertThat(world.servers(USER)).isEmpty();
  }

  @Test
  void flowForAServerThatIsGoneBeginsNothing() {
    server.put();
    var resource = ((Access.ConsentNeeded) server.access(USER)).resource();
    world.flow().deleteServer(USER, MCP_ID, deadline());
    var starting = AuthorizationStart.fresh().forServer(MCP_ID);
    assertFails(ErrorCode.NOT_FOUND, () -> world.flow().consent(USER, resource, starting, world.now()));
    world.assertNothingBegan();
  }

  @Test
  void grantThatCannotBeRenewedShowsInTheRecordAndConnectBeginsAgain() {
    server.put();
    var grant = server.connectWithConsent();
    world.authorizationServer.revoke(GrantWorld.refreshTokenOf(grant).reveal());
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(server.status()).isEqualTo("reauthorization_required");
    server.connectWithConsent();
    assertThat(server.status()).isEqualTo("connected");
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-2");
  }

  @Test
  void tokensAreNotRevokedWhereTheIssuerNowHasATokenEndpointOnAnotherSite() {
    server.put();
    server.connectWithConsent();
    world.restart();
    String elsewhere = world.authorizationServer.issuer().replace("localhost", "127.0.0.1") + "/token";
    world.authorizationServer.adjust(knobs -> knobs.metadata("token_endpoint", elsewhere));
    assertThat(server.disconnect(USER)).isFalse();
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
  }

  @Test
  void userHasAsManyRecordsAsAreAllowedAndNoMore() {
    var record = record(world.mcpServer.url());
    for (int i = 0; i < ServerRegistry.MAX_SERVERS; i++)
      world.flow().putServer(USER, new ConnectionId("server-" + i), record, world.now());
    assertFails(ErrorCode.INVALID_REQUEST, () -> server.put());
    assertThat(world.flow().putServer(USER, new ConnectionId("server-7"), record, world.now()).path("mcpId").asText())
        .isEqualTo("server-7");
    assertThat(world.flow().putServer(OTHER, MCP_ID, record, world.now()).path("mcpId").asText())
        .isEqualTo(MCP_ID.value());
    assertThat(world.servers(USER)).hasSize(ServerRegistry.MAX_SERVERS);
  }
}
