package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;

/** A user's own client is deleted with its last use. It is also deleted at its issuer if the issuer supports that. */
class ForgottenClientFlowTest {
  private static final String SECRET = "invented-secret-by-hand";
  private static final ConnectionId SECOND = new ConnectionId("second-server");

  private final FlowWorld world = FlowWorld.start(knobs -> knobs.managesRegistrations());
  private final ServerWorld server = new ServerWorld(world);

  @AfterEach
  void close() {
    world.close();
  }

  private String registered() {
    return world.register(USER, Json.newObject()).path("client_id").asText();
  }

  private ObjectNode recordWith(String client) {
    var record = withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), client,
        world.contextCallback());
    config(record).put("client_secret", SECRET);
    return record;
  }

  /** The client secrets in the vault, without our own keys. */
  private Map<String, String> secrets() {
    var all = new HashMap<>(((MemoryVault) world.platform.vault()).contents());
    all.keySet().removeIf(name -> !name.contains("/client/"));
    return all;
  }

  private void disconnect() {
    world.flow().disconnect(USER, world.connection(), deadline());
  }

  private boolean isForgotten(String client) {
    return !world.clientsStored().contains(client) && secrets().isEmpty();
  }

  @Test
  void clientRegisteredThroughUsGoesWithTheConnectionThatUsedIt() {
    String client = registered();
    world.connect(USER, FlowWorld.as(client));
    disconnect();
    assertThat(isForgotten(client)).isTrue();
    assertThat(world.authorizationServer.registrationManagement().requests()).singleElement().satisfies(request -> {
      assertThat(request.method()).isEqualTo("DELETE");
      assertThat(request.path()).endsWith("/register/" + client);
      assertThat(request.header("authorization")).get().asString().startsWith("Bearer manage-");
    });
    assertThat(world.log()).contains("\"event\":\"client_forgotten\"").contains("\"deregistered\":true")
        .doesNotContain("manage-");
  }

  @Test
  void tokenToEndARegistrationIsKeptSealed() {
    var answer = world.register(USER, Json.newObject());
    assertThat(world.everythingStored()).contains("/register/" + answer.path("client_id").asText())
        .doesNotContain(answer.path("registration_access_token").asText());
  }

  @Test
  void issuerThatDoesNotEndARegistrationKeepsNobodyFromBeingForgotten() {
    for (var answer : new Response[]{Response.of(500), Response.NONE}) {
      String client = registered();
      world.connect(USER, FlowWorld.as(client));
      world.authorizationServer.registrationManagement().next(answer);
      disconnect();
      assertThat(isForgotten(client)).isTrue();
    }
    assertThat(world.log()).contains("\"deregistered\":false").contains("\"event\":\"not_deregistered\"");
  }

  @Test
  void registrationIsNotEndedAtAnotherOrigin() {
    world.authorizationServer
        .adjust(knobs -> knobs.registrationResponse("registration_client_uri", world.mcpServer.url()));
    String client = registered();
    world.connect(USER, FlowWorld.as(client));
    int before = world.mcpServer.requests().size();
    disconnect();
    assertThat(isForgotten(client)).isTrue();
    assertThat(world.mcpServer.requests()).hasSize(before);
  }

  @Test
  void clientOfARecordStaysWithTheRecordAndGoesWithIt() {
    String client = registered();
    server.put(
        withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), client, world.contextCallback()));
    server.connectWithConsent();
    server.disconnect(USER);
    assertThat(secrets()).hasSize(1);
    world.flow().deleteServer(USER, MCP_ID, deadline());
    assertThat(isForgotten(client)).isTrue();
  }

  @Test
  void clientStaysWhileAnotherRecordNamesIt() {
    String client = registered();
    server.put(recordWith(client));
    world.flow().putServer(USER, SECOND, recordWith(client), world.now());
    world.flow().deleteServer(USER, MCP_ID, deadline());
    assertThat(secrets().values()).singleElement().asString().contains(SECRET);
    world.flow().deleteServer(USER, SECOND, deadline());
    assertThat(isForgotten(client)).isTrue();
  }

  @Test
  void clientStaysWhileAnotherGrantNamesIt() {
    String client = registered();
    world.connect(USER, FlowWorld.as(client));
    server.put(
        withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), client, world.contextCallback()));
    world.flow().deleteServer(USER, MCP_ID, deadline());
    assertThat(secrets()).hasSize(1);
    assertThat(world.authorizationServer.registrationManagement().requests()).isEmpty();
    disconnect();
    assertThat(isForgotten(client)).isTrue();
  }

  @Test
  void recordThatNamesAnotherClientLosesTheOneBefore() {
    String first = registered();
    server.put(recordWith(first));
    server.put(recordWith("another-client"));
    assertThat(secrets().values()).singleElement().asString().contains("another-client").doesNotContain(first);
    server.put(record(world.mcpServer.url()));
    assertThat(secrets()).isEmpty();
  }

  @Test
  void recordPutAgainWithTheSameClientLosesNothing() {
    String client = registered();
    server.put(recordWith(client));
    server.put(
        withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), client, world.contextCallback()));
    assertThat(secrets().values()).singleElement().asString().contains(SECRET);
  }

  @Test
  void nothingOfTheDeploymentsOrOfAnotherUsersIsForgotten() {
    String deployments = world.register(OPERATOR, Json.newObject()).path("client_id").asText();
    String others = world.register(OTHER, Json.newObject()).path("client_id").asText();
    server.put(withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), deployments,
        world.contextCallback()));
    server.connectWithConsent();
    world.flow().deleteServer(USER, MCP_ID, deadline());
    server.put(
        withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), others, world.contextCallback()));
    world.flow().deleteServer(USER, MCP_ID, deadline());
    world.connect();
    disconnect();
    assertThat(secrets().toString()).contains(deployments, others);
    assertThat(world.authorizationServer.registrationManagement().requests()).isEmpty();
  }

  @Test
  void usersSecretsAreKeptSealedInTheTableWhereTheSettingSaysSo() {
    try (var other = FlowWorld.start().with("USER_CLIENT_SECRETS", "table")) {
      var answer = other.register(USER, Json.newObject());
      String client = answer.path("client_id").asText();
      other.connect(USER, FlowWorld.as(client));
      assertThat(((MemoryVault) other.platform.vault()).contents().keySet()).noneMatch(n -> n.contains("/client/"));
      assertThat(other.everythingStored()).contains(client).doesNotContain(answer.path("client_secret").asText());
      other.flow().disconnect(USER, other.connection(), deadline());
      assertThat(other.clientsStored()).doesNotContain(client);
    }
  }
}
