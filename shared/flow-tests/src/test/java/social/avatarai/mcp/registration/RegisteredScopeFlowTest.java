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
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.resource.McpRequest;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;

/**
 * The deployment's client serves all users, so no user's wish becomes everyone's registration. Scopes are only named
 * after a refusal, and for the user alone.
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
  void listedScopeThatIsRefusedIsRegisteredForTheUserAlone() {
    try (var world = FlowWorld
        .start(knobs -> knobs.scopesSupported("files", "mail").clientsHaveScopes("files", false))) {
      var before = world.connect(OTHER, requesting("files"));
      refused(world, USER, requesting("mail"));
      var grant = world.connect(USER, requesting("mail"));

      assertThat(grant.client().owner()).isEqualTo(Owner.of(USER.user()));
      assertThat(world.connect(OTHER, requesting("files")).client()).isEqualTo(before.client());
      assertThat(registeredScopes(world)).containsExactly("-", "mail");
    }
  }

  @Test
  void refusalThatAUserInventsAtTheOwnCallbackDoesNotReplaceEveryonesClient() {
    try (var world = FlowWorld.start(knobs -> knobs.scopesSupported("files", "mail"))) {
      var everyones = world.connect(OTHER, requesting("files")).client();
      var begun = world.begin(USER, requesting("mail"));
      world.callback(begun, new AuthorizationResponse(null, "invalid_scope", world.authorizationServer.issuer(),
          world.context()));

      assertThat(world.connect(USER, requesting("mail")).client().owner()).isEqualTo(Owner.of(USER.user()));
      world.restart();
      assertThat(world.connect(OTHER, requesting("files")).client()).isEqualTo(everyones);
      assertThat(world.connect(OTHER, requesting("mail")).client()).isEqualTo(everyones);
      assertThat(registeredScopes(world)).containsExactly("-", "mail");
    }
  }

  /** Keycloak: the registration response lists the optional scopes alone, and the client has default scopes besides. */
  @Test
  void defaultScopeThatTheRegistrationResponseLeavesOutReplacesNoClient() {
    try (var world = FlowWorld.start(
        knobs -> knobs.scopesSupported("profile", "tools").registrationResponse("scope", "tools"),
        mcp -> mcp.challengeScope("profile tools"))) {
      var start = requesting("profile tools");
      var everyones = world.connect(OTHER, start).client();
      assertThat(everyones.owner().isDeployment()).isTrue();
      assertThat(world.connect(USER, start).client()).isEqualTo(everyones);
      assertThat(world.connect(USER, AuthorizationStart.fresh()).client()).isEqualTo(everyones);
      assertThat(registeredScopes(world)).containsExactly("-");
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
  void scopeThatIsRefusedToEveryClientIsNotRegisteredForEachRefusal() {
    try (var world = FlowWorld.start(knobs -> knobs.scopesSupported("files", "mail").refuseScope("mail"))) {
      var everyones = world.connect(OTHER, requesting("files")).client();
      for (int i = 0; i < 5; i++)
        refused(world, USER, requesting("mail"));

      assertThat(world.connect(OTHER, requesting("files")).client()).isEqualTo(everyones);
      assertThat(registeredScopes(world)).containsExactly("-", "mail");
    }
  }

  @Test
  void scopeThatTheTokenEndpointRefusesIsRegisteredForTheUserAlone() {
    try (var world = FlowWorld.start(knobs -> knobs.metadata("scopes_supported", List.of("files", "mail")))) {
      var everyones = world.connect(OTHER, requesting("files")).client();
      var begun = world.begin(USER, requesting("mail"));
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_scope"));
      world.callback(begun, world.approve(begun));
      world.connect(USER, requesting("mail"));
      assertThat(registeredScopes(world)).containsExactly("-", "mail");
      assertThat(world.connect(OTHER, requesting("mail")).client()).isEqualTo(everyones);
    }
  }

  @Test
  void stepUpThatTheIssuerRefusesGetsAClientForThisUserAlone() {
    try (var world = FlowWorld.start(
        knobs -> knobs.scopesSupported("files", "mail").clientsHaveScopes("files", true),
        mcp -> mcp.requireScope("tools/list", "mail"))) {
      var everyones = world.connect(OTHER, requesting("files")).client();
      world.connect(USER, requesting("files"));
      var first = stepUp(world);
      assertThat(world.callback(first, world.approve(first))).isEqualTo(world.failed(ErrorCode.AUTHORIZATION_DENIED));
      assertThat(registeredScopes(world)).as("no registration before the issuer refuses").containsExactly("-");
      var second = stepUp(world);
      world.callback(second, world.approve(second));

      assertThat(world.stored(USER).orElseThrow().tokens().scope()).hasToString("files mail");
      assertThat(world.connect(OTHER, requesting("files")).client()).isEqualTo(everyones);
      assertThat(registeredScopes(world)).containsExactly("-", "files mail");
    }
  }

  private static AuthorizationStarted stepUp(FlowWorld world) {
    var more = (Access.StepUpNeeded) world.flow().access(USER, new Target.ByConnection(world.connection()),
        new McpRequest("tools/list", null), deadline());
    return world.flow().stepUp(USER, more.resource(),
        AuthorizationStart.fresh().at(more.issuer()).requesting(more.required()), world.now());
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
  void offlineAccessIsLeftOutAtAnIssuerThatListsItButNotTheOtherScopes() {
    try (var world = FlowWorld.start(knobs -> knobs.metadata("scopes_supported", List.of("offline_access"))
        .refuseScope("offline_access"))) {
      refused(world, USER, requesting("files"));
      refused(world, USER, requesting("files"));
      assertThat(world.connect(USER, requesting("files")).tokens().scope()).hasToString("files");
      assertThat(registeredScopes(world)).containsExactly("-", "files offline_access");
    }
  }

  @Test
  void offlineAccessIsLeftOutWhereTheRegistrationResponseLeavesOutADefaultScope() {
    try (var world = FlowWorld.start(knobs -> knobs.scopesSupported("profile", "tools", "offline_access")
        .registrationResponse("scope", "tools offline_access").refuseScope("offline_access"))) {
      refused(world, USER, requesting("profile tools"));
      var grant = world.connect(USER, requesting("profile tools"));
      assertThat(grant.tokens().scope()).hasToString("profile tools");
      assertThat(grant.client().owner().isDeployment()).isTrue();
      assertThat(registeredScopes(world)).containsExactly("-");
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
