package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.requesting;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;

/** Pushed authorization requests (RFC 9126): where the issuer requires them, and where the URL would be too long. */
class PushedRequestFlowTest {
  private static final String LONG = IntStream.range(0, 150).mapToObj(i -> "invented-scope-" + i)
      .collect(Collectors.joining(" "));

  private static List<Received> pushes(FlowWorld world) {
    return world.authorizationServer.pushedRequestEndpoint().requests();
  }

  @ParameterizedTest
  @ValueSource(strings = {"client_secret_post", "client_secret_basic", "none"})
  void issuerThatRequiresPushedRequestsGetsOneWithResourceAndPkceAndTheClientsAuthentication(String method) {
    try (var world = FlowWorld.start(knobs -> knobs.pushedRequestsOnly().authMethods(method))) {
      var begun = world.begin(USER, requesting("files"));
      assertThat(sent(begun).parameters()).containsOnlyKeys("client_id", "request_uri");
      assertThat(pushes(world)).singleElement().satisfies(push -> {
        assertThat(push.method()).isEqualTo("POST");
        assertThat(push.parameters()).containsEntry("resource", world.mcpServer.url()).containsEntry("scope", "files")
            .containsEntry("code_challenge_method", "S256").containsEntry("state", begun.state().value())
            .containsEntry("redirect_uri", world.contextCallback()).containsKeys("code_challenge", "client_id");
        assertThat(push.parameters().containsKey("client_secret")).isEqualTo(method.equals("client_secret_post"));
        assertThat(push.header("authorization").isPresent()).isEqualTo(method.equals("client_secret_basic"));
      });
      assertThat(world.callback(begun, world.approve(begun))).isInstanceOf(CallbackOutcome.Connected.class);
    }
  }

