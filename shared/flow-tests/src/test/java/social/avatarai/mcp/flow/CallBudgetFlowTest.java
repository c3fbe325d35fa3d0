package social.avatarai.mcp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.GrantWorld.OTHER;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.connected;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.invocation;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.world.ComingBack;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/** The number of calls that each step makes to DynamoDB, the vault, the MCP server and the authorization server. */
class CallBudgetFlowTest {
  private final GrantWorld world = GrantWorld.start();

  @AfterEach
  void close() {
    world.close();
  }

  /**
   * The calls that a step may make.
   *
   * @param dynamoDb calls by operation
   * @param vault calls to the vault
   * @param mcp requests to the MCP server, including metadata
   * @param issuer requests to the authorization server, of any kind
   */
  private record Cost(Map<String, Integer> dynamoDb, int vault, int mcp, int issuer) {}

  private void assertCost(Cost expected, Runnable step) {
    world.calls.reset();
    int vault = world.vaultCalls();
    int mcp = mcpRequests();
    int issuer = issuerRequests();
    step.run();
    assertThat(new Cost(world.calls.counts(), world.vaultCalls() - vault, mcpRequests() - mcp,
        issuerRequests() - issuer)).isEqualTo(expected);
  }

  private int mcpRequests() {
    return world.mcpServer.requests().size() + world.mcpServer.metadataRequests().size();
  }

  private int issuerRequests() {
    return world.authorizationServer.metadataRequests().size() + world.authorizationServer.registrations().size()
        + world.authorizationServer.tokenRequests().size() + world.authorizationServer.revocations().size();
  }

  private static final Cost FRESH_ACCESS = new Cost(Map.of("GetItem", 1), 0, 1, 0);
  private static final Cost BY_URL = new Cost(Map.of("Query", 1, "BatchGetItem", 1), 0, 1, 0);
  private static final Cost WITH_THE_RING = new Cost(Map.of("GetItem", 1), 1, 1, 0);

  @Test
  void keyRingIsReadAgainByOneRequestInFiveMinutes() {
    world.connect(USER);
    world.access(USER, call("echo"));
    world.clock.advance(Duration.ofMinutes(5));
    assertCost(WITH_THE_RING, () -> world.access(USER, call("echo")));
    assertCost(FRESH_ACCESS, () -> world.access(USER, call("echo")));
    world.clock.advance(Duration.ofMinutes(4));
    assertCost(FRESH_ACCESS, () -> world.access(USER, call("echo")));
  }

  @Test
  void accessWithAFreshTokenIsOneReadAndOneRequest() {
    world.connect(USER);
    assertCost(new Cost(Map.of("GetItem", 1, "UpdateItem", 1), 0, 4, 0), () -> world.access(USER, call("echo")));
    assertCost(FRESH_ACCESS, () -> world.access(USER, call("echo")));
    assertCost(BY_URL, () -> world.byUrl(USER, world.mcpServer.url(), call("echo")));
  }

  @Test
  void accessInAFreshProcessReadsTheKeyRingOnce() {
    world.connect(USER);
    world.access(USER, call("echo"));
    var process = world.anotherProcess();
    assertCost(WITH_THE_RING, () -> world.access(process, USER, call("echo")));
    assertCost(FRESH_ACCESS, () -> world.access(process, USER, call("echo")));
  }

  @Test
  void useIsNotedOnceAnHour() {
    world.authorizationServer.adjust(k -> k.accessTokenLifetime(Duration.ofHours(8)));
    world.connect(USER);
    world.access(USER, call("echo"));
    world.clock.advance(Duration.ofMinutes(59));
    assertCost(WITH_THE_RING, () -> world.access(USER, call("echo")));
    world.clock.advance(Duration.ofMinutes(1));
    var noted = Map.of("GetItem", 1, "UpdateItem", 1);
    assertCost(new Cost(noted, 0, 1, 0), () -> world.access(USER, call("echo")));
    assertCost(FRESH_ACCESS, () -> world.access(USER, call("echo")));
    world.clock.advance(Duration.ofMinutes(60));
    assertCost(new Cost(noted, 1, 1, 0), () -> world.access(USER, call("echo")));
  }

  private static final Cost FIRST_START = new Cost(
      Map.of("BatchGetItem", 1, "GetItem", 1, "Query", 1, "PutItem", 1, "UpdateItem", 2), 0, 0, 0);

  @Test
  void startWithKnownMetadataIsTwoReadsAndTwoWrites() {
    world.connect(OTHER);
    // The first start of an hour also counts the user's grants and notes how many there are.
    assertCost(FIRST_START, () -> world.begin(USER));
    // The second read checks whether the connection has a grant of another issuer.
    assertCost(new Cost(Map.of("BatchGetItem", 1, "GetItem", 1, "PutItem", 1, "UpdateItem", 1), 0, 0, 0),
        () -> world.begin(USER));
  }

