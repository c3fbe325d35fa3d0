package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.FlowWorld.requesting;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.resource.McpRequest;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;

/**
 * The deployment's client serves all users, so no user's wish becomes everyone's registration. Scopes are only named
 * after a refusal: the issuer's own ones for everyone, the flow's for a user alone.
 */
class RegisteredScopeFlowTest {

  /** An issuer that holds every client to the scopes of its registration, and lets new clients have these scopes. */
  private static Consumer<AuthorizationServerKnobs> holdingTo(String defaults, boolean named) {
    return knobs -> knobs.clientsHaveScopes(defaults, named);
  }

  private static void refused(FlowWorld world, Caller caller, AuthorizationStart start) {
    var begun = world.begin(caller, start);
    assertThat(world.callback(begun, world.approve(begun))).isEqualTo(world.failed(ErrorCode.AUTHORIZATION_DENIED));
  }

  private static List<String> registeredScopes(FlowWorld world) {
    return world.authorizationServer.registrations().stream().map(one -> one.json().path("scope").asText("-")).toList();
  }

  @Test
  void firstFlowsScopeIsNotRegistered() {
    try (var world = FlowWorld.start(knobs -> knobs.scopesSupported("files", "offline_access"),
        mcp -> mcp.challengeScope("files"))) {
      world.connect(USER, requesting("files"));
      assertThat(registeredScopes(world)).containsExactly("-");
    }
  }

  @Test
  void oneUsersOddScopeDoesNotChangeWhatAnotherUserGets() {
    try (var world = FlowWorld.start(holdingTo("files", false))) {
      var before = world.connect(OTHER, requesting("files"));
      refused(world, USER, requesting("junk"));

      var odd = world.connect(USER, requesting("junk"));
      world.restart();
      var after = world.connect(OTHER, requesting("files"));

      assertThat(odd.client().owner()).isEqualTo(Owner.of(USER.user()));
      assertThat(after.client()).isEqualTo(before.client());
      assertThat(registeredScopes(world)).containsExactly("-", "junk");
    }
  }

  @Test
  void oddScopeIsNotAddedToTheIssuersOwnOnes() {
    try (var world = FlowWorld.start(knobs -> knobs.clientsHaveScopes("files", false))) {
      world.authorizationServer.adjust(knobs -> knobs.metadata("scopes_supported", List.of("files", "mail")));
      refused(world, USER, requesting("files junk"));

      assertThat(world.connect(USER, requesting("files junk")).client().owner().isDeployment()).isFalse();
      assertThat(registeredScopes(world)).containsExactly("-", "files junk");
    }
  }

  @Test
  void userWithAnOddScopeUsesTheClientOfAllForEverythingElse() {
    try (var world = FlowWorld.start(holdingTo("files", false))) {
      refused(world, USER, requesting("junk"));
      world.connect(USER, requesting("junk"));

      assertThat(world.connect(USER, requesting("files")).client().owner().isDeployment()).isTrue();
      assertThat(world.connect(USER, requesting("junk")).client().owner().isDeployment()).isFalse();
      assertThat(world.authorizationServer.registrations()).hasSize(2);
    }
  }

  @Test
  void listedScopeThatIsRefusedIsRegisteredOnceForEveryone() {
    try (var world = FlowWorld
        .start(knobs -> knobs.scopesSupported("files", "mail").clientsHaveScopes("files", false))) {
      var before = world.connect(OTHER, requesting("files"));
      refused(world, USER, requesting("mail"));
      var grant = world.connect(USER, requesting("mail"));

      assertThat(grant.client().owner().isDeployment()).isTrue();
      assertThat(world.connect(OTHER, requesting("mail")).client()).isEqualTo(grant.client())
          .isNotEqualTo(before.client());
      assertThat(registeredScopes(world)).containsExactly("-", "files mail");
    }
  }

  @Test
  void refusalThatTheRegistrationItselfContradictsIsForTheUserAlone() {
    try (var world = FlowWorld.start(
        knobs -> knobs.scopesSupported("files", "mail").clientsHaveScopes("files mail", true))) {
      var everyones = world.connect(OTHER, requesting("files")).client();
      var begun = world.begin(USER, requesting("mail"));
      world.callback(begun, new AuthorizationResponse(null, "invalid_scope", world.authorizationServer.issuer(),
          world.context()));

      assertThat(world.connect(USER, requesting("mail")).client().owner().isDeployment()).isFalse();
      assertThat(world.connect(OTHER, requesting("files")).client()).isEqualTo(everyones);
    }
  }

  @Test
  void clientBeforeStaysForTheGrantThatNamesIt() {
    try (var world = FlowWorld
        .start(knobs -> knobs.scopesSupported("files", "mail").clientsHaveScopes("files", false))) {
      var before = world.connect(OTHER, requesting("files"));
      refused(world, USER, requesting("mail"));
      world.connect(USER, requesting("mail"));
      world.restart();

      world.clock.advance(Duration.ofMinutes(61));
      assertThat(world.flow().access(OTHER, new Target.ByConnection(world.connection()),
          new McpRequest("tools/list", null), deadline())).isInstanceOf(Access.Answered.class);
      assertThat(world.stored(OTHER)).get().extracting(grant -> grant.client()).isEqualTo(before.client());
      assertThat(world.clientsStored()).contains(before.client().id().value());
    }
  }