  @Test
  void longRequestIsPushedWhereTheIssuerTakesPushedRequests() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::pushedRequests)) {
      assertThat(world.begin(USER, requesting(LONG)).authorizationUrl()).hasSizeLessThan(2000);
      world.begin(USER, requesting("files"));
      assertThat(pushes(world)).as("the short one goes through the browser").hasSize(1);
    }
  }

  @Test
  void longRequestIsNotPushedWhereTheIssuerTakesNone() {
    try (var world = FlowWorld.start()) {
      assertThat(world.connect(USER, requesting(LONG)).tokens().scope().values()).hasSize(150);
      assertThat(pushes(world)).isEmpty();
    }
  }

  @Test
  void issuerThatRequiresPushedRequestsWithoutAnEndpointIsRefused() {
    try (var world = FlowWorld.start(knobs -> knobs.metadata("require_pushed_authorization_requests", true))) {
      assertFails(ErrorCode.INVALID_METADATA, world::begin);
      assertThat(world.sessionRows()).isEmpty();
    }
  }

  @Test
  void endpointAtAnAddressThatWeDoNotConnectToGetsNothing() {
    try (var world = FlowWorld.start(knobs -> knobs.pushedRequestsOnly()
        .metadata("pushed_authorization_request_endpoint", "https://192.0.2.1/par"))) {
      assertFails(ErrorCode.BLOCKED_URL, world::begin);
      assertThat(world.sessionRows()).isEmpty();
    }
  }

  @Test
  void pushedRequestIsNotRedirected() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::pushedRequestsOnly);
        var collector = LoopbackHttp.start(_ -> Response.of(200))) {
      world.authorizationServer.pushedRequestEndpoint().next(Response.redirect(307, collector.url() + "/par"));
      Assertions.assertThatThrownBy(world::begin).isInstanceOf(Failure.class);
      assertThat(collector.requests()).isEmpty();
      assertThat(world.sessionRows()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"400,invalid_request,TOKEN_REQUEST_REFUSED", "403,unauthorized_client,TOKEN_REQUEST_REFUSED",
      "429,'',UPSTREAM_UNREACHABLE", "503,'',UPSTREAM_UNREACHABLE", "400,temporarily_unavailable,UPSTREAM_UNREACHABLE",
      "500,server_error,UPSTREAM_UNREACHABLE"})
  void refusalIsJudgedAsThatOfATokenEndpoint(int status, String error, ErrorCode expected) {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::pushedRequestsOnly)) {
      world.authorizationServer.pushedRequestEndpoint().next(Response.error(status, error));
      Assertions.assertThatThrownBy(world::begin).isInstanceOfSatisfying(Failure.class, failure -> {
        assertThat(failure.code()).isEqualTo(expected);
        assertThat(failure.upstreamStatus()).contains(status);
      });
      assertThat(world.sessionRows()).isEmpty();
    }
  }

  @Test
  void forgottenClientIsRegisteredAnewInTheSameCall() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::pushedRequestsOnly)) {
      world.connect();
      world.authorizationServer.forgetRegisteredClients();
      var begun = world.begin(OTHER);
      assertThat(world.callback(begun, world.approve(begun))).isInstanceOf(CallbackOutcome.Connected.class);
      assertThat(world.authorizationServer.registrations()).hasSize(2);
    }
  }

  @Test
  void clientThatWasRegisteredInThisCallIsNotGivenUpForAnother() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::pushedRequestsOnly)) {
      world.authorizationServer.pushedRequestEndpoint().next(unknownClient());
      assertFails(ErrorCode.TOKEN_REQUEST_REFUSED, world::begin);
      assertThat(pushes(world)).hasSize(1);
      assertThat(world.authorizationServer.registrations()).hasSize(1);
    }
  }

  @Test
  void issuerThatKnowsNoClientGetsOneRegistrationACall() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::pushedRequestsOnly)) {
      world.connect();
      int pushed = pushes(world).size();
      world.authorizationServer.pushedRequestEndpoint().next(unknownClient(), unknownClient());
      assertFails(ErrorCode.TOKEN_REQUEST_REFUSED, world::begin);
      assertThat(pushes(world)).hasSize(pushed + 2);
      assertThat(world.authorizationServer.registrations()).hasSize(2);
    }
  }

  @Test
  void requestWithoutScopesThatIsRefusedForItsScopeIsNotPushedAgain() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::pushedRequestsOnly)) {
      world.authorizationServer.pushedRequestEndpoint().next(Response.error(400, "invalid_scope"));
      assertFails(ErrorCode.TOKEN_REQUEST_REFUSED, world::begin);
      assertThat(pushes(world)).singleElement()
          .satisfies(push -> assertThat(push.parameters()).doesNotContainKey("scope"));
    }
  }

  private static Response unknownClient() {
    return Response.error(401, "invalid_client");
  }

  @Test
  void oddScopeThatThePushIsRefusedForGetsAClientForThisUserAloneInTheSameCall() {
    try (var world = FlowWorld.start(knobs -> knobs.pushedRequestsOnly().clientsHaveScopes("files", false))) {
      var others = world.connect(OTHER, requesting("files")).client();
      assertThat(world.connect(USER, requesting("junk")).client().owner()).isEqualTo(Owner.of(USER.user()));
      assertThat(world.connect(OTHER, requesting("files")).client()).isEqualTo(others);
    }
  }

  @Test
  void scopeThatIsRefusedToEveryClientEndsTheCall() {
    try (var world = FlowWorld.start(knobs -> knobs.pushedRequestsOnly().refuseScope("junk"))) {
      assertFails(ErrorCode.TOKEN_REQUEST_REFUSED, () -> world.begin(USER, requesting("junk")));
      assertThat(world.authorizationServer.registrations()).hasSize(2);
      assertThat(pushes(world)).as("no request is sent twice").hasSize(2);
      assertThat(world.sessionRows()).isEmpty();
    }
  }

  @Test
  void offlineAccessThatThePushIsRefusedForIsLeftOutInTheSameCall() {
    try (var world = FlowWorld.start(knobs -> knobs.pushedRequestsOnly().scopesSupported("files", "offline_access")
        .refuseScope("offline_access"))) {
      assertThat(world.connect(USER, requesting("files")).tokens().scope()).hasToString("files");
    }
  }

  @ParameterizedTest
  @CsvSource({"request_uri,''", "request_uri,a\tb", "expires_in,0", "expires_in,-5", "expires_in,soon"})
  void referenceThatCannotBeUsedIsRefused(String member, String value) {
    try (var world = FlowWorld.start(knobs -> knobs.pushedRequestsOnly().pushedResponse(member, value))) {
      assertFails(ErrorCode.INVALID_UPSTREAM_ANSWER, world::begin);
      assertThat(world.sessionRows()).isEmpty();
    }
  }

  @Test
  void referenceThatIsTooLongOrMissingIsRefused() {
    try (var world = FlowWorld.start(knobs -> knobs.pushedRequestsOnly().pushedResponse("request_uri",
        "urn:" + "x".repeat(600)))) {
      assertFails(ErrorCode.INVALID_UPSTREAM_ANSWER, world::begin);
      world.authorizationServer.adjust(knobs -> knobs.withoutPushedResponse("request_uri"));
      assertFails(ErrorCode.INVALID_UPSTREAM_ANSWER, world::begin);
    }
  }
}
