package social.avatarai.mcp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.testkit.FakeSseServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.Browsers;
import social.avatarai.mcp.world.ProviderWorld;
import social.avatarai.mcp.world.ServerWorld;

/** Neon: a dynamic client, a consent at its MCP server and then at Neon, and refreshes that are replayed. */
class NeonFlowTest {
  private final ProviderWorld neon = ProviderWorld.ofReplica(FakeProvider.NEON);

  @AfterEach
  void close() {
    neon.close();
  }

  @Test
  void registersAndConnectsThroughTwoConsents() {
    neon.server.put();
    var begun = neon.server.begin();
    assertThat(begun.authorizationUrl()).startsWith(neon.issuer().origin() + "/api/authorize?");
    assertThat(Browsers.sent(begun).parameters()).containsEntry("resource", neon.world.mcpServer.url());
    assertThat(Browsers.sent(begun).parameters().get("state")).as("it travels inside of Neon's own")
        .hasSizeLessThanOrEqualTo(128);
    neon.server.consented(begun);

    var registration = neon.issuer().registrations().getLast();
    assertThat(registration.path()).isEqualTo("/api/register");
    assertThat(registration.json().fieldNames()).toIterable().contains("client_name", "redirect_uris", "grant_types",
        "response_types");
    assertThat(neon.issuer().upstream().server().tokenRequests()).as("redeemed by Neon").hasSize(1);
    assertThat(neon.sent().path()).isEqualTo("/api/token");
    assertThat(neon.sent().header("content-type")).contains("application/x-www-form-urlencoded");
    assertThat(neon.stored().orElseThrow().tokens().scope()).hasToString("read write");
    assertThat(saidBy(neon.server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void resourceWithTheQueryOfTheServersUrlIsNeonsOwn() {
    neon.server.put(ServerWorld.record(neon.world.mcpServer.url() + "?readonly=true"));
    var grant = neon.server.connectWithConsent();
    assertThat(grant.target().resource().value()).startsWith(neon.world.mcpServer.url());
    assertThat(saidBy(neon.server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void userConnectsOverSse() {
    try (var sse = FakeSseServer.atOriginOf(neon.issuer(), (_, _) -> {})) {
      var record = Json.newObject();
      record.putObject("endpoint").put("type", "sse").put("url", sse.url());
      neon.server.put(record);
      var grant = neon.server.connectWithConsent();
      assertThat(grant.target().resource().value()).isEqualTo(sse.url());
      assertThat(saidBy(neon.server.access(USER))).isEqualTo("owner-1");
      int before = sse.steps().size();
      assertThat(saidBy(neon.server.access(USER))).isEqualTo("owner-1");
      assertThat(sse.steps().subList(before, sse.steps().size())).containsExactly("GET", "initialize",
          "notifications/initialized", "tools/call");

      neon.world.clock.advance(Duration.ofHours(1));
      assertThat(saidBy(neon.server.access(USER))).isEqualTo("owner-1");
      assertThat(neon.world.refreshes()).isEqualTo(1);
      assertThat(neon.server.disconnect(USER)).isTrue();
    }
  }

  @Test
  void refusalOfTheUpstreamIsRelayedAndEndsTheFlow() {
    neon.server.put();
    var begun = neon.server.begin();
    neon.issuer().upstream().server().adjust(knobs -> knobs.authorizationError("request_forbidden"));
    assertThat(neon.world.callback(begun, neon.world.approve(begun)))
        .asInstanceOf(type(CallbackOutcome.Failed.class))
        .satisfies(failed -> assertThat(failed.error()).isEqualTo(ErrorCode.AUTHORIZATION_DENIED));
    assertThat(neon.issuer().tokenRequests()).isEmpty();
  }

  /** The bug in others: the first use of the old token was lost, and its second use counted as theft. */
  @Test
  void refreshWhoseResponseIsLostIsRepeatedAndGetsTheSamePair() {
    neon.connect();
    neon.world.clock.advance(Duration.ofHours(1));
    neon.issuer().tokenEndpoint().closeAfterReading();
    assertFails(ErrorCode.UPSTREAM_UNREACHABLE, () -> neon.server.access(USER));
    var alive = neon.issuer().liveRefreshTokens();

    neon.world.clock.advance(Duration.ofMinutes(2));
    assertThat(saidBy(neon.server.access(USER))).isEqualTo("owner-1");
    assertThat(alive).containsExactly(neon.refreshToken().reveal());
    var sent = neon.issuer().refreshTokensSent();
    assertThat(sent).hasSize(2).allMatch(token -> token.equals(sent.getFirst()));
  }

  /** The pair of the first use is given again, with what is left of its life: less than nothing. */
  @Test
  void replayedPairThatHasEndedIsRefreshedOnceMore() {
    neon.connect();
    neon.world.clock.advance(Duration.ofHours(1));
    neon.issuer().tokenEndpoint().closeAfterReading();
    assertFails(ErrorCode.UPSTREAM_UNREACHABLE, () -> neon.server.access(USER));

    neon.world.clock.advance(Duration.ofHours(2));
    assertThat(saidBy(neon.server.access(USER))).isEqualTo("owner-1");
    assertThat(neon.issuer().refreshTokensSent()).hasSize(3);
    assertThat(neon.issuer().liveRefreshTokens()).containsExactly(neon.refreshToken().reveal());
  }

  @Test
  void refreshThatAnotherRefreshHoldsUpIsTriedAgainLater() {
    neon.connect();
    neon.world.clock.advance(Duration.ofHours(1));
    neon.issuer().tokenEndpoint().next(Response.json(503, Json.newObject().put("error", "temporarily_unavailable")
        .put("error_description", "Another refresh is in progress, please retry")));
    assertFails(ErrorCode.UPSTREAM_UNREACHABLE, () -> neon.server.access(USER));
    assertThat(neon.stored().orElseThrow().state().needsReauthorization()).isFalse();

    neon.world.clock.advance(Duration.ofMinutes(2));
    assertThat(saidBy(neon.server.access(USER))).isEqualTo("owner-1");
  }

  /** At Neon, this is a 400. */
  @Test
  void clientThatNeonHasForgottenIsRegisteredAgain() {
    neon.connect();
    neon.issuer().forgetRegisteredClients();
    neon.world.clock.advance(Duration.ofHours(1));
    assertThat(neon.server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);

    neon.server.connectWithConsent();
    assertThat(neon.issuer().registrations()).hasSize(2);
    assertThat(saidBy(neon.server.access(USER))).isEqualTo("owner-2");
  }

  @Test
  void disconnectRevokesAtNeonAndNotAtItsUpstream() {
    neon.connect();
    var token = neon.refreshToken();
    assertThat(neon.server.disconnect(USER)).isTrue();
    assertThat(neon.revocation().method() + " " + neon.revocation().path()).isEqualTo("POST /api/revoke");
    assertThat(neon.revocation().parameters()).containsEntry("token", token.reveal())
        .containsEntry("token_type_hint", "refresh_token");
    assertThat(neon.issuer().liveRefreshTokens()).isEmpty();
    assertThat(neon.issuer().upstream().server().revocations()).isEmpty();
  }
}
