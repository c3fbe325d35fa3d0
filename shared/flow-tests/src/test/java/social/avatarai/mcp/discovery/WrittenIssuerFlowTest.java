package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.registration.ClientIdentity.Origin;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;

/**
 * A person writes an issuer without the trailing slash that it publishes, or with one that it does not publish. What it
 * publishes is stored and sent.
 */
class WrittenIssuerFlowTest {
  private static final String SECRET = "invented-secret-by-hand";
  private static final String RENEWED_SECRET = "invented-renewed-secret";
  private static final String CLIENT = "client-by-hand";

  /** An issuer that publishes itself with this ending, and the other spelling. */
  private record Spelled(FlowWorld world, String published, String written) implements AutoCloseable {
    static Spelled with(boolean slash, Consumer<AuthorizationServerKnobs> knobs) {
      var world = FlowWorld.start(knobs);
      String bare = world.authorizationServer.issuer();
      String published = slash ? bare + "/" : bare;
      world.authorizationServer.adjust(server -> server.metadata("issuer", published).iss(published));
      world.mcpServer.adjust(server -> server.authorizationServers(published));
      return new Spelled(world, published, slash ? bare : bare + "/");
    }

    Issuer writtenIssuer() {
      return new Issuer(written);
    }

    String ownCallback() {
      return world.base.callback(IssuerContext.of(new Issuer(published))).value();
    }