  private static final Map<String, Integer> CALLBACK = Map.of("GetItem", 1, "UpdateItem", 2, "PutItem", 2);

  @Test
  void callbackIsOneReadFourWritesAndOneTokenRequest() {
    world.connect(OTHER);
    var begun = world.begin(USER);
    assertCost(new Cost(CALLBACK, 0, 0, 1), () -> connected(world.finish(begun)));
  }

  @Test
  void callbackOfASecondConsentKeepsWhatWasReplacedAndLooksAtTheGrantsOfItsClient() {
    world.connect(USER);
    var begun = world.begin(USER);
    assertCost(new Cost(Map.of("GetItem", 1, "Query", 1, "UpdateItem", 2, "PutItem", 3), 0, 0, 1),
        () -> connected(world.finish(begun)));
  }

  @Test
  void callbackForAServerOfTheRegistryReadsItsRecordBeforeAndAfterTheGrantIsWritten() {
    var mcpId = ServerWorld.MCP_ID;
    world.flow.putServer(USER, mcpId, ServerWorld.record(world.mcpServer.url()), invocation());
    var begun = ServerWorld.begun(world.flow.connect(USER, mcpId, AuthorizationStart.fresh(), invocation()));
    assertCost(new Cost(Map.of("GetItem", 3, "UpdateItem", 2, "PutItem", 2), 0, 0, 1),
        () -> connected(world.finish(begun)));
    world.flow.access(USER, new Flow.Target.ByConnection(mcpId), call("echo"), inTime());
    assertCost(FRESH_ACCESS,
        () -> world.flow.access(USER, new Flow.Target.ByConnection(mcpId), call("echo"), inTime()));
    assertCost(BY_URL, () -> world.byUrl(USER, world.mcpServer.url(), call("echo")));
  }

  @Test
  void callbackInAFreshProcessReadsTheKeyRingAndTheClientsSecret() {
    var begun = world.begin(USER);
    var back = ComingBack.with(begun, world.authorizationServer.approve(begun.authorizationUrl()));
    var process = world.anotherProcess();
    assertCost(new Cost(CALLBACK, 2, 0, 1), () -> connected(process.callback(back, inTime())));
  }

  @Test
  void callbackAndRefreshWithAUsersOwnClientReadItsSecret() {
    var body = Json.newObject().put("client_name", "invented").put("token_endpoint_auth_method", "client_secret_post");
    var registering = new Flow.Registering(new EndpointUrl(world.authorizationServer.origin() + "/register"), null,
        body);
    var client = new ClientId(world.flow.register(USER, registering, invocation()).path("client_id").asText());
    var begun = world.begin(USER, client);
    assertCost(new Cost(CALLBACK, 1, 0, 1), () -> connected(world.finish(begun)));
    assertCost(new Cost(REFRESH, 1, 0, 1), () -> world.refresh(USER));
  }

  private static final Map<String, Integer> REFRESH = Map.of("GetItem", 1, "UpdateItem", 2, "PutItem", 1);

  @Test
  void refreshIsOneReadThreeWritesAndOneTokenRequest() {
    world.connect(USER);
    assertCost(new Cost(REFRESH, 0, 0, 1), () -> world.refresh(USER));
  }

  @Test
  void refreshByItsTokenIsOneQueryInThePlaceOfTheRead() {
    var grant = world.connect(USER);
    assertCost(new Cost(Map.of("Query", 1, "UpdateItem", 2, "PutItem", 1), 0, 0, 1),
        () -> world.refresh(USER, refreshTokenOf(grant), grant.client().id()));
  }

  @Test
  void accessWithAnExpiredTokenAddsTheRefreshAndTheNoteOfItsUse() {
    world.connect(USER);
    world.access(USER, call("echo"));
    world.expire();
    // The client secret and the key ring are read again after an hour.
    assertCost(new Cost(Map.of("GetItem", 1, "UpdateItem", 3, "PutItem", 1), 2, 1, 1),
        () -> world.access(USER, call("echo")));
  }

  @Test
  void discoveryIsCountedInOneWrite() {
    assertCost(new Cost(Map.of("UpdateItem", 1), 0, 2, 0),
        () -> world.flow.discoverResource(USER, world.url(), inTime()));
    assertCost(new Cost(Map.of("UpdateItem", 1), 0, 0, 1),
        () -> world.flow.discoverAuthorizationServer(USER, world.issuerId(), inTime()));
  }

  @Test
  void accessWithoutAGrantIsOneReadAndIsCountedInOneWrite() {
    world.byUrl(USER, world.mcpServer.url(), call("echo"));
    assertCost(new Cost(Map.of("Query", 1, "UpdateItem", 1), 0, 2, 0),
        () -> world.byUrl(USER, world.mcpServer.url(), call("echo")));
  }
}
