package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.Browsers.atOnce;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.registration.ClientIdentity.Origin;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OperatorsClient;

/** Where a client identity comes from, and which users may use it. */
class RegistrationFlowTest {

  @Test
  void usesTheOperatorsClientBeforeEverythingElse() {
    try (var world = FlowWorld.start(knobs -> knobs.clientDocuments())) {
      OperatorsClient.at(world, false);
      world.authorizationServer.preRegister(FakeClient.confidential("operators", "operators-secret",
          world.contextCallback()).authenticatingBy("client_secret_post"));

      assertThat(world.connect().client().origin()).isEqualTo(Origin.OPERATOR);
      assertThat(world.authorizationServer.registrations()).isEmpty();
      assertThat(world.authorizationServer.tokenRequests().getFirst().parameters())
          .containsEntry("client_secret", "operators-secret");
      assertThat(world.everythingStored()).doesNotContain("operators-secret");
    }
  }

  /** Otherwise a stranger's server could name the issuer, and would get tokens that users gave to the operator. */
  @Test
  void operatorsClientIsNotUsedForAServerOnTheWordOfItsMetadataAlone() {
    try (var world = FlowWorld.start()) {
      OperatorsClient.unbound(world);
      var callback = world.contextCallback();
      world.authorizationServer
          .preRegister(FakeClient.confidential(OperatorsClient.ID, OperatorsClient.SECRET, callback)
              .authenticatingBy("client_secret_post"));

      assertThat(world.connect().client().origin()).isEqualTo(Origin.DYNAMIC);
      assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> world.begin(USER, naming(OperatorsClient.ID)));

      world.with("ISSUER_BINDINGS", world.mcpServer.origin() + "=" + world.authorizationServer.issuer()).restart();
      assertThat(world.connect().client().origin()).isEqualTo(Origin.OPERATOR);
      assertThat(sent(world.begin(USER, naming(OperatorsClient.ID))).parameters())
          .containsEntry("client_id", OperatorsClient.ID);
    }
  }

  private static AuthorizationStart naming(String client) {
    return AuthorizationStart.fresh().as(ClientChoice.of(new ClientId(client)));
  }

  @Test
  void usesOurMetadataDocumentBeforeItRegisters() {
    try (var world = FlowWorld.start(knobs -> knobs.clientDocuments())) {
      var document = world.flow().clientMetadata(world.base,
          IssuerContext.of(new Issuer(world.authorizationServer.issuer())));
      world.authorizationServer.preRegister(FakeClient.ofDocument(document));

      var grant = world.connect();

      assertThat(grant.client().origin()).isEqualTo(Origin.METADATA_DOCUMENT);
      assertThat(grant.client().id().value()).isEqualTo(document.path("client_id").asText())
          .startsWith("https://api.example.com/");
      assertThat(world.authorizationServer.registrations()).isEmpty();
    }
  }

  @Test
  void usesTheOperatorsDocumentInPlaceOfOurs() {
    try (var world = FlowWorld.start(knobs -> knobs.clientDocuments())) {
      // No server listens at this URL. A document that cannot be read is used without a check.
      world.with("CLIENT_METADATA_URL", "https://localhost:1/client.json");
      world.authorizationServer
          .preRegister(FakeClient.publicClient("https://localhost:1/client.json", world.contextCallback()));

      assertThat(world.connect().client().id().value()).isEqualTo("https://localhost:1/client.json");
      assertThat(world.authorizationServer.registrations()).isEmpty();
    }
  }

  @Test
  void usesTheOperatorsDocumentOfTheIssuerInPlaceOfOurs() {
    try (var world = FlowWorld.start(knobs -> knobs.clientDocuments()).reachedAt("http://localhost:3000")) {
      world.with("CLIENT_METADATA_URL", "https://app.example/clients/{context}.json");
      var context = world.context();
      var document = world.flow().clientMetadata(world.base, context);
      world.authorizationServer.preRegister(FakeClient.ofDocument(document));

      assertThat(world.connect().client().id().value()).isEqualTo(document.path("client_id").asText())
          .isEqualTo("https://app.example/clients/" + context + ".json");
      assertThat(world.authorizationServer.registrations()).isEmpty();
    }
  }

  @Test
  void registersWhereTheOperatorsDocumentIsAtAnAddressThatWeDoNotConnectTo() {
    try (var world = FlowWorld.start(knobs -> knobs.clientDocuments())) {
      world.with("CLIENT_METADATA_URL", "https://192.0.2.1/client.json");

      assertThat(world.connect().client().origin()).isEqualTo(Origin.DYNAMIC);
    }
  }

  @Test
  void registersWhereOurDocumentHasNoHttpsUrl() {
    try (var world = FlowWorld.start(knobs -> knobs.clientDocuments()).reachedAt("http://localhost:3000")) {
      assertThat(world.connect().client().origin()).isEqualTo(Origin.DYNAMIC);
      assertThat(world.authorizationServer.registrations().getFirst().json().path("application_type").asText())
          .isEqualTo("native");
    }
  }

  @Test
  void registersWhereTheIssuerTakesNoPublicClients() {
    try (var world = FlowWorld.start(knobs -> knobs.clientDocuments().authMethods("client_secret_basic"))) {
      assertThat(world.connect().client().origin()).isEqualTo(Origin.DYNAMIC);
    }
  }

  @Test
  void registersOnceAndUsesItForEveryUser() {
    try (var world = FlowWorld.start()) {
      var first = world.connect();
      world.restart();
      var second = world.connect(OTHER, AuthorizationStart.fresh());

      assertThat(second.client()).isEqualTo(first.client());
      assertThat(world.authorizationServer.registrations()).hasSize(1);
      var body = world.authorizationServer.registrations().getFirst().json();
      assertThat(body.path("redirect_uris")).hasSize(1);
      assertThat(body.path("redirect_uris").path(0).asText()).isEqualTo(world.contextCallback());
      assertThat(body.path("application_type").asText()).isEqualTo("web");
      assertThat(body.path("token_endpoint_auth_method").asText()).isEqualTo("client_secret_post");
    }
  }

  @Test
  void asksForAClientWhereThereIsNoWayToOne() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::withoutRegistration)) {
      assertFails(ErrorCode.CLIENT_REQUIRED, world::begin);
      world.assertNothingBegan();
    }
  }

  @Test
  void doesNotRepeatARegistrationThatIsRefusedForAnotherReason() {
    try (var world = FlowWorld.start(knobs -> knobs.refuseRegistration(403, "access_denied"))) {
      assertFails(ErrorCode.REGISTRATION_REFUSED, () -> world.begin(USER, FlowWorld.requesting("files")));
      assertThat(world.authorizationServer.registrations()).hasSize(1);
      assertThat(world.sessionRows()).isEmpty();
    }
  }

  @Test
  void registersOnceForFlowsThatBeginAtOnce() throws Exception {
    try (var world = FlowWorld.start()) {
      var begun = atOnce(world::begin);

      assertThat(world.authorizationServer.registrations()).hasSize(1);
      assertThat(begun.stream().map(one -> sent(one).parameters().get("client_id")).distinct()).hasSize(1);
    }
  }

  @Test
  void registersAnewWhenTheSecretHasExpired() {
    try (var world = FlowWorld.start(knobs -> knobs.secretLifetime(Duration.ofDays(1)))) {
      var first = world.connect();
      world.clock.advance(Duration.ofHours(23));
      assertThat(world.connect().client()).isEqualTo(first.client());
      world.clock.advance(Duration.ofHours(1));

      assertThat(world.connect().client()).isNotEqualTo(first.client());
      assertThat(world.authorizationServer.registrations()).hasSize(2);
    }
  }
}
