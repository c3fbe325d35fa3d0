package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.server.StatedSecretsFlowTest.secretsIn;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.RecordedIssuers.CLIENT;
import static social.avatarai.mcp.world.RecordedIssuers.SECRET;
import static social.avatarai.mcp.world.RecordedIssuers.stating;
import static social.avatarai.mcp.world.RecordedIssuers.withOwnClient;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.world.ComingBack;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.OperatorsClient;
import social.avatarai.mcp.world.RecordedIssuers;
import social.avatarai.mcp.world.ServerWorld;

/** The operator's secret goes to the endpoints of the built-in record that it was entered in, and to no other ones. */
class BuiltInSecretsFlowTest {
  private static final String FORMER = "invented-former-secret";
  private static final ConnectionId SECOND = new ConnectionId("second-record");

  private final FlowWorld world = RecordedIssuers.bareWorld();
  private final FakeAuthorizationServer thief = FakeAuthorizationServer
      .start(knobs -> knobs.clock(world.clock).withoutIss());

  @AfterEach
  void close() {
    try (world) {
      thief.close();
    }
  }

  private ObjectNode stated(FakeAuthorizationServer at, @Nullable String secret) {
    var record = stating(withOwnClient(world), at.issuer()).put("isBuiltin", true);
    if (secret == null) config(record).remove("client_secret");
    else
      config(record).put("client_secret", secret);
    return record;
  }

  private void put(ConnectionId id, ObjectNode record) {
    world.flow().putServer(OPERATOR, id, record, world.now());
  }

  /** A whole flow at the server that the record states. */
  private CallbackOutcome connect(Caller caller, ConnectionId id, FakeAuthorizationServer at) {
    var begun = ServerWorld.begun(world.flow().connect(caller, id, AuthorizationStart.fresh(), world.now()));
    return world.flow().callback(ComingBack.with(begun, at.approve(begun.authorizationUrl())), deadline());
  }

  private static List<Received> heard(FakeAuthorizationServer at) {
    return Stream.concat(at.tokenRequests().stream(), at.revocations().stream()).toList();
  }

  private String secretsStored() {
    return ((MemoryVault) world.platform.vault()).contents().toString();
  }

  @Test
  void newSecretOfABuiltInRecordIsNotSentToTheEndpointsThatItHadBefore() {
    thief.preRegister(FakeClient.confidential(CLIENT, FORMER, world.contextCallback()));
    put(MCP_ID, stated(thief, FORMER));
    assertThat(connect(USER, MCP_ID, thief)).isInstanceOf(CallbackOutcome.Connected.class);
    put(MCP_ID, stated(world.authorizationServer, SECRET));

    world.restart();
    world.clock.advance(Duration.ofMinutes(61));
    world.refreshDue();
    assertThat(world.flow().access(USER, new Target.ByConnection(MCP_ID), GrantWorld.call("whoami"), deadline()))
        .isInstanceOf(Access.ConsentNeeded.class);
    assertThat(secretsIn(heard(thief))).containsExactly(FORMER);
    assertThat(world.stored(USER)).isEmpty();
    assertThat(connect(USER, MCP_ID, world.authorizationServer)).isInstanceOf(CallbackOutcome.Connected.class);
  }

  @Test
  void secondBuiltInRecordDoesNotTakeTheSecretToOtherEndpoints() {
    thief.preRegister(FakeClient.publicClient(CLIENT, world.contextCallback()));
    put(MCP_ID, stated(world.authorizationServer, SECRET));
    put(SECOND, stated(thief, null));
    assertThat(connect(USER, SECOND, thief)).isInstanceOf(CallbackOutcome.Connected.class);
    assertThat(secretsIn(heard(thief))).isEmpty();
    assertThat(connect(USER, MCP_ID, world.authorizationServer)).isInstanceOf(CallbackOutcome.Connected.class);
    assertThat(secretsIn(heard(world.authorizationServer))).containsExactly(SECRET);
  }

  @Test
  void secretOfTheSettingsIsNotSentToEndpointsThatABuiltInRecordStates() {
    OperatorsClient.at(world, false);
    thief.preRegister(FakeClient.publicClient(OperatorsClient.ID, world.contextCallback()));
    var record = stated(thief, null);
    config(record).put("client_id", OperatorsClient.ID);
    put(MCP_ID, record);
    assertThat(connect(USER, MCP_ID, thief)).isInstanceOf(CallbackOutcome.Connected.class);
    assertThat(secretsIn(heard(thief))).isEmpty();
  }

  @Test
  void usersRecordWithOtherEndpointsDoesNotUseTheClientOfABuiltInRecord() {
    put(MCP_ID, stated(world.authorizationServer, SECRET));
    for (var at : List.of(thief, world.authorizationServer)) {
      var own = stated(at, null);
      own.remove("isBuiltin");
      world.flow().putServer(USER, SECOND, own, world.now());
      assertFails(ErrorCode.ISSUER_NOT_BOUND,
          () -> world.flow().connect(USER, SECOND, AuthorizationStart.fresh(), world.now()));
    }
    assertThat(heard(thief)).isEmpty();
  }

  @Test
  void refreshTokenIsNotRelayedAsTheClientOfABuiltInRecord() {
    put(MCP_ID, stated(world.authorizationServer, SECRET));
    var what = new What.Token(new RefreshToken("invented-refresh-token"),
        new Issuer(world.authorizationServer.issuer()), new ClientId(CLIENT));
    assertThat(world.flow().refresh(USER, what, deadline())).isEqualTo(new Refreshed.InvalidGrant(null));
    assertThat(heard(world.authorizationServer)).isEmpty();
  }

  @Test
  void clientAndSecretAreForgottenWithTheLastBuiltInRecordThatNamesThem() {
    put(MCP_ID, stated(world.authorizationServer, SECRET));
    put(SECOND, stated(world.authorizationServer, null));
    world.flow().deleteServer(OPERATOR, MCP_ID, deadline());
    assertThat(secretsStored()).contains(SECRET);
    world.flow().deleteServer(OPERATOR, SECOND, deadline());
    assertThat(secretsStored()).doesNotContain(SECRET);
    assertThat(world.registrations().all(Owner.deployment())).isEmpty();
  }

  @Test
  void clientAndSecretAreForgottenWhenTheirRecordNamesAnotherClient() {
    put(MCP_ID, stated(world.authorizationServer, SECRET));
    var next = stated(world.authorizationServer, FORMER);
    config(next).put("client_id", "next-client");
    put(MCP_ID, next);
    assertThat(secretsStored()).contains(FORMER).doesNotContain(SECRET);
    assertThat(world.registrations().all(Owner.deployment())).isNotEmpty()
        .allSatisfy(one -> assertThat(one.client().id().value()).isEqualTo("next-client"));
  }
}
