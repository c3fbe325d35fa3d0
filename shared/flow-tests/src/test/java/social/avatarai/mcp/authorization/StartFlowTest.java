package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.FlowWorld;

/** The start of a flow: the scopes and the client of its request, and the place to which the browser returns. */
class StartFlowTest {

  @ParameterizedTest
  @CsvSource(nullValues = "-", value = {"mine,challenged,listed,mine", "-,challenged,listed,challenged",
      "-,-,listed,listed", "-,-,-,-"})
  void asksForTheScopesOfTheFirstWhoNamesSome(@Nullable String mine, @Nullable String challenged,
      @Nullable String listed, @Nullable String asked) {
    try (var world = FlowWorld.start()) {
      if (challenged != null) world.mcpServer.adjust(mcp -> mcp.challengeScope(challenged));
      if (listed != null) world.mcpServer.adjust(mcp -> mcp.metadata("scopes_supported", List.of(listed)));

      var begun = world.begin(USER, mine == null ? AuthorizationStart.fresh() : FlowWorld.requesting(mine));

      assertThat(sent(begun).parameters().get("scope")).isEqualTo(asked);
    }
  }

  @Test
  void asksForTheScopesOfTheRegistrationWhereNobodyElseNamesSome() {
    try (var world = FlowWorld.start()) {
      String client = world.register(USER, Json.newObject().put("scope", "registered")).path("client_id").asText();

      assertThat(sent(world.begin(USER, FlowWorld.as(client))).parameters()).containsEntry("scope", "registered");
    }
  }

  @ParameterizedTest
  @CsvSource({"files,files offline_access,files offline_access", "files,files,files"})
  void addsOfflineAccessOnlyWhereTheIssuerListsIt(String mine, String listed, String asked) {
    try (var world = FlowWorld.start(knobs -> knobs.scopesSupported(listed.split(" ")))) {
      assertThat(sent(world.begin(USER, FlowWorld.requesting(mine))).parameters()).containsEntry("scope", asked);
    }
  }

  @Test
  void sendsEachParameterOnceAndNothingTwiceTheSame() {
    try (var world = FlowWorld.start()) {
      var first = sent(world.begin());
      var second = sent(world.begin());

      assertThat(first.repeatedParameters()).isEmpty();
      assertThat(first.parameters()).containsOnlyKeys("response_type", "client_id", "redirect_uri", "resource", "state",
          "code_challenge", "code_challenge_method").containsEntry("redirect_uri", world.contextCallback());
      assertThat(second.parameters().get("state")).isNotEqualTo(first.parameters().get("state"));
      assertThat(second.parameters().get("code_challenge")).isNotEqualTo(first.parameters().get("code_challenge"));
    }
  }

