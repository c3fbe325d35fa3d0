package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.aws.dynamodb.DynamoDbRegistrations;
import social.avatarai.mcp.flow.Flow.Registering;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;

/** A client that a caller registers: who owns the client, and where its secret is stored. */
class CallerRegistrationFlowTest {

  @Test
  void keepsACallersRegistrationForTheCallerOnly() {
    try (var world = FlowWorld.start()) {
      String client = world.register(USER, Json.newObject()).path("client_id").asText();

      assertThat(world.connect(USER, FlowWorld.as(client)).client().owner()).isEqualTo(Owner.of(USER.user()));
      assertThat(world.connect(OTHER, AuthorizationStart.fresh()).client().id().value()).isNotEqualTo(client);
    }
  }

  @Test
  void registersWhatTheCallerSaysWithOurRedirectUriAdded() {
    try (var world = FlowWorld.start()) {
      var body = Json.newObject().put("client_name", "Example").put("token_endpoint_auth_method",
          "client_secret_basic");
      body.putArray("redirect_uris").add("https://app.example/callback");

      var answer = world.register(USER, body);

      var sent = world.authorizationServer.registrations().getFirst().json();
      assertThat(sent.path("client_name").asText()).isEqualTo("Example");
      assertThat(Stream.of(0, 1).map(sent.path("redirect_uris")::path).map(uri -> uri.asText()))
          .containsExactly("https://app.example/callback", world.contextCallback());
      world.connect(USER, FlowWorld.as(answer.path("client_id").asText()));
      assertThat(world.authorizationServer.tokenRequests().getFirst().header("authorization")).get().asString()
          .startsWith("Basic ");
    }
  }

  /** The bug: the client existed at the issuer, and its response was thrown away. */
  @Test
  void keepsAClientWhoseResponseIsCompressedAndHasTextBehindIt() {
    try (var world = FlowWorld.start(k -> k.contentEncoding("br").wrapping(json -> json + "\n// cached"))) {
      var answer = world.register(USER, Json.newObject());

      assertThat(world.connect(USER, FlowWorld.as(answer.path("client_id").asText())).client().owner())
          .isEqualTo(Owner.of(USER.user()));
      assertThat(world.authorizationServer.registrations()).hasSize(1);
    }
  }

  @Test
  void keepsSecretsInTheVaultAndNowhereElse() {
    try (var world = FlowWorld.start()) {
      String mine = secret(world.register(USER, Json.newObject()));
      String deployments = secret(world.register(OPERATOR, Json.newObject()));
      String others = world.register(OTHER, Json.newObject()).toString();
      world.connect();

      assertThat(mine).isNotEmpty();
      assertThat(vault(world)).contains(mine, deployments);
      assertThat(world.everythingStored()).doesNotContain(mine, deployments);
      assertThat(others).doesNotContain(mine, deployments);
      assertThat(world.log()).doesNotContain(mine, deployments);
    }
  }

  @Test
  void tellsTheIssuerFromTheRegistrationUrlBelowItsPath() {
    try (var world = FlowWorld.start(knobs -> knobs.issuerPath("/tenant1"))) {
      String client = world.register(USER, Json.newObject()).path("client_id").asText();

      assertThat(world.connect(USER, FlowWorld.as(client)).target().issuer().value())
          .isEqualTo(world.authorizationServer.issuer());
      assertThat(world.authorizationServer.issuer()).endsWith("/tenant1");
    }
  }

  @Test
  void asksForTheIssuerWhereNoMetadataNamesTheRegistrationUrl() {
    try (var world = FlowWorld.start()) {
      var url = new EndpointUrl(world.authorizationServer.issuer() + "/other");

      assertFails(ErrorCode.ISSUER_REQUIRED, () -> world.flow().register(USER,
          new Registering(url, null, Json.newObject()), world.now()));
      world.assertNothingBegan();
    }
  }

  @Test
  void refusesARegistrationUrlThatTheNamedIssuerDoesNotName() {
    try (var world = FlowWorld.start(); var honest = FakeAuthorizationServer.start()) {
      var url = new EndpointUrl(world.authorizationServer.issuer() + "/register");

      assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> world.flow().register(USER,
          new Registering(url, new Issuer(honest.issuer()), Json.newObject()), world.now()));
      assertThat(honest.registrations()).isEmpty();
      world.assertNothingBegan();
    }
  }

  @Test
  void userHasTwoHundredRegistrationsAndNoMore() {
    try (var world = FlowWorld.start()) {
      var issuer = new Issuer(world.authorizationServer.issuer());
      var stores = world.platform.stores();
      var registrations = new DynamoDbRegistrations(stores.client(), stores.tables(), world.cipher());
      for (int i = 0; i < Registrations.MAX_PER_USER; i++)
        registrations.keep(new ClientRegistration(issuer, Samples.client("client-" + i, Owner.of(USER.user())),
            List.of(), Scopes.none(), null));

      assertFails(ErrorCode.INVALID_REQUEST, () -> world.register(USER, Json.newObject()));
      var server = new ServerWorld(world);
      assertFails(ErrorCode.INVALID_REQUEST, () -> server.put(ServerWorld.withClient(
          ServerWorld.record(world.mcpServer.url()), issuer.value(), "one-more", world.contextCallback())));
      assertThat(world.authorizationServer.registrations()).isEmpty();
      server.put(ServerWorld.withClient(ServerWorld.record(world.mcpServer.url()), issuer.value(), "client-7",
          world.contextCallback()));
      world.register(OTHER, Json.newObject());
      world.register(OPERATOR, Json.newObject());
    }
  }

  @Test
  void registrationWhoseSecretHasNoRoomIsNotLeftBehind() {
    try (var world = FlowWorld.start(knobs -> knobs.managesRegistrations())) {
      var secrets = new VaultClientSecrets(world.platform.vault(), "test", world.clock);
      for (int i = 0; i < ClientSecrets.MAX_PER_USER; i++)
        secrets.keep(Owner.of(USER.user()), new Issuer(world.authorizationServer.issuer()), new ClientId("client-" + i),
            new ClientSecret("invented-secret"));

      assertFails(ErrorCode.INVALID_REQUEST, () -> world.register(USER, Json.newObject()));
      assertThat(world.authorizationServer.registrationManagement().requests()).hasSize(1);
      assertThat(world.clientsStored()).doesNotContain("/register/");
    }
  }

  private static String secret(ObjectNode answer) {
    return answer.path("client_secret").asText();
  }

  private static String vault(FlowWorld world) {
    return ((MemoryVault) world.platform.vault()).contents().toString();
  }
}
