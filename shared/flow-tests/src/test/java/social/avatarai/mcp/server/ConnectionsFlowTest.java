package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** What a user sees of their connections. */
class ConnectionsFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);

  @AfterEach
  void close() {
    world.close();
  }

  private List<ConnectionView> all(Caller caller) {
    var page = world.flow().connections(caller, null, 200);
    assertThat(page.next()).isNull();
    page.connections().forEach(one -> assertThat(world.flow().connection(caller, one.id())).isEqualTo(one));
    return page.connections();
  }

  private ConnectionView only() {
    var all = all(USER);
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  @Test
  void grantOfTheGuidesFlowIsListedWithAllThatIsKnown() {
    var before = world.clock.instant();
    var grant = world.connect(USER, FlowWorld.requesting("files"));
    assertThat(only()).isEqualTo(new ConnectionView(world.connection(), Status.CONNECTED, null,
        new Issuer(world.authorizationServer.issuer()), new ResourceUri(world.mcpServer.url()), Scopes.parse("files"),
        Objects.requireNonNull(grant.tokens().expiresAt()), before, Set.of(), null, null, null, null));
  }

  @Test
  void recordWithoutAGrantIsListedToo() {
    server.put();
    assertThat(only()).isEqualTo(new ConnectionView(MCP_ID, Status.DISCONNECTED, null, null, null, null, null, null,
        Set.of(), null, null, null, null));
  }

  @Test
  void recordThatNamesItsIssuerIsListedWithIt() {
    server.put(ServerWorld.withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), "invented",
        world.contextCallback()));
    assertThat(only().issuer()).isEqualTo(new Issuer(world.authorizationServer.issuer()));
  }

  @Test
  void connectedServerIsListedWithItsGrantAndItsRecordsError() {
    server.put();
    var grant = server.connectWithConsent();
    world.mcpServer.mcpEndpoint().next(Response.of(503), Response.of(503));
    assertFails(ErrorCode.UPSTREAM_UNREACHABLE, () -> server.connect(USER));
    var view = only();
    assertThat(view.status()).isEqualTo(Status.CONNECTED);
    assertThat(view.cause()).isEqualTo("upstream_unreachable");
    assertThat(Objects.requireNonNull(view.error()).at()).isEqualTo(world.clock.instant());
    assertThat(view.resource()).isEqualTo(grant.target().resource());
    var record = world.flow().server(USER, MCP_ID);
    assertThat(record.path("status").asText()).isEqualTo(view.status().wireName());
    assertThat(record.path("cause").asText()).isEqualTo(view.cause());
    assertThat(record.path("error")).isEqualTo(view.error().json());
  }

  @Test
  void useShowsToTheHour() {
    world.connect();
    world.clock.advance(Duration.ofMinutes(59));
    world.flow().access(USER, new Target.ByConnection(world.connection()),
        GrantWorld.listTools(), FlowWorld.deadline());
    var first = only().lastUsedAt();
    world.clock.advance(Duration.ofHours(1));
    world.flow().access(USER, new Target.ByConnection(world.connection()),
        GrantWorld.listTools(), FlowWorld.deadline());
    assertThat(only().lastUsedAt()).isEqualTo(world.clock.instant()).isNotEqualTo(first);
  }

  @Test
  void warningsOfAGrantAreShownAndThoseThatFollowFromItsClient() {
    world.authorizationServer.adjust(knobs -> knobs.accessTokenLifetime(Duration.ofDays(2)));
    world.authorizationServer.preRegister(FakeClient.publicClient("mine", world.contextCallback()));
    world.connect(USER, FlowWorld.as("mine"));
    assertThat(only().warnings()).containsExactlyInAnyOrder(Warning.LONG_LIVED_TOKEN,
        Warning.CLIENT_NOT_REGISTERED_HERE);
  }

  @Test
  void grantThatNeedsConsentAgainSaysSo() {
    var grant = world.connect();
    world.authorizationServer.revoke(GrantWorld.refreshTokenOf(grant).reveal());
    world.clock.advance(Duration.ofMinutes(61));
    world.flow().access(USER, new Target.ByConnection(world.connection()),
        GrantWorld.listTools(), FlowWorld.deadline());
    assertThat(only().status()).isEqualTo(Status.REAUTHORIZATION_REQUIRED);
    assertThat(only().cause()).isEqualTo("refresh_refused");
  }

  @Test
  void connectionToAnAddressThatIsNotConnectedToHereSaysSo() {
    world.connect();
    world.platform.with(AddressPolicy.publicInternet());
    world.restart();
    assertThat(only().status()).isEqualTo(Status.UNREACHABLE_HERE);
    assertThat(only().cause()).isEqualTo("blocked_url");
  }

  @Test
  void onlyTheCallersOwnAreListed() {
    server.put();
    world.connect();
    world.connect(OTHER, AuthorizationStart.fresh());
    assertThat(all(USER)).extracting(ConnectionView::id).containsExactly(MCP_ID, world.connection());
    assertThat(all(OTHER)).extracting(ConnectionView::id).containsExactly(world.connection());
    assertThat(all(FlowWorld.OPERATOR)).isEmpty();
    assertFails(ErrorCode.NOT_FOUND, () -> world.flow().connection(OTHER, MCP_ID));
    assertFails(ErrorCode.NOT_FOUND, () -> world.flow().connection(FlowWorld.OPERATOR, world.connection()));
    assertFails(ErrorCode.NOT_FOUND, () -> world.flow().connection(USER, new ConnectionId("another")));
  }

  @Test
  void disconnectedResourceIsListedNoMoreAndADisconnectedServerIs() {
    server.put();
    server.connectWithConsent();
    world.connect();
    server.disconnect(USER);
    world.flow().disconnect(USER, world.connection(), FlowWorld.deadline());
    assertThat(only().id()).isEqualTo(MCP_ID);
    assertThat(only().status()).isEqualTo(Status.DISCONNECTED);
  }

  /** Makes three records, and two connections of resources without a record. */
  private void makeFive() {
    for (String id : List.of("b-server", "a-server", "c-server"))
      world.flow().putServer(USER, new ConnectionId(id), record(world.mcpServer.url()), world.now());
    world.connect();
    try (var another = FakeMcpServer.protectedBy(world.authorizationServer)) {
      world.connect(USER, FlowWorld.urlOf(another), AuthorizationStart.fresh());
    }
  }

  private List<String> walk(int limit) {
    var ids = new ArrayList<String>();
    @Nullable
    ConnectionId after = null;
    do {
      var page = world.flow().connections(USER, after, limit);
      assertThat(page.connections()).hasSizeBetween(1, limit);
      page.connections().forEach(one -> ids.add(one.id().value()));
      after = page.next();
      if (after != null) assertThat(page.connections()).hasSize(limit);
    } while (after != null);
    return ids;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 200})
  void pagesShowEachConnectionOnceRecordsFirstWhateverTheirSize(int limit) {
    makeFive();
    var ids = walk(limit);
    assertThat(ids).hasSize(5).startsWith("a-server", "b-server", "c-server");
    assertThat(ids.subList(3, 5)).allMatch(id -> id.startsWith("r:")).isSorted();
  }

  @Test
  void pageGoesOnWhereWhatItEndedWithIsGone() {
    makeFive();
    var first = world.flow().connections(USER, null, 2);
    world.flow().deleteServer(USER, new ConnectionId("b-server"), FlowWorld.deadline());
    assertThat(world.flow().connections(USER, first.next(), 2).connections().getFirst().id().value())
        .isEqualTo("c-server");
  }

  @Test
  void emptyListIsOnePage() {
    assertThat(all(USER)).isEmpty();
  }

  private void spoil(String table, String sort, String attribute) {
    var client = world.platform.dynamoDb();
    var key = Map.of("pk", AttributeValue.fromS("u#" + USER.user()), "sk", AttributeValue.fromS(sort));
    var item = new HashMap<>(client.getItem(get -> get.tableName(table).key(key)).item());
    item.put(attribute, AttributeValue.fromS("no such thing"));
    client.putItem(put -> put.tableName(table).item(item));
  }

  @Test
  void rowThatCannotBeReadIsShownAndCostsNoOther() {
    server.put();
    server.connectWithConsent();
    world.flow().putServer(USER, new ConnectionId("z-server"), record(world.mcpServer.url()), world.now());
    world.connect();
    var tables = world.platform.tables();
    spoil(tables.servers(), "z-server", "url");
    spoil(tables.tokens(), MCP_ID.value(), "resource");
    spoil(tables.tokens(), world.connection().value(), "status");
    assertThat(all(USER)).extracting(ConnectionView::id).extracting(ConnectionId::value)
        .containsExactly(MCP_ID.value(), "z-server", world.connection().value());
    assertThat(all(USER)).extracting(ConnectionView::cause).containsOnly("unreadable");
    assertThat(all(USER)).extracting(ConnectionView::status).containsExactly(Status.REAUTHORIZATION_REQUIRED,
        Status.DISCONNECTED, Status.REAUTHORIZATION_REQUIRED);
    assertThat(world.log()).contains("connection_unreadable").doesNotContain("no such thing");
  }

  @Test
  void listIsReadWithoutTheKeyRing() {
    server.put();
    server.connectWithConsent();
    world.connect();
    world.platform.with("KEY_RING_SECRET", "no-such-ring");
    world.restart();
    assertThat(all(USER)).hasSize(2);
  }

  @Test
  void asManyRecordsAsAUserMayHaveAreListed() {
    IntStream.range(0, ServerRegistry.MAX_SERVERS)
        .forEach(i -> world.flow().putServer(USER, new ConnectionId("server-" + i),
            record(world.mcpServer.url()), world.now()));
    assertThat(walk(ServerRegistry.MAX_SERVERS - 1)).hasSize(ServerRegistry.MAX_SERVERS);
  }
}
