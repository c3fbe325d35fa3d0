package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
import social.avatarai.mcp.vault.Reencryption.Area;
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

  /** Enters a client by hand, with the secret if there is one. */
  private void enterByHand(Caller caller, String client, @Nullable String secret) {
    var record = withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), client,
        world.contextCallback());
    if (secret != null) config(record).put("client_secret", secret);
    world.flow().putServer(caller, MCP_ID, record, world.now());
  }

  @Test
  void aClientThatAnotherUserEnteredByHandWithItsSecretIsNotEnded() {
    String client = connected(USER);
    enterByHand(OTHER, client, null);
    enterByHand(OTHER, client, "invented-secret");

    disconnect(USER);

    assertThat(ends()).isEmpty();
  }

  /** The attack: a PUT that names the public identifier of a stranger's client kept it at its issuer for good. */
  @Test
  void theNameOfAStrangersClientInARecordDoesNotKeepTheClientAtItsIssuer() {
    enterByHand(OTHER, connected(USER), null);

    disconnect(USER);

    assertThat(ends()).hasSize(1);
  }

  /** The attack: a PUT that names a stranger's client failed while the stranger was ending the client. */
  @Test
  void aRecordThatNamesAStrangersClientShowsNotThatTheClientIsBeingEnded() {
    String client = connected(USER);
    disconnect(USER);

    enterByHand(OTHER, client, null);
    enterByHand(OTHER, client, "invented-secret");

    assertThat(ends()).hasSize(1);
  }

  /** The attack: A registered before holders were noted; B gets the same client, counts as its only holder, and ends it. */
  @Test
  void aClientThatAnEarlierVersionRegisteredForAnotherUserIsNotEnded() {
    String client = connected(OTHER);
    world.withoutHolders();
    assertThat(connected(USER)).isEqualTo(client);

    disconnect(USER);

    assertThat(ends()).isEmpty();
    assertRefreshes(OTHER);
  }

  @Test
  void aPassOverAllRegistrationsNotesTheirHoldersAndThenClientsAreEndedAgain() {
    connected(OTHER);
    world.register(USER, named("of one user alone"));
    world.withoutHolders();
    connected(USER);
    noteAllHolders();
    disconnect(USER);
    assertThat(ends()).isEmpty();
    assertRefreshes(OTHER);

    world.connect(USER, FlowWorld.as(world.register(USER, named("of one user alone")).path("client_id").asText()));
    disconnect(USER);
    assertThat(ends()).hasSize(1);
  }

  private void noteAllHolders() {
    assertThat(world.flow().reencrypt(Area.REGISTRATIONS, null, deadline()).cursor()).isNull();
  }

  /** The attack: a user registers and disconnects each minute, so that no other user ever gets the client. */
  @Test
  void aUserWhoRegistersAndDisconnectsAllTheTimeMakesOthersWaitOnlyOnce() {
    connected(USER);
    disconnect(USER);
    connected(USER);
    disconnect(USER);

    assertThat(ends()).hasSize(1);
    connected(OTHER);
    assertRefreshes(OTHER);
  }

  @Test
  void aClientThatTheDeploymentAlsoRegisteredIsNotEndedEvenIfTheDeploymentForgotIt() {
    var dynamic = world.connect(OTHER, FlowWorld.at(world.authorizationServer.issuer())).client().id();
    String client = world.register(USER, Json.newObject()).path("client_id").asText();
    assertThat(client).isEqualTo(dynamic.value());
    world.connect(USER, FlowWorld.as(client));
    world.registrations().forgetOwn(Owner.deployment(), new Issuer(world.authorizationServer.issuer()),
        new ClientId(client));

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
          // Another user ends the client. The message must not show that.
          assertThat(failure.safeMessage()).doesNotContainIgnoringCase("delet").doesNotContainIgnoringCase("client");
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
