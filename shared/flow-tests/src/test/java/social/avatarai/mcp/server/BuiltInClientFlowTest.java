package social.avatarai.mcp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.BuiltInWorld.builtIn;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.config;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.BuiltInWorld;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;

/** The client and the issuer in a built-in record are the operator's word. They serve all users. */
class BuiltInClientFlowTest {
  private static final String CLIENT = "operators-client-by-hand";
  private static final String SECRET = "invented-secret-of-the-operator";
  private static final String BASIC = "Basic "
      + Base64.getEncoder().encodeToString((CLIENT + ":" + SECRET).getBytes(UTF_8));

  private final FlowWorld world = FlowWorld.start(knobs -> knobs.withoutRegistration());
  private final FakeAuthorizationServer other = FakeAuthorizationServer.start(knobs -> knobs.clock(world.clock));
  private final BuiltInWorld server = new BuiltInWorld(world);

  @BeforeEach
  void registerByHand() {
    world.authorizationServer.preRegister(FakeClient.confidential(CLIENT, SECRET, world.contextCallback()));
  }

  @AfterEach
  void close() {
    try (world) {
      other.close();
    }
  }

  private ObjectNode withSecret(ObjectNode record, String issuer) {
    withClient(record, issuer, CLIENT, world.contextCallback());
    config(record).put("client_secret", SECRET).put("token_endpoint_auth_method", "client_secret_basic");
    return record;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/"})
  void clientInABuiltInRecordIsUsedForAllUsers(String slash) {
    server.put(withSecret(builtIn(world.mcpServer.url()), world.authorizationServer.issuer() + slash));
    for (var caller : List.of(USER, OTHER)) {
      var grant = server.connectWithConsent(caller);
      assertThat(grant.client().owner().isDeployment()).isTrue();
      assertThat(grant.client().id().value()).isEqualTo(CLIENT);
    }
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(saidBy(server.access(OTHER))).isEqualTo("owner-2");
    assertThat(world.authorizationServer.tokenRequests()).hasSize(3)
        .allSatisfy(request -> assertThat(request.header("authorization")).contains(BASIC));
  }

  @Test
  void noSecretOfTheOperatorComesOut() {
    server.put(withSecret(builtIn(world.mcpServer.url()), world.authorizationServer.issuer()));
    server.connectWithConsent(USER);
    var seen = server.seenBy(USER);
    assertThat(config(seen).path("has_client_secret").asBoolean()).isTrue();
    assertThat(seen + "\n" + server.list(OTHER) + server.seenBy(OPERATOR) + world.log() + world.everythingStored())
        .doesNotContain(SECRET);
  }

  @Test
  void forgottenUserDoesNotEndTheClientOfAll() {
    server.put(withSecret(builtIn(world.mcpServer.url()), world.authorizationServer.issuer()));
    server.connectWithConsent(USER);
    server.connectWithConsent(OTHER);
    assertThat(world.flow().forgetUser(USER, USER.user(), deadline()).left()).isZero();
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(saidBy(server.access(OTHER))).isEqualTo("owner-2");
  }

  @Test
  void recordPutAgainWithoutTheSecretKeepsIt() {
    server.put(withSecret(builtIn(world.mcpServer.url()), world.authorizationServer.issuer()));
    server.connectWithConsent(USER);
    assertThat(config(server.put(server.seenBy(OPERATOR))).path("has_client_secret").asBoolean()).isTrue();
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  /** The server's metadata names another issuer. */
  private void serverNamesAnother() {
    world.mcpServer.adjust(knobs -> knobs.authorizationServers(other.issuer()));
    world.restart();
  }

  @Test
  void issuerInABuiltInRecordIsBoundToItsServerByTheOperatorsWord() {
    serverNamesAnother();
    server.put(withSecret(builtIn(world.mcpServer.url()), world.authorizationServer.issuer()));
    var grant = server.connectWithConsent(USER);
    assertThat(grant.target().issuer().value()).isEqualTo(world.authorizationServer.issuer());
    assertThat(grant.warnings()).doesNotContain(Warning.FOREIGN_ISSUER);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(other.tokenRequests()).isEmpty();
  }

  @Test
  void operatorsWordIsGoodForNoRecordOfAUserAndForNoOtherFlow() {
    serverNamesAnother();
    server.put(withSecret(builtIn(world.mcpServer.url()), world.authorizationServer.issuer()));
    server.connectWithConsent(OTHER);
    var record = withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), CLIENT,
        world.contextCallback());
    world.flow().putServer(USER, new ConnectionId("own"), record, world.now());
    assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> world.flow().connect(USER,
        new ConnectionId("own"), AuthorizationStart.fresh(),
        world.now()));
    assertFails(ErrorCode.ISSUER_NOT_BOUND,
        () -> world.begin(USER, FlowWorld.at(world.authorizationServer.issuer())));
    assertThat(world.authorizationServer.authorizeRequests()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/"})
  void userWhoNamesTheClientOfABuiltInRecordForAnotherServerIsRefused(String slash) {
    server.put(withSecret(builtIn(world.mcpServer.url()), world.authorizationServer.issuer() + slash));
    try (var elsewhere = FakeMcpServer.protectedBy(world.authorizationServer)) {
      for (var url : List.of(world.url(), FlowWorld.urlOf(elsewhere))) {
        assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> world.begin(USER, url, FlowWorld.as(CLIENT)));
      }
      var record = withClient(record(elsewhere.url()), world.authorizationServer.issuer(), CLIENT,
          world.contextCallback());
      var own = new ConnectionId("own");
      world.flow().putServer(USER, own, record, world.now());
      assertFails(ErrorCode.ISSUER_NOT_BOUND,
          () -> world.flow().connect(USER, own, AuthorizationStart.fresh(), world.now()));
    }
    assertThat(world.authorizationServer.tokenRequests()).isEmpty();
    server.connectWithConsent(USER);
  }

  @Test
  void userWithTheSecretUsesTheirOwnRegistrationOfTheSameClient() {
    server.put(withSecret(builtIn(world.mcpServer.url()), world.authorizationServer.issuer()));
    var own = new ServerWorld(world);
    world.flow().putServer(USER, new ConnectionId("own"),
        withSecret(record(world.mcpServer.url()), world.authorizationServer.issuer()), world.now());
    var begun = ServerWorld.begun(
        world.flow().connect(USER, new ConnectionId("own"), AuthorizationStart.fresh(), world.now()));
    assertThat(own.consented(begun).client().owner().isDeployment()).isFalse();
    assertThat(server.connectWithConsent(USER).client().owner().isDeployment()).isTrue();
  }

  @Test
  void clientIsForgottenWithItsRecord() {
    server.put(withSecret(builtIn(world.mcpServer.url()), world.authorizationServer.issuer()));
    assertThat(world.registrations().all(Owner.deployment())).hasSize(1);
    server.delete();
    assertThat(world.registrations().all(Owner.deployment())).isEmpty();
  }
}
