package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.CallbackOutcome.Connected;
import social.avatarai.mcp.authorization.CallbackOutcome.Repeated;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;

/** An authorization server refuses something, and the next flow takes the refusal into account. */
class CallbackRefusalFlowTest {

  @Test
  void failsWhereTheUserDeniesAndTellsSoAgain() {
    try (var world = FlowWorld.start(knobs -> knobs.authorizationError("access_denied"))) {
      var begun = world.begin();
      var answer = world.approve(begun);

      assertThat(world.callback(begun, answer)).isEqualTo(world.failed(ErrorCode.AUTHORIZATION_DENIED));
      assertThat(world.callback(begun, answer)).isEqualTo(repeated(world, ErrorCode.AUTHORIZATION_DENIED, null));
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
    }
  }

  @Test
  void keepsTheGrantThereIsWhereANewFlowFails() {
    try (var world = FlowWorld.start()) {
      var grant = world.connect();
      world.authorizationServer.adjust(knobs -> knobs.authorizationError("access_denied"));
      var begun = world.begin();

      assertThat(world.callback(begun, world.approve(begun))).isEqualTo(world.failed(ErrorCode.AUTHORIZATION_DENIED));
      assertThat(world.stored(USER)).get().isEqualTo(grant);
    }
  }

  @Test
  void asksWithoutOfflineAccessAfterItWasRefused() {
    try (var world = FlowWorld.start(knobs -> knobs.scopesSupported("files", "offline_access")
        .refuseScope("offline_access"), mcp -> mcp.challengeScope("files"))) {
      var begun = world.begin();
      assertThat(world.callback(begun, world.approve(begun))).isEqualTo(world.failed(ErrorCode.AUTHORIZATION_DENIED));

      assertThat(world.connect().tokens().scope()).hasToString("files");
      assertThat(sent(world.begin(OTHER, AuthorizationStart.fresh())).parameters()).containsEntry("scope",
          "files offline_access");
    }
  }

  @Test
  void asksWithoutOfflineAccessAfterItWasRefusedWhereNobodyNamedAScope() {
    try (var world = FlowWorld.start(knobs -> knobs.scopesSupported("files", "offline_access")
        .refuseScope("offline_access"))) {
      var begun = world.begin();
      assertThat(world.callback(begun, world.approve(begun))).isEqualTo(world.failed(ErrorCode.AUTHORIZATION_DENIED));

      assertThat(world.connect().tokens().scope().isEmpty()).isTrue();
    }
  }

  @Test
  void asksWithoutOfflineAccessAfterTheTokenEndpointRefusedIt() {
    try (var world = FlowWorld.start(knobs -> knobs.scopesSupported("files", "offline_access"),
        mcp -> mcp.challengeScope("files"))) {
      var begun = world.begin();
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_scope"));
      assertThat(world.callback(begun, world.approve(begun)))
          .isEqualTo(world.failed(ErrorCode.TOKEN_REQUEST_REFUSED, 400));

      assertThat(world.connect().tokens().scope()).hasToString("files");
    }
  }

  @Test
  void keepsAskingForOfflineAccessThatTheCallerNamedItself() {
    try (var world = FlowWorld.start(knobs -> knobs.scopesSupported("files", "offline_access")
        .refuseScope("offline_access"))) {
      var begun = world.begin(USER, FlowWorld.requesting("offline_access"));
      world.callback(begun, world.approve(begun));

      assertThat(sent(world.begin(USER, FlowWorld.requesting("offline_access"))).parameters()).containsEntry("scope",
          "offline_access");
    }
  }

  @Test
  void sendsARefusedCodeOnce() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_grant"));