    @Override
    public void close() {
      world.close();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void issuerOfAStartIsTheOneThatTheResourcePublishes(boolean slash) {
    try (var spelled = Spelled.with(slash, _ -> {})) {
      var world = spelled.world();
      var begun = world.begin(USER, FlowWorld.at(spelled.written()));
      assertThat(sent(begun).parameters()).containsEntry("redirect_uri", spelled.ownCallback());
      assertThat(begun.trusted().issuer().value()).isEqualTo(spelled.published());

      world.callback(begun, world.approve(begun));
      assertThat(world.stored(USER).orElseThrow().target().issuer().value()).isEqualTo(spelled.published());
      world.connect(USER, FlowWorld.at(spelled.written()));
    }
  }

  private static ObjectNode recordAt(Spelled spelled, String secret) {
    var record = withClient(record(spelled.world().mcpServer.url()), spelled.written(), CLIENT, spelled.ownCallback());
    config(record).put("client_secret", secret).put("token_endpoint_auth_method", "client_secret_basic");
    return record;
  }

  private static Spelled withClientByHand(boolean slash) {
    var spelled = Spelled.with(slash, knobs -> knobs.withoutRegistration());
    spelled.world().authorizationServer.preRegister(FakeClient.confidential(CLIENT, SECRET, spelled.ownCallback()));
    return spelled;
  }

  private static String clientSecrets(FlowWorld world) {
    var all = ((MemoryVault) world.platform.vault()).contents();
    return all.keySet().stream().filter(name -> name.contains("/client/")).map(all::get).toList().toString();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void recordsIssuerConnectsWithTheRecordsClient(boolean slash) {
    try (var spelled = withClientByHand(slash)) {
      var server = new ServerWorld(spelled.world());
      server.put(recordAt(spelled, SECRET));
      var grant = server.connectWithConsent();

      assertThat(grant.client().origin()).isEqualTo(Origin.PREREGISTERED);
      assertThat(grant.target().issuer().value()).isEqualTo(spelled.published());
      assertThat(server.status()).isEqualTo("connected");
    }
  }

  @Test
  void recordPutAgainKeepsItsGrantAndItsNewSecretIsUsed() {
    try (var spelled = withClientByHand(true)) {
      var world = spelled.world();
      var server = new ServerWorld(world);
      server.put(recordAt(spelled, SECRET));
      server.connectWithConsent();
      world.authorizationServer
          .preRegister(FakeClient.confidential(CLIENT, RENEWED_SECRET, spelled.ownCallback()));
      server.put(recordAt(spelled, RENEWED_SECRET));

      assertThat(server.status()).isEqualTo("connected");
      assertThat(world.flow().refresh(USER, new What.Stored(MCP_ID), deadline())).isInstanceOf(Refreshed.Renewed.class);
      assertThat(clientSecrets(world)).contains(RENEWED_SECRET).doesNotContain(SECRET);
    }
  }

  @Test
  void deletedRecordLeavesNoClientUnderEitherSpelling() {
    try (var spelled = withClientByHand(true)) {
      var server = new ServerWorld(spelled.world());
      server.put(recordAt(spelled, SECRET));
      server.connectWithConsent();
      spelled.world().flow().deleteServer(USER, MCP_ID, deadline());

      assertThat(clientSecrets(spelled.world())).isEqualTo("[]");
      assertThat(spelled.world().clientsStored()).doesNotContain(CLIENT);
    }
  }

  @Test
  void recordDeletedBeforeItsFirstConsentLeavesNoClientEither() {
    try (var spelled = withClientByHand(true)) {
      var server = new ServerWorld(spelled.world());
      server.put(recordAt(spelled, SECRET));
      spelled.world().flow().deleteServer(USER, MCP_ID, deadline());
      assertThat(clientSecrets(spelled.world())).isEqualTo("[]");
    }
  }

  @Test
  void issuerIsDiscoveredInEitherSpelling() {
    try (var spelled = Spelled.with(true, _ -> {})) {
      var flow = spelled.world().flow();
      for (int i = 0; i < 2; i++)
        assertThat(
            flow.discoverAuthorizationServer(USER, spelled.writtenIssuer(), deadline()).metadata().issuer().value())
            .isEqualTo(spelled.published());
      assertThat(spelled.world().authorizationServer.metadataRequests()).as("remembered").hasSize(1);
    }
  }

  @Test
  void registrationAndRefreshFindTheIssuerInEitherSpelling() {
    try (var spelled = Spelled.with(true, _ -> {})) {
      var world = spelled.world();
      var what = new Flow.Registering(new EndpointUrl(world.authorizationServer.issuer() + "/register"),
          spelled.writtenIssuer(), Json.newObject());
      String client = world.flow().register(USER, what, world.now()).path("client_id").asText();
      var grant = world.connect(USER, FlowWorld.at(spelled.written()).as(FlowWorld.as(client).client()));

      assertThat(grant.client().origin()).isEqualTo(Origin.CALLER);
      var token = Objects.requireNonNull(grant.tokens().refreshToken());
      var refreshed = world.flow().refresh(USER, new What.Token(token, spelled.writtenIssuer(), grant.client().id()),
          deadline());
      assertThat(refreshed).isInstanceOf(Refreshed.Renewed.class);
    }
  }

  @Test
  void relayedRefreshUsesTheClientOfThePublishedIssuer() {
    try (var spelled = Spelled.with(true, knobs -> knobs.refreshWithoutResource())) {
      var world = spelled.world();
      var grant = world.connect(USER, FlowWorld.at(spelled.written())
          .as(FlowWorld.as(world.register(USER, Json.newObject()).path("client_id").asText()).client()));
      var token = Objects.requireNonNull(grant.tokens().refreshToken());
      world.grants().delete(grant);
      assertThat(world.flow().refresh(USER, new What.Token(token, spelled.writtenIssuer(), grant.client().id()),
          deadline())).isInstanceOf(Refreshed.Relayed.class);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void redirectUriToRegisterByHandIsThatOfThePublishedSpelling(boolean slash) {
    try (var spelled = Spelled.with(slash, _ -> {})) {
      var found = spelled.world().flow().redirectUris(USER, spelled.writtenIssuer(), spelled.world().now());
      assertThat(found.published()).isTrue();
      var uris = found.uris();
      assertThat(uris.own().value()).isEqualTo(spelled.ownCallback());
      assertThat(uris.issuer().value()).isEqualTo(spelled.published());
    }
  }

  @Test
  void redirectUriOfAnIssuerWithoutMetadataIsThatOfTheWrittenOne() {
    try (var world = FlowWorld.start(knobs -> knobs.wellKnown())) {
      var written = new Issuer(world.authorizationServer.issuer() + "/");
      var found = world.flow().redirectUris(USER, written, world.now());
      assertThat(found.uris().own()).isEqualTo(world.base.callback(IssuerContext.of(written)));
      assertThat(found.published()).as("so the caller sees that the spelling is a guess").isFalse();
    }
  }

  @Test
  void operatorsSettingsMatchInEitherSpelling() {
    try (var spelled = Spelled.with(true, knobs -> knobs.withoutMetadata("code_challenge_methods_supported"))) {
      var world = spelled.world();
      world.mcpServer.adjust(server -> server.authorizationServers("https://other.example"));
      world.with("ISSUER_BINDINGS", world.mcpServer.origin() + "/=" + spelled.written())
          .with("PKCE_EXCEPTIONS", spelled.written()).with("PLAIN_CALLBACK_ISSUERS", spelled.written());

      assertThat(world.connect().target().issuer().value()).isEqualTo(spelled.published());
      assertThat(world.connect().target().issuer().value()).isEqualTo(spelled.published());
      assertThat(world.flow().redirectUris(USER, spelled.writtenIssuer(), world.now()).uris().sharesPlain()).isTrue();
    }
  }

  @Test
  void resourceIsFoundInEitherSpellingAndSentAsPublished() {
    try (var world = FlowWorld.start()) {
      world.mcpServer.adjust(server -> server.resource(world.mcpServer.url() + "/"));
      var begun = world.begin();
      assertThat(sent(begun).parameters()).containsEntry("resource", world.mcpServer.url() + "/");
    }
  }

  @Test
  void publishedIssuersAreComparedExactlyWithEachOther() {
    try (var world = FlowWorld.start()) {
      world.mcpServer.adjust(server -> server.authorizationServers(world.authorizationServer.issuer() + "/"));
      assertFails(ErrorCode.ISSUER_MISMATCH, world::begin);
      // The person means what the resource publishes, and that differs from what the issuer publishes.
      assertFails(ErrorCode.ISSUER_MISMATCH,
          () -> world.begin(USER, FlowWorld.at(world.authorizationServer.issuer() + "/")));
    }
  }

  @Test
  void clientOfAPublishedIssuerIsNotUsedAtTheOneOfTheOtherSpelling() {
    try (var spelled = Spelled.with(false, _ -> {})) {
      var world = spelled.world();
      var client = world.register(USER, Json.newObject()).path("client_id").asText();
      world.authorizationServer.adjust(server -> server.metadata("issuer", spelled.written()).iss(spelled.written()));
      world.mcpServer.adjust(server -> server.authorizationServers(spelled.written()));
      world.restart();

      assertThat(world.begin(USER, FlowWorld.as(client)).warnings()).as("nothing of its registration counts here")
          .containsExactly(Warning.CLIENT_NOT_REGISTERED_HERE);
    }
  }

  @Test
  void moreThanOneSlashIsAnotherIssuer() {
    try (var world = FlowWorld.start()) {
      assertFails(ErrorCode.ISSUER_NOT_BOUND,
          () -> world.begin(USER, FlowWorld.at(world.authorizationServer.issuer() + "//")));
    }
  }
}
