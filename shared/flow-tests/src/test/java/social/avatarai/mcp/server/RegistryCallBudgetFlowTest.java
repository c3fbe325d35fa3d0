package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.GrantWorld.OTHER;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.connected;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.invocation;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow.Registering;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.GrantWorld;

/** The calls to DynamoDB that the registry's steps make. The metadata is known from an earlier connection. */
class RegistryCallBudgetFlowTest {
  private static final ConnectionId SERVER = new ConnectionId("invented-server");

  private final GrantWorld world = GrantWorld.start();

  @AfterEach
  void close() {
    world.close();
  }

  private void put() {
    var server = Json.newObject().put("mcpId", SERVER.value());
    server.putObject("endpoint").put("url", world.mcpServer.url());
    world.flow.putServer(USER, SERVER, server, invocation());
  }

  private Connecting connect() {
    return world.flow.connect(USER, SERVER, AuthorizationStart.fresh(), invocation());
  }

  private void consent() {
    if (!(connect() instanceof Connecting.AuthorizationRequired(var begun, _))) throw new AssertionError("no consent");
    connected(world.finish(begun));
  }

  private void assertCost(Map<String, Integer> cost, Runnable step) {
    world.calls.reset();
    step.run();
    assertThat(world.calls.counts()).isEqualTo(cost);
  }

  @Test
  void aServerIsPutListedAndRead() {
    // The grant is read again after the record is written. A new record costs one read to see whether the operator has
    // written one with this id, and one to count the records.
    assertCost(Map.of("GetItem", 3, "BatchGetItem", 1, "Query", 1, "PutItem", 1), this::put);
    assertCost(Map.of("GetItem", 3, "PutItem", 1), this::put);
    // The grant is read in the same way as a list reads it. Nothing is decrypted.
    assertCost(Map.of("GetItem", 1, "BatchGetItem", 1), () -> world.flow.server(USER, SERVER));
    // One query is for the built-in records.
    assertCost(Map.of("Query", 2, "BatchGetItem", 1), () -> world.flow.servers(USER, null, 50));
  }

  @Test
  void aServerIsPutWithLiveTokens() {
    world.connect(OTHER);
    var server = Json.newObject();
    server.putObject("endpoint").put("url", world.mcpServer.url());
    var authorization = server.putObject("authorization");
    authorization.putObject("config").put("issuer", world.authorizationServer.issuer()).put("client_id", "invented");
    authorization.putObject("credentials").put("access_token", "invented-access").put("refresh_token",
        "invented-refresh");
    int before = world.mcpServer.requests().size();
    // The record is new, and so is its client: both are counted. Then the client, the grant, its due marker and the
    // record are written, and the tokens leave the record.
    assertCost(Map.of("BatchGetItem", 2, "GetItem", 12, "PutItem", 4, "Query", 7, "UpdateItem", 1),
        () -> world.flow.putServer(USER, SERVER, server, invocation()));
    assertThat(world.mcpServer.requests()).hasSize(before);
  }

  @Test
  void grantFollowsAChangedQueryInOneWrite() {
    put();
    consent();
    var server = Json.newObject();
    server.putObject("endpoint").put("url", world.mcpServer.url() + "?toolsets=all");
    // The record is read again after the write, so that the later of two changes stays.
    assertCost(Map.of("GetItem", 4, "PutItem", 1, "UpdateItem", 1),
        () -> world.flow.putServer(USER, SERVER, server, invocation()));
  }

  @Test
  void connectBeginsAFlow() {
    world.connect(OTHER);
    put();
    // The first start of an hour also counts the user's grants and notes how many there are.
    assertCost(Map.of("BatchGetItem", 1, "GetItem", 3, "PutItem", 1, "Query", 1, "UpdateItem", 3), this::connect);
    // The record says already that consent is needed, so only the call is counted.
    assertCost(Map.of("BatchGetItem", 1, "GetItem", 3, "PutItem", 1, "UpdateItem", 1), this::connect);
  }

  @Test
  void connectWithAGrantAsksTheServer() {
    put();
    consent();
    // The two writes are the status, and the protocol that the handshake for the description negotiated.
    assertCost(Map.of("GetItem", 2, "UpdateItem", 2), this::connect);
    // The status stays the same, and so does the kept session: the session of the description is ended.
    assertCost(Map.of("GetItem", 2), this::connect);
  }

