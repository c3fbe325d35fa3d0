package social.avatarai.mcp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.registration.ClientIdentity.Origin;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;

/** A user registers a client by hand and names it in a record. Only the client's issuer gets the secret. */
class ServerClientFlowTest {
  private static final String CLIENT = "client-by-hand";
  private static final String SECRET = "invented-secret-by-hand";
  private static final String BASIC = "Basic "
      + Base64.getEncoder().encodeToString((CLIENT + ":" + SECRET).getBytes(UTF_8));

  private final FlowWorld world = FlowWorld.start(knobs -> knobs.withoutRegistration());
  private final ServerWorld server = new ServerWorld(world);

  @BeforeEach
  void registerByHand() {
    world.authorizationServer.preRegister(FakeClient.confidential(CLIENT, SECRET, world.contextCallback()));
  }

  @AfterEach
  void close() {
    world.close();
  }

  private ObjectNode recordAt(String issuer) {
    var record = withClient(record(world.mcpServer.url()), issuer, CLIENT, world.contextCallback());
    config(record).put("client_secret", SECRET).put("token_endpoint_auth_method", "client_secret_basic");
    return record;
  }

  private ObjectNode recordWithoutSecret() {
    var record = recordAt(world.authorizationServer.issuer());
    config(record).remove("client_secret");
    return record;
  }

  @Test
  void clientGivenWithTheRecordIsUsedWithItsMethodAtItsIssuer() {
    server.put(recordAt(world.authorizationServer.issuer()));
    var grant = server.connectWithConsent();
    assertThat(grant.client().origin()).isEqualTo(Origin.PREREGISTERED);
    assertThat(world.authorizationServer.tokenRequests()).singleElement().satisfies(ServerClientFlowTest::isBasicAlone);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(server.disconnect(USER)).isTrue();
    assertThat(world.authorizationServer.revocations()).singleElement().satisfies(ServerClientFlowTest::isBasicAlone);
  }

  private static void isBasicAlone(Received request) {
    assertThat(request.header("authorization")).contains(BASIC);
    assertThat(request.parameters()).doesNotContainKeys("client_id", "client_secret");
  }

  @Test
  void methodThatTheRecordDoesNotNameIsTheMetadatas() {
    world.authorizationServer.preRegister(FakeClient.confidential(CLIENT, SECRET, world.contextCallback())
        .authenticatingBy("client_secret_post"));
    var record = recordAt(world.authorizationServer.issuer());
    config(record).remove("token_endpoint_auth_method");
    server.put(record);
    server.connectWithConsent();
    assertThat(world.authorizationServer.tokenRequests()).singleElement()
        .satisfies(request -> assertThat(request.parameters()).containsEntry("client_secret", SECRET));
  }

  @Test
  void clientOfOneIssuerIsNotUsedAtAnother() {
    try (var other = FakeAuthorizationServer.start()) {
      server.put(recordAt(other.issuer()));
      assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> server.connect(USER));
      assertThat(other.tokenRequests()).isEmpty();
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
      assertThat(world.authorizationServer.authorizeRequests()).isEmpty();
    }
  }

  @Test
  void noSecretComesBackOut() {
    var put = server.put(recordAt(world.authorizationServer.issuer()));
    server.connectWithConsent();
    var got = world.flow().server(USER, MCP_ID);
    var listed = world.servers(USER);
    assertThat(put + "\n" + got + "\n" + listed + "\n" + world.log() + world.everythingStored())
        .doesNotContain(SECRET);
    assertThat(config(got).path("has_client_secret").asBoolean()).isTrue();
    assertThat(config(got).path("client_id").asText()).isEqualTo(CLIENT);
    assertThat(listed).containsExactly(got);
  }

  @Test
  void recordAsItIsShownPutAgainKeepsTheSecretAndTheGrant() {
    server.put(recordAt(world.authorizationServer.issuer()));
    server.connectWithConsent();
    var again = server.put(world.flow().server(USER, MCP_ID));
    assertThat(config(again).path("has_client_secret").asBoolean()).isTrue();
    assertThat(again.path("status").asText()).isEqualTo("connected");
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(world.authorizationServer.tokenRequests()).hasSize(2).allSatisfy(ServerClientFlowTest::isBasicAlone);
  }

  @Test
  void secretThatWasNeverGivenIsNotSaidToBeThere() {
    assertThat(config(server.put(recordWithoutSecret())).has("has_client_secret")).isFalse();
  }

  @Test
  void anotherClientEndsTheGrant() {
    server.put(recordAt(world.authorizationServer.issuer()));
    server.connectWithConsent();
    var record = recordAt(world.authorizationServer.issuer());
    config(record).put("client_id", "another-client-by-hand");
    assertThat(server.put(record).path("status").asText()).isEqualTo("disconnected");
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
  }

  @Test
  void clientWithAnotherRedirectUriIsRefusedWithTheOneToRegister() {
    var record = withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), CLIENT,
        "https://elsewhere.example.com/callback");
    config(record).put("client_secret", SECRET);
    server.put(record);
    assertFails(ErrorCode.REDIRECT_URI_REQUIRED, () -> server.connect(USER));
  }

  @Test
  void clientRegisteredThroughUsKeepsItsSecretWhereTheRecordHasNone() {
    try (var other = FlowWorld.start()) {
      var registered = other.register(USER, Json.newObject().put("client_name", "Invented"));
      var elsewhere = new ServerWorld(other);
      var record = record(other.mcpServer.url());
      record.putObject("authorization").putObject("config").put("issuer", other.authorizationServer.issuer()).put(
          "client_id",
          registered.path("client_id").asText());
      assertThat(config(elsewhere.put(record)).path("has_client_secret").asBoolean()).isTrue();
      assertThat(elsewhere.connectWithConsent().client().origin()).isEqualTo(Origin.CALLER);
    }
  }

  @Test
  void clientOfTheDeploymentStaysTheDeploymentsInAUsersRecord() {
    try (var other = FlowWorld.start()) {
      var registered = other.register(FlowWorld.OPERATOR, Json.newObject().put("client_name", "Invented"));
      var elsewhere = new ServerWorld(other);
      var record = record(other.mcpServer.url());
      record.putObject("authorization").putObject("config").put("issuer", other.authorizationServer.issuer()).put(
          "client_id",
          registered.path("client_id").asText());
      assertThat(config(elsewhere.put(record)).has("has_client_secret")).isFalse();
      assertThat(elsewhere.connectWithConsent().client().owner().isDeployment()).isTrue();
    }
  }

  @Test
  void noSecretIsSentToEndpointsThatAreGuessed() {
    try (var bare = FlowWorld.start(knobs -> knobs.wellKnown());
        var old = FakeMcpServer.atOriginOf(bare.authorizationServer,
            mcp -> mcp.withoutResourceMetadata().metadataResponse(Response.of(404)))) {
      bare.authorizationServer.preRegister(FakeClient.confidential(CLIENT, SECRET, bare.contextCallback()));
      var record = withClient(record(old.url()), bare.authorizationServer.issuer(), CLIENT, bare.contextCallback());
      config(record).put("client_secret", SECRET);
      var legacy = new ServerWorld(bare);
      legacy.put(record);
      var begun = legacy.begin();
      assertThat(bare.callback(begun, bare.approve(begun))).isInstanceOf(CallbackOutcome.Failed.class);
      assertThat(bare.authorizationServer.tokenRequests()).singleElement().satisfies(request -> {
        assertThat(request.header("authorization")).isEmpty();
        assertThat(request.parameters()).doesNotContainKey("client_secret");
      });
    }
  }
}
