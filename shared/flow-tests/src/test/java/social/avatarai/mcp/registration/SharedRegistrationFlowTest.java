package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;

/** At an issuer that answers equal registrations with one client, several owners hold this client. */
class SharedRegistrationFlowTest {
  private final FlowWorld world = FlowWorld
      .start(knobs -> knobs.managesRegistrations().oneClientForEqualRegistrations());

  @AfterEach
  void close() {
    world.close();
  }

  private static ObjectNode named(String name) {
    return Json.newObject().put("client_name", name);
  }

  private String connected(Caller caller) {
    String client = world.register(caller, named("app")).path("client_id").asText();
    world.connect(caller, FlowWorld.as(client));
    return client;
  }

  private void disconnect(Caller caller) {
    world.flow().disconnect(caller, world.connection(), deadline());
  }

  private void assertRefreshes(Caller caller) {
    GrantWorld.renewed(world.flow().refresh(caller, new What.Stored(world.connection()), deadline()));
  }

  private List<Received> ends() {
    return world.authorizationServer.registrationManagement().requests();
  }

  @Test
  void aDisconnectOfOneUserLeavesTheClientThatTheGrantOfAnotherUserNeeds() {
    assertThat(connected(USER)).isEqualTo(connected(OTHER));

    disconnect(USER);

    assertThat(ends()).isEmpty();
    assertThat(world.log()).contains("\"client_forgotten\"").contains("\"deregistered\":false");
    assertRefreshes(OTHER);
    // It counts as shared for good: a grant of a third user may not be known to this process yet.
    disconnect(OTHER);
    assertThat(ends()).isEmpty();
  }

  @Test
  void aClientThatAnotherUserEnteredByHandIsNotEnded() {
    String client = connected(USER);
    world.flow().putServer(OTHER, MCP_ID, withClient(record(world.mcpServer.url()),
        world.authorizationServer.issuer(), client, world.contextCallback()), world.now());

    disconnect(USER);

    assertThat(ends()).isEmpty();
  }

  @Test
  void aClientThatTheDeploymentAlsoRegisteredIsNotEndedEvenIfTheDeploymentForgotIt() {
    var dynamic = world.connect(OTHER, FlowWorld.at(world.authorizationServer.issuer())).client().id();
    String client = world.register(USER, Json.newObject()).path("client_id").asText();
    assertThat(client).isEqualTo(dynamic.value());
    world.connect(USER, FlowWorld.as(client));
    world.registrations().forgetOwn(new Issuer(world.authorizationServer.issuer()), new ClientId(client));

    disconnect(USER);

    assertThat(ends()).isEmpty();
    assertRefreshes(OTHER);
  }

  /** The registration is undone, because its secret finds no room, but the client is not this user's alone. */
  @Test
  void aRegistrationThatFindsNoRoomDoesNotEndTheClientOfAnotherUser() {
    connected(OTHER);
    for (int i = 0; i < ClientSecrets.MAX_PER_USER; i++) {
      if (i % 10 == 0) world.clock.advance(Duration.ofHours(1));
      world.register(USER, named("number " + i));
    }

    assertThatThrownBy(() -> world.register(USER, named("app"))).isInstanceOf(Failure.BadRequest.class);

    assertThat(ends()).isEmpty();
    assertRefreshes(OTHER);
  }

  @Test
  void aClientOfOneUserAloneIsEndedAndNobodyBeginsToHoldItMeanwhile() {
    String client = connected(USER);
    disconnect(USER);
    assertThat(ends()).hasSize(1);

    // The response to another user's registration may still be on its way, and would name a client that is gone.
    assertThatThrownBy(() -> world.register(OTHER, named("app"))).isInstanceOfSatisfying(Failure.Unreachable.class,
        failure -> {
          assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
          assertThat(failure.retryAt()).contains(world.clock.instant().plus(ClientHolders.ENDING_LIFE));
        });
    world.clock.advance(ClientHolders.ENDING_LIFE);
    assertThat(connected(OTHER)).isEqualTo(client);
    assertRefreshes(OTHER);
  }

  @Test
  void aUserWhoRegistersAgainAfterTheEndGetsTheClientAtOnce() {
    String client = connected(USER);
    disconnect(USER);

    assertThat(connected(USER)).isEqualTo(client);
    assertRefreshes(USER);
  }

  /** Clients that earlier versions registered have noted no holder. */
  @Test
  void aClientWithoutANotedHolderStaysAtItsIssuer() {
    String client = connected(USER);
    world.clientHolders().release(Owner.of(USER.user()), new Issuer(world.authorizationServer.issuer()),
        new ClientId(client));

    disconnect(USER);

    assertThat(ends()).isEmpty();
    assertThat(world.clientsStored()).doesNotContain(client);
  }
}
