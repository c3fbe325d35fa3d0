package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.world.FlowWorld;

/** A process remembers metadata that is no longer what the server publishes: it is read again before an error. */
class RememberedMetadataFlowTest {

  @Test
  void issuerThatHasLearnedPkceIsUsedInTheSameCall() {
    try (var world = FlowWorld.start(knobs -> knobs.metadata("code_challenge_methods_supported", List.of("plain")))) {
      assertFails(ErrorCode.PKCE_UNSUPPORTED, world::begin);
      int asked = world.authorizationServer.metadataRequests().size();
      assertFails(ErrorCode.PKCE_UNSUPPORTED, world::begin);
      assertThat(world.authorizationServer.metadataRequests()).as("asked afresh once").hasSize(asked + 1);

      world.authorizationServer
          .adjust(knobs -> knobs.metadata("code_challenge_methods_supported", List.of("S256")));
      world.clock.advance(Duration.ofMinutes(1));
      world.connect();
    }
  }

  @Test
  void callsThatFailDoNotReadTheIssuersMetadataAgainMoreThanOnceAMinute() {
    try (var world = FlowWorld.start(knobs -> knobs.metadata("code_challenge_methods_supported", List.of("plain")))) {
      assertFails(ErrorCode.PKCE_UNSUPPORTED, world::begin);
      int asked = world.authorizationServer.metadataRequests().size();
      for (int i = 0; i < 5; i++)
        assertFails(ErrorCode.PKCE_UNSUPPORTED, world::begin);
      assertThat(world.authorizationServer.metadataRequests()).hasSize(asked + 1);
    }
  }

  @Test
  void registrationsThatFailDoNotReadTheIssuersMetadataAgainMoreThanOnceAMinute() {
    try (var world = FlowWorld.start()) {
      var issuer = new Issuer(world.authorizationServer.issuer());
      world.flow().discoverAuthorizationServer(USER, issuer, FlowWorld.deadline());
      int asked = world.authorizationServer.metadataRequests().size();
      var what = new Flow.Registering(new EndpointUrl(issuer + "/elsewhere"), issuer, Json.newObject());
      for (int i = 0; i < 5; i++)
        assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> world.flow().register(USER, what, world.now()));
      assertThat(world.authorizationServer.metadataRequests()).hasSize(asked + 1);
    }
  }

  @Test
  void unboundIssuerMakesTheServersMetadataBeReadAgainOnceAMinute() {
    try (var world = FlowWorld.start(); var other = FakeAuthorizationServer.start()) {
      world.begin();
      int asked = world.mcpServer.metadataRequests().size();
      for (int i = 0; i < 5; i++)
        assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> world.begin(USER, FlowWorld.at(other.issuer())));
      assertThat(world.mcpServer.metadataRequests()).hasSize(asked + 1);
    }
  }

  @Test
  void serverThatListsAPopularIssuerCannotMakeItBeForgotten() {
    try (var world = FlowWorld.start(); var other = FakeAuthorizationServer.start()) {
      world.begin();
      int asked = world.authorizationServer.metadataRequests().size();
      assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> world.begin(USER, FlowWorld.at(other.issuer())));
      world.begin();
      assertThat(world.authorizationServer.metadataRequests()).hasSize(asked);
    }
  }

  @Test
  void registrationEndpointThatHasMovedIsFoundInTheSameCall() {
    try (var world = FlowWorld.start()) {
      String there = world.authorizationServer.issuer() + "/register";
      world.authorizationServer
          .adjust(knobs -> knobs.metadata("registration_endpoint", world.authorizationServer.issuer() + "/gone"));
      assertFails(ErrorCode.REGISTRATION_REFUSED, world::begin);
      world.authorizationServer.adjust(knobs -> knobs.metadata("registration_endpoint", there));
      world.connect();
    }
  }

  @Test
  void callerMayNameARegistrationEndpointThatIsNewerThanWhatIsRemembered() {
    try (var world = FlowWorld.start()) {
      var issuer = new Issuer(world.authorizationServer.issuer());
      world.authorizationServer.adjust(knobs -> knobs.metadata("registration_endpoint", issuer + "/gone"));
      world.flow().discoverAuthorizationServer(FlowWorld.USER, issuer, FlowWorld.deadline());
      world.authorizationServer.adjust(knobs -> knobs.metadata("registration_endpoint", issuer + "/register"));
      var what = new Flow.Registering(new EndpointUrl(issuer + "/register"), issuer, Json.newObject());
      assertThat(world.flow().register(USER, what, world.now()).hasNonNull("client_id")).isTrue();
    }
  }

  @Test
  void issuerThatTheResourceNamesNowIsBoundInTheSameCall() {
    try (var world = FlowWorld.start(); var other = FakeAuthorizationServer.start()) {
      world.begin();
      assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> world.begin(USER, FlowWorld.at(other.issuer())));
      world.mcpServer.adjust(mcp -> mcp.authorizationServers(other.issuer()));
      world.clock.advance(Duration.ofMinutes(1));

      var begun = world.begin(USER, AuthorizationStart.fresh().at(new Issuer(other.issuer())));
      assertThat(begun.trusted().issuer().value()).isEqualTo(other.issuer());
      assertThat(sent(begun).parameters()).containsKey("client_id");
    }
  }
}