      assertThat(world.callback(begun, answer)).isEqualTo(world.failed(ErrorCode.TOKEN_REQUEST_REFUSED, 400));
      assertThat(world.callback(begun, answer)).isEqualTo(repeated(world, ErrorCode.TOKEN_REQUEST_REFUSED, 400));
      assertThat(world.authorizationServer.tokenRequests()).hasSize(1);
      assertThat(world.stored(USER)).isEmpty();
    }
  }

  /** Some servers give a secret to a public client and want it, others refuse it. The registered method is used. */
  @Test
  void triesNoOtherAuthenticationWhereTheClientIsRefused() {
    try (var world = FlowWorld.start(knobs -> knobs.registrationResponse("token_endpoint_auth_method", "none"))) {
      var begun = world.begin();
      var answer = world.approve(begun);
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_client"));

      assertThat(world.callback(begun, answer)).isEqualTo(world.failed(ErrorCode.TOKEN_REQUEST_REFUSED, 400));
      assertThat(world.authorizationServer.tokenRequests()).singleElement()
          .satisfies(sent -> assertThat(sent.header("authorization")).isEmpty())
          .satisfies(sent -> assertThat(sent.parameters()).doesNotContainKey("client_secret"));
    }
  }

  /** A token for no resource, or for all of them, could be sent to any server: only a profile leaves the resource out. */
  @Test
  void leavesTheResourceOutAtNoIssuerThatRefusesIt() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_target"));

      assertThat(world.callback(begun, answer)).isEqualTo(world.failed(ErrorCode.TOKEN_REQUEST_REFUSED, 400));
      assertThat(world.authorizationServer.tokenRequests()).hasSize(1);
      assertThat(sent(world.begin()).parameters()).containsEntry("resource", world.mcpServer.url());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503, 0})
  void sendsACodeOnceThoughNobodyAnswersForIt(int status) {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);
      world.authorizationServer.tokenEndpoint().next(status == 0 ? Response.NONE : Response.of(status));

      Integer seen = status == 0 ? null : (Integer) status;
      assertThat(world.callback(begun, answer)).isEqualTo(world.failed(ErrorCode.UPSTREAM_UNREACHABLE, seen));
      assertThat(world.callback(begun, answer)).isEqualTo(repeated(world, ErrorCode.UPSTREAM_UNREACHABLE, seen));
      assertThat(world.authorizationServer.tokenRequests()).hasSize(1);
    }
  }

  @Test
  void redeemsNoCodeThatAnotherUsersFlowWasGiven() {
    try (var world = FlowWorld.start()) {
      var theirs = world.begin(OTHER, AuthorizationStart.fresh());
      var begun = world.begin();

      assertThat(world.callback(begun, world.approve(theirs)))
          .isEqualTo(world.failed(ErrorCode.TOKEN_REQUEST_REFUSED, 400));
      assertThat(world.stored(USER)).isEmpty();
      assertThat(world.stored(OTHER)).isEmpty();
    }
  }

  @Test
  void registersAnewAfterTheIssuerHasForgottenTheClientWeRegistered() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);
      world.authorizationServer.forgetRegisteredClients();
      assertThat(world.callback(begun, answer)).isEqualTo(world.failed(ErrorCode.TOKEN_REQUEST_REFUSED, 401));

      var grant = world.connect();

      assertThat(world.authorizationServer.registrations()).hasSize(2);
      assertThat(grant.client().id().value()).isNotEqualTo(sent(begun).parameters().get("client_id"));
    }
  }

  @Test
  void keepsNoTokenThatIsForAnotherResource() {
    try (var world = FlowWorld.start(knobs -> knobs.jwtAccessTokens("https://victim.example/mcp"))) {
      var begun = world.begin();

      assertThat(world.callback(begun, world.approve(begun))).isEqualTo(world.failed(ErrorCode.AUDIENCE_MISMATCH));
      assertThat(world.stored(USER)).isEmpty();
    }
  }

  @Test
  void keepsATokenThatIsForTheResource() {
    try (var world = FlowWorld.start()) {
      world.authorizationServer.adjust(knobs -> knobs.jwtAccessTokens(world.mcpServer.url()));
      var begun = world.begin();

      assertThat(world.callback(begun, world.approve(begun))).isInstanceOf(Connected.class);
    }
  }

  @Test
  void writesNoSecretIntoTheLogThatAServerSendsBackAsAnErrorWord() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);
      String code = Objects.requireNonNull(answer.code()).reveal();
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "no such code: " + code));

      assertThat(world.callback(begun, answer)).isEqualTo(world.failed(ErrorCode.TOKEN_REQUEST_REFUSED, 400));
      assertThat(world.log()).contains("code_not_redeemed").doesNotContain(code);
    }
  }

  private static Repeated repeated(FlowWorld world, ErrorCode error, @Nullable Integer upstreamStatus) {
    return new Repeated(world.connection(), SessionOutcome.failed(error, upstreamStatus), null);
  }
}