  @Test
  void keepsTheKeyThatTheBrowserHas() {
    try (var world = FlowWorld.start()) {
      var first = world.begin();
      var again = world.begin(USER, AuthorizationStart.fresh().in(first.browser()));

      assertThat(again.browser()).isEqualTo(first.browser());
      assertThat(world.begin().browser()).isNotEqualTo(first.browser());
      assertThat(world.callback(first, world.approve(first))).isInstanceOf(CallbackOutcome.Connected.class);
      assertThat(world.callback(again, world.approve(again))).isInstanceOf(CallbackOutcome.Connected.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example/", "https://app.example/done/", "https://app.example/done?x",
      "//evil.example", "https://app.example@evil.example/done", "javascript:alert(1)", "https://app.example/Done"})
  void refusesAReturnToThatTheOperatorDoesNotList(String returnTo) {
    try (var world = FlowWorld.start()) {
      world.with("RETURN_TO_ALLOWLIST", "https://app.example/start,https://app.example/done");

      assertFails(ErrorCode.INVALID_REQUEST, () -> world.begin(USER, AuthorizationStart.fresh().returningTo(returnTo)));
      assertThat(world.mcpServer.requests()).isEmpty();
      world.assertNothingBegan();
    }
  }

  @Test
  void returnsToTheFirstOfTheListUnlessAnotherOfItIsNamed() {
    try (var world = FlowWorld.start()) {
      world.with("RETURN_TO_ALLOWLIST", "https://app.example/start,https://app.example/done");
      var byDefault = world.begin();
      var named = world.begin(USER, AuthorizationStart.fresh().returningTo("https://app.example/done"));

      assertThat(((CallbackOutcome.Connected) world.callback(byDefault, world.approve(byDefault))).returnTo())
          .isEqualTo("https://app.example/start");
      assertThat(((CallbackOutcome.Connected) world.callback(named, world.approve(named))).returnTo())
          .isEqualTo("https://app.example/done");
    }
  }

  @Test
  void takesAClientThatNobodyRegisteredForAPublicClientOfTheCaller() {
    try (var world = FlowWorld.start()) {
      world.authorizationServer.preRegister(FakeClient.publicClient("mine", world.contextCallback()));

      var grant = world.connect(USER, FlowWorld.as("mine"));

      assertThat(grant.client().owner().key()).isEqualTo("u#user-one");
      assertThat(world.authorizationServer.registrations()).isEmpty();
      assertThat(world.authorizationServer.tokenRequests().getFirst().parameters()).containsEntry("client_id", "mine")
          .doesNotContainKey("client_secret");
    }
  }

  @Test
  void warnsOfAClientThatNobodyHasRegisteredHere() {
    try (var world = FlowWorld.start()) {
      String client = world.register(USER, Json.newObject()).path("client_id").asText();

      assertThat(world.begin(USER, FlowWorld.as("invented")).warnings())
          .containsExactly(Warning.CLIENT_NOT_REGISTERED_HERE);
      assertThat(world.begin(USER, FlowWorld.as(client)).warnings()).isEmpty();
      assertThat(world.begin(OTHER, FlowWorld.as(client)).warnings())
          .containsExactly(Warning.CLIENT_NOT_REGISTERED_HERE);
      assertThat(world.begin().warnings()).isEmpty();
    }
  }

  @Test
  void warnsNotOfOurOwnMetadataDocumentNamedByItsUrl() {
    try (var world = FlowWorld.start(knobs -> knobs.clientDocuments())) {
      String document = world.base.clientMetadata(IssuerContext.of(new Issuer(world.authorizationServer.issuer())));

      assertThat(sent(world.begin()).parameters()).containsEntry("client_id", document);
      assertThat(world.begin(USER, FlowWorld.as(document)).warnings()).isEmpty();
    }
  }

  @Test
  void saysWhomTheUserIsAboutToTrustWithWhat() {
    try (var world = FlowWorld.start(knobs -> knobs.scopesSupported("files", "offline_access"))) {
      var begun = world.begin(USER, FlowWorld.requesting("files"));

      assertThat(begun.trusted())
          .isEqualTo(new AuthorizationStarted.Trusted(new Issuer(world.authorizationServer.issuer()),
              new ResourceUri(world.mcpServer.url()), Scopes.parse("files offline_access")));
      assertThat(sent(begun).parameters()).containsEntry("scope", "files offline_access")
          .containsEntry("resource", world.mcpServer.url());
    }
  }

  @Test
  void usesTheUsersRegistrationOfAClientBeforeTheDeployments() {
    try (var world = FlowWorld.start()) {
      registerShared(world, OPERATOR, "secret-of-deployment");
      registerShared(world, USER, "secret-of-user");
      world.authorizationServer.preRegister(FakeClient.confidential("shared", "secret-of-user", world.contextCallback())
          .authenticatingBy("client_secret_post"));

      world.connect(USER, FlowWorld.as("shared"));

      assertThat(world.authorizationServer.tokenRequests().getFirst().parameters()).containsEntry("client_secret",
          "secret-of-user");
    }
  }

  @Test
  void usesTheDeploymentsRegistrationForEveryUser() {
    try (var world = FlowWorld.start()) {
      String client = world.register(OPERATOR, Json.newObject()).path("client_id").asText();

      assertThat(world.connect(USER, FlowWorld.as(client)).client().owner().isDeployment()).isTrue();
      assertThat(world.connect(OTHER, FlowWorld.as(client)).client().owner().isDeployment()).isTrue();
    }
  }

  @Test
  void doesNotUseAnotherUsersRegistration() {
    try (var world = FlowWorld.start()) {
      registerShared(world, OTHER, "secret-of-other");
      world.authorizationServer
          .preRegister(FakeClient.confidential("shared", "secret-of-other", world.contextCallback(),
              world.base.plainCallback().value()).authenticatingBy("client_secret_post"));
      var begun = world.begin(USER, FlowWorld.as("shared"));

      assertThat(world.callback(begun, world.approve(begun)))
          .isEqualTo(world.failed(ErrorCode.TOKEN_REQUEST_REFUSED, 401));
      var request = world.authorizationServer.tokenRequests().getFirst();
      assertThat(request.body()).doesNotContain("secret");
      assertThat(request.header("authorization")).isEmpty();
    }
  }

  @Test
  void namesTheRedirectUriToRegisterWhereTheClientHasNoneOfOurs() {
    try (var world = FlowWorld.start()) {
      String client = world.register(USER, Json.newObject()).path("client_id").asText();
      world.reachedAt("https://moved.example.com");

      assertThatExceptionOfType(Failure.class).isThrownBy(() -> world.begin(USER, FlowWorld.as(client)))
          .matches(failure -> failure.code() == ErrorCode.REDIRECT_URI_REQUIRED)
          .matches(failure -> failure.safeMessage().contains(world.contextCallback()));
      assertThat(world.sessionRows()).isEmpty();
    }
  }

  @Test
  void letsOneUserBeginSoManyFlowsAnHourAndNoMore() {
    try (var world = FlowWorld.start().with("BUDGET_REQUESTS_PER_HOUR", "5")) {
      for (int i = 0; i < 5; i++)
        world.begin();

      assertFails(ErrorCode.TOO_MANY_REQUESTS, world::begin);
      assertThat(world.sessionRows()).hasSize(5);
      world.begin(OTHER, AuthorizationStart.fresh());
      world.clock.advance(Duration.ofHours(1));
      world.begin();
    }
  }

  private static void registerShared(FlowWorld world, Caller caller, String secret) {
    world.authorizationServer.registrationEndpoint().next(Response.json(201, Json.newObject().put("client_id", "shared")
        .put("client_secret", secret).put("token_endpoint_auth_method", "client_secret_post")));
    world.register(caller, Json.newObject());
  }
}
