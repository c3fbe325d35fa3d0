package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.Browsers.answer;
import static social.avatarai.mcp.world.Browsers.atOnce;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.Browsers.through;
import static social.avatarai.mcp.world.Browsers.withIss;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.State;
import social.avatarai.mcp.authorization.CallbackOutcome.Connected;
import social.avatarai.mcp.authorization.CallbackOutcome.Repeated;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;

/**
 * An authorization response through the right browser: its code is exchanged for tokens exactly once, or the flow ends.
 */
class CallbackFlowTest {

  @Test
  void redeemsTheCodeWithOneRequestThatSaysWhatTheAuthorizationRequestSaid() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);

      var connected = (Connected) world.callback(begun, answer);

      var asked = sent(begun).parameters();
      assertThat(world.authorizationServer.tokenRequests()).hasSize(1);
      var request = world.authorizationServer.tokenRequests().getFirst();
      var form = request.parameters();
      assertThat(form).containsOnlyKeys("grant_type", "code", "redirect_uri", "code_verifier", "resource", "client_id",
          "client_secret").containsAllEntriesOf(
              Map.of("grant_type", "authorization_code", "code",
                  Objects.requireNonNull(answer.code()).reveal(), "redirect_uri", world.contextCallback(), "resource",
                  world.mcpServer.url(), "client_id", asked.getOrDefault("client_id", "")));
      assertThat(Digest.sha256Base64Url(form.getOrDefault("code_verifier", ""))).isEqualTo(asked.get("code_challenge"));
      assertThat(request.rawQuery()).isEmpty();
      assertThat(request.header("authorization")).isEmpty();
      assertThat(world.authorizationServer.accepts(connected.grant().tokens().accessToken().reveal())).isTrue();
      assertThat(world.stored(USER)).get().isEqualTo(connected.grant());
      assertThat(world.stored(OTHER)).isEmpty();
    }
  }

  @Test
  void writesNoSecretIntoTheLogOrATable() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);
      var connected = (Connected) world.callback(begun, answer);
      var refused = world.begin();
      world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_grant"));
      world.callback(refused, world.approve(refused));

      var form = world.authorizationServer.tokenRequests().getFirst().parameters();
      var tokens = connected.grant().tokens();
      String[] secrets = {begun.state().value(), begun.browser().reveal(), form.get("code"), form.get("code_verifier"),
          form.get("client_secret"), tokens.accessToken().reveal(),
          Objects.requireNonNull(tokens.refreshToken()).reveal(), refused.state().value()};
      assertThat(world.log()).contains("code_not_redeemed").doesNotContain(secrets);
      assertThat(world.everythingStored()).contains("DONE", "FAILED").doesNotContain(secrets);
      assertThat(connected.toString() + begun).doesNotContain(tokens.accessToken().reveal(), secrets[1], secrets[6]);
    }
  }

  @Test
  void knowsNoStateThatItHasNotGiven() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);

      assertFails(ErrorCode.UNKNOWN_STATE,
          () -> world.callback(new AuthorizationStarted("", State.fresh(), begun.browser(), begun.trusted(), Set.of()),
              answer));
      for (String malformed : new String[]{"a.b", "u:1", "état", "a b", "{}", "\0"}) {
        assertFails(ErrorCode.UNKNOWN_STATE, () -> State.ofParameter("state", malformed));
      }
      assertFails(ErrorCode.INVALID_REQUEST, () -> State.ofParameter("state", "a".repeat(10_000)));
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
      assertThat(world.callback(begun, answer)).isInstanceOf(Connected.class);
    }
  }

  @Test
  void isOverTenMinutesAfterItBeganThoughTheRowIsStillThere() {
    try (var world = FlowWorld.start()) {
      var late = world.begin();
      var tooLate = world.approve(late);
      world.clock.advance(Duration.ofMinutes(1));
      var begun = world.begin();
      world.clock.advance(Duration.ofMinutes(9));

      assertFails(ErrorCode.UNKNOWN_STATE, () -> world.callback(late, tooLate));
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
      assertThat(world.sessionRows()).hasSize(2);
      assertThat(world.callback(begun, world.approve(begun))).isInstanceOf(Connected.class);
    }
  }

  @Test
  void tellsTheOutcomeWithoutATokenForTenMinutes() {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);
      var tokens = ((Connected) world.callback(begun, answer)).grant().tokens();
      world.clock.advance(Duration.ofMinutes(9));

      assertThat(world.callback(begun, answer)).isEqualTo(new Repeated(world.connection(),
          SessionOutcome.connected(tokens.scope(), tokens.expiresAt()), null));
      world.clock.advance(Duration.ofMinutes(1));
      assertFails(ErrorCode.UNKNOWN_STATE, () -> world.callback(begun, answer));
      assertThat(world.authorizationServer.tokenRequests()).hasSize(1);
    }
  }

  @Test
  void sendsOneTokenRequestForTwentyCallbacksAtOnce() throws Exception {
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var answer = world.approve(begun);

      var outcomes = atOnce(() -> world.callback(begun, answer));

      assertThat(world.authorizationServer.tokenRequests()).hasSize(1);
      assertThat(outcomes).filteredOn(Connected.class::isInstance).hasSize(1);
      assertThat(outcomes).filteredOn(Repeated.class::isInstance).hasSize(19)
          .allMatch(outcome -> ((Repeated) outcome).outcome().error() == null);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://issuer.example", "http://LOCALHOST:%d", "http://localhost:%d/",
      "HTTP://localhost:%d",
      "http://127.0.0.1:%d", "http://%%6cocalhost:%d", ""})
  void refusesAnIssThatIsNotTheIssuerLetterForLetter(String iss) {
    for (boolean announced : new boolean[]{true, false}) {
      try (var world = FlowWorld.start(knobs -> {
        if (!announced) knobs.withoutIss();
      })) {
        var begun = world.begin();
        var answer = withIss(world.approve(begun),
            iss.formatted(URI.create(world.authorizationServer.issuer()).getPort()));

        assertThat(world.callback(begun, answer)).isEqualTo(world.failed(ErrorCode.ISSUER_MISMATCH));
        assertThat(world.authorizationServer.tokenRequests()).isEmpty();
      }
    }
  }

  @Test
  void refusesAnAnswerWithoutTheIssThatWasAnnounced() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::issMissing)) {
      var begun = world.begin();

      assertThat(world.callback(begun, world.approve(begun))).isEqualTo(world.failed(ErrorCode.ISSUER_MISMATCH));
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
    }
  }

  @Test
  void takesAnAnswerWithoutIssWhereNoneWasAnnounced() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::withoutIss)) {
      assertThat(world.connect()).isNotNull();
    }
  }

  @Test
  void doesNotBelieveAnErrorOfAnotherIssuer() {
    try (var world = FlowWorld.start(knobs -> knobs.authorizationError("access_denied").iss("https://evil.example"))) {
      var begun = world.begin();

      assertThat(world.callback(begun, world.approve(begun))).isEqualTo(world.failed(ErrorCode.ISSUER_MISMATCH));
      assertThat(world.log()).doesNotContain("authorization_denied");
    }
  }

  @Test
  void refusesAnAnswerThroughAnotherIssuersDoor() {
    var otherDoor = IssuerContext.of(new Issuer("https://issuer.example"));
    try (var world = FlowWorld.start()) {
      var begun = world.begin();
      var plain = world.begin();

      assertThat(world.callback(begun, through(otherDoor, world.approve(begun))))
          .isEqualTo(world.failed(ErrorCode.CONTEXT_MISMATCH));
      assertThat(world.callback(plain, through(null, world.approve(plain))))
          .isEqualTo(world.failed(ErrorCode.CONTEXT_MISMATCH));
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
    }
  }

  @Test
  void sendsNoCodeOfAnHonestServerToAnotherThatMixesThemUpWithoutIss() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::withoutIss);
        var evil = FakeAuthorizationServer.start(AuthorizationServerKnobs::withoutIss);
        var trap = FakeMcpServer.protectedBy(evil)) {
      var honest = world.begin();
      var trapped = world.begin(USER, FlowWorld.urlOf(trap), AuthorizationStart.fresh());
      // The evil server redirects the browser to the honest server, with our client there and the victim's state.
      String mixedUp = honest.authorizationUrl()
          .replace(honest.state().value(), trapped.state().value())
          .replace(challenge(honest), challenge(trapped));

      var outcome = world.callback(trapped, answer(world.authorizationServer.approve(mixedUp)));

      assertThat(outcome).extracting("error").isEqualTo(ErrorCode.CONTEXT_MISMATCH);
      assertThat(evil.tokenRequests()).isEmpty();
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
    }
  }

  @Test
  void followsNoRedirectOfTheTokenEndpoint() {
    try (var world = FlowWorld.start(); var collector = LoopbackHttp.start(_ -> Response.of(200))) {
      var begun = world.begin();
      world.authorizationServer.tokenEndpoint().next(Response.redirect(307, collector.url() + "/token"));

      assertThat(world.callback(begun, world.approve(begun)))
          .isEqualTo(world.failed(ErrorCode.TOKEN_REQUEST_REFUSED, 307));
      assertThat(collector.requests()).isEmpty();
      assertThat(world.authorizationServer.tokenRequests()).hasSize(1);
      assertThat(world.stored(USER)).isEmpty();
    }
  }

  private static String challenge(AuthorizationStarted begun) {
    return sent(begun).parameters().getOrDefault("code_challenge", "");
  }
}