  @Test
  void secondRefusalOfTheIssuersOwnScopesIsForTheUserAlone() {
    try (var world = FlowWorld.start(knobs -> knobs.metadata("scopes_supported", List.of("files", "mail"))
        .clientsHaveScopes("files", false))) {
      refused(world, USER, requesting("mail"));
      world.authorizationServer.adjust(knobs -> knobs.refuseScope("mail"));
      refused(world, USER, requesting("mail"));
      var everyones = world.connect(OTHER, requesting("files")).client();
      for (int i = 0; i < 3; i++)
        refused(world, USER, requesting("mail"));

      assertThat(world.connect(OTHER, requesting("files")).client()).isEqualTo(everyones);
      assertThat(registeredScopes(world)).as("no registration for each refusal")
          .containsExactly("-", "files mail", "mail");
    }
  }

  @Test
  void scopeThatTheTokenEndpointRefusesIsRegisteredToo() {
    try (var world = FlowWorld.start(knobs -> knobs.metadata("scopes_supported", List.of("files", "mail")))) {
      var begun = world.begin(USER, requesting("mail"));
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_scope"));
      world.callback(begun, world.approve(begun));
      world.connect(USER, requesting("mail"));
      assertThat(registeredScopes(world)).containsExactly("-", "files mail");
    }
  }

  @Test
  void stepUpToAScopeThatTheRegistrationLacksRegistersOnceMoreBeforeItIsRefused() {
    try (var world = FlowWorld.start(
        knobs -> knobs.scopesSupported("files", "mail").clientsHaveScopes("files", true),
        mcp -> mcp.requireScope("tools/list", "mail"))) {
      world.connect(USER, requesting("files"));
      var more = (Access.StepUpNeeded) world.flow().access(USER, new Target.ByConnection(world.connection()),
          new McpRequest("tools/list", null), deadline());
      var begun = world.flow().stepUp(USER, more.resource(),
          AuthorizationStart.fresh().at(more.issuer()).requesting(more.required()), world.now());

      world.callback(begun, world.approve(begun));
      assertThat(world.stored(USER).orElseThrow().tokens().scope()).hasToString("files mail");
      assertThat(registeredScopes(world)).containsExactly("-", "files mail");
    }
  }

  @Test
  void narrowerGrantIsKeptAsItIs() {
    try (var world = FlowWorld.start(knobs -> knobs.scopesSupported("files", "mail").grantedScope("files"))) {
      assertThat(world.connect(USER, requesting("files mail")).tokens().scope()).hasToString("files");
      world.connect(USER, requesting("files mail"));
      assertThat(registeredScopes(world)).containsExactly("-");
    }
  }

  @Test
  void refusedScopeThatWasNotRegisteredDoesNotCostOfflineAccess() {
    try (var world = FlowWorld.start(knobs -> knobs.metadata("scopes_supported", List.of("openid", "offline_access"))
        .clientsHaveScopes("openid offline_access", true))) {
      refused(world, USER, requesting("files"));
      assertThat(world.connect(USER, requesting("files")).tokens().scope()).hasToString("files offline_access");
    }
  }

  @Test
  void registrationThatNamesTheServersScopesDoesNotWidenWhatOthersAskFor() {
    try (
        var world = FlowWorld.start(knobs -> knobs.scopesSupported("files", "mail").clientsHaveScopes("files", true))) {
      refused(world, USER, requesting("mail"));
      world.connect(USER, requesting("mail"));
      assertThat(sent(world.begin(OTHER, AuthorizationStart.fresh())).parameters()).containsEntry("scope", "files");
    }
  }

  @Test
  void flowGoesOnWhereTheIssuerRegistersNoClientWithThisScope() {
    try (var world = FlowWorld.start(
        knobs -> knobs.clientsHaveScopes("files", false).refuseRegistrationWithScope())) {
      refused(world, USER, requesting("junk"));
      refused(world, USER, requesting("junk"));
      assertThat(world.connect(USER, requesting("files")).client().owner().isDeployment()).isTrue();
    }
  }

  @Test
  void clientOfOneUserGoesWithItsLastGrant() {
    try (var world = FlowWorld.start(knobs -> knobs.clientsHaveScopes("files", false).managesRegistrations())) {
      refused(world, USER, requesting("junk"));
      var client = world.connect(USER, requesting("junk")).client();
      world.flow().disconnect(USER, world.connection(), deadline());

      assertThat(world.clientsStored()).doesNotContain(client.id().value());
      assertThat(world.authorizationServer.registrationManagement().requests()).hasSize(1);
    }
  }
}