  @Test
  void failedConnectIsNotedOnceHoweverOftenItFailsAndForgottenOnce() {
    put();
    consent();
    connect();
    var failing = Response.of(503);
    world.mcpServer.mcpEndpoint().next(failing, failing, failing);
    assertCost(Map.of("GetItem", 2, "UpdateItem", 1), this::failToConnect);
    assertCost(Map.of("GetItem", 2), this::failToConnect);
    assertCost(Map.of("GetItem", 2), this::failToConnect);
    assertCost(Map.of("GetItem", 2, "UpdateItem", 1), this::connect);
  }

  @Test
  void serverWithAnEnteredTokenCostsWhatAnOpenServerCosts() {
    world.mcpServer.adjust(mcp -> mcp.requireHeader("Authorization", "Bearer invented-entered-token"));
    var server = Json.newObject();
    server.putObject("endpoint").put("url", world.mcpServer.url());
    server.putObject("authorization").put("method", "bearer").putObject("config").put("token",
        "invented-entered-token");
    assertCost(Map.of("GetItem", 3, "BatchGetItem", 1, "Query", 1, "PutItem", 1),
        () -> world.flow.putServer(USER, SERVER, server, invocation()));
    // The first call is counted, because the server might refuse the token, and keeps its session.
    assertCost(Map.of("GetItem", 2, "UpdateItem", 2), this::call);
    int vault = world.vaultCalls();
    int requests = world.mcpServer.requests().size();
    // Without a grant, the record is read too.
    assertCost(Map.of("GetItem", 2), this::call);
    assertThat(world.mcpServer.requests()).hasSize(requests + 1);
    assertThat(world.vaultCalls()).isEqualTo(vault);
  }

  private void call() {
    assertThat(world.flow.access(USER, new Target.ByConnection(SERVER), GrantWorld.listTools(), inTime()))
        .isInstanceOf(Access.Answered.class);
  }

  private void putSyncing() {
    var server = Json.newObject().put("syncResources", true);
    server.putObject("endpoint").put("url", world.mcpServer.url());
    world.flow.putServer(USER, SERVER, server, invocation());
  }

  private void use() {
    world.flow.access(USER, new Target.ByConnection(SERVER), GrantWorld.call("echo"), inTime());
  }

  @Test
  void aRecordThatShowsWhatItsServerOffersCostsOneReadMore() {
    assertCost(Map.of("GetItem", 4, "BatchGetItem", 1, "Query", 1, "PutItem", 1), this::putSyncing);
    assertCost(Map.of("GetItem", 2, "BatchGetItem", 1), () -> world.flow.server(USER, SERVER));
    assertCost(Map.of("Query", 2, "BatchGetItem", 2), () -> world.flow.servers(USER, null, 50));
    consent();
    // Besides the two reads and the two writes of a connect: the grant, the offer, and the record once more.
    assertCost(Map.of("GetItem", 5, "UpdateItem", 3), this::connect);
    assertCost(Map.of("GetItem", 3, "PutItem", 1, "DeleteItem", 1), this::put);
  }

  @Test
  void listingOnceADayIsAtTheCallThatNotesTheUse() {
    world.authorizationServer.adjust(k -> k.accessTokenLifetime(Duration.ofDays(30)));
    putSyncing();
    consent();
    connect();
    use();
    assertCost(Map.of("GetItem", 1), this::use);
    world.clock.advance(Duration.ofHours(1));
    // The grant, the record and the offer, which is not old.
    assertCost(Map.of("GetItem", 3, "UpdateItem", 1), this::use);
    assertCost(Map.of("GetItem", 1), this::use);
    world.clock.advance(Duration.ofHours(23));
    // The grant and the record once more. The two writes are the use and the offer.
    assertCost(Map.of("GetItem", 5, "UpdateItem", 2), this::use);
    assertCost(Map.of("GetItem", 1), this::use);
  }

  @Test
  void aRecordThatShowsNoOfferCostsOneReadAtTheCallThatNotesTheUse() {
    world.authorizationServer.adjust(k -> k.accessTokenLifetime(Duration.ofDays(30)));
    put();
    consent();
    use();
    world.clock.advance(Duration.ofDays(1));
    assertCost(Map.of("GetItem", 2, "UpdateItem", 1), this::use);
    assertCost(Map.of("GetItem", 1), this::use);
  }

  private void failToConnect() {
    assertThatThrownBy(this::connect).isInstanceOf(Failure.class);
  }

  private void list(@Nullable ConnectionId after, int limit) {
    world.flow.connections(USER, after, limit);
  }

  @Test
  void aPageOfConnectionsIsOneQueryForEachKindAndOneBatchOfGrants() {
    for (int i = 0; i < 3; i++) {
      var server = Json.newObject();
      server.putObject("endpoint").put("url", world.mcpServer.url());
      world.flow.putServer(USER, new ConnectionId("server-" + i), server, invocation());
    }
    // This page has only records, and more records follow. One query is for the built-in records.
    assertCost(Map.of("Query", 2, "BatchGetItem", 1), () -> list(null, 2));
    world.connect(USER);
    // The counter of flows is stored between the records, and takes a place of the page.
    assertCost(Map.of("Query", 3, "BatchGetItem", 1), () -> list(null, 2));
    int before = world.vaultCalls();
    // The first call lists everything. The second call lists the page on which the records end.
    assertCost(Map.of("Query", 3, "BatchGetItem", 1), () -> list(null, 50));
    assertCost(Map.of("Query", 3, "BatchGetItem", 1), () -> list(new ConnectionId("server-1"), 1));
    // The first call lists a page with only resources. The others read one connection of each kind.
    assertCost(Map.of("Query", 1), () -> list(world.connection(), 50));
    assertCost(Map.of("GetItem", 1, "BatchGetItem", 1),
        () -> world.flow.connection(USER, new ConnectionId("server-1")));
    assertCost(Map.of("BatchGetItem", 1), () -> world.flow.connection(USER, world.connection()));
    assertThat(world.vaultCalls()).as("nothing is decrypted").isEqualTo(before);
  }

  /** Users see what the operator has written, and have no record of their own. */
  @Test
  void builtInServerCostsOneReadMore() {
    var operator = new Caller(new UserId("app-backend"), true);
    var server = Json.newObject().put("isBuiltin", true);
    server.putObject("endpoint").put("url", world.mcpServer.url());
    world.flow.putServer(operator, SERVER, server, invocation());
    consent();
    connect();
    access();
    // The grant, and the server with what is noted for the user.
    assertCost(Map.of("GetItem", 1, "BatchGetItem", 1), this::access);
    // The record that the user does not have, the server, and the grant.
    assertCost(Map.of("GetItem", 2, "BatchGetItem", 1), this::connect);
    assertCost(Map.of("GetItem", 1, "BatchGetItem", 2), () -> world.flow.server(USER, SERVER));
    // The records, the built-in ones, what is noted about those for the user, and the grants.
    assertCost(Map.of("Query", 3, "BatchGetItem", 1), () -> world.flow.servers(USER, null, 50));
    assertCost(Map.of("Query", 3, "BatchGetItem", 2), () -> list(null, 50));
    world.mcpServer.mcpEndpoint().next(Response.of(503));
    assertCost(Map.of("GetItem", 2, "BatchGetItem", 1, "UpdateItem", 1), this::failToConnect);
  }

  private void access() {
    assertThat(world.flow.access(USER, new Target.ByConnection(SERVER), GrantWorld.call("whoami"), inTime()))
        .isInstanceOf(Access.Answered.class);
  }

  @Test
  void disconnectRevokesAndForgets() {
    put();
    consent();
    // The token is stored before its grant is deleted. It stays until it is known that its revocation ends no other
    // grant.
    assertCost(Map.of("GetItem", 1, "PutItem", 1, "Query", 1, "DeleteItem", 2, "UpdateItem", 1),
        () -> world.flow.disconnect(USER, SERVER, inTime()));
  }

  @Test
  void disconnectForgetsAClientOfTheUsersOwnWithItsLastUse() {
    var registering = new Registering(new EndpointUrl(world.authorizationServer.issuer() + "/register"), null,
        Json.newObject());
    var client = new ClientId(world.flow.register(USER, registering, invocation()).path("client_id").asText());
    var grant = connected(world.finish(world.begin(USER, client)));
    int before = world.vaultCalls();
    assertCost(Map.of("GetItem", 3, "PutItem", 1, "Query", 3, "DeleteItem", 6, "UpdateItem", 1),
        () -> world.flow.disconnect(USER, grant.key().connection(), inTime()));
    assertThat(world.vaultCalls() - before).isEqualTo(4);
  }
}
