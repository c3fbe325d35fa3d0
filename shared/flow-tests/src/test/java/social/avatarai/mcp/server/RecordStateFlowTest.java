package social.avatarai.mcp.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.core.interceptor.Context.BeforeExecution;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** The status of a connection in its record, the cause and the last error, and when each of these is cleared. */
class RecordStateFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);

  @AfterEach
  void close() {
    world.close();
  }

  private ObjectNode shown() {
    return world.flow().server(USER, MCP_ID);
  }

  private void assertState(String status, @Nullable String cause) {
    assertThat(shown().path("status").asText()).isEqualTo(status);
    assertThat(shown().path("cause").asText(null)).isEqualTo(cause);
  }

  private void assertError(String code, Instant at) {
    JsonNode error = shown().path("error");
    assertThat(error.path("code").asText()).isEqualTo(code);
    assertThat(error.path("at").asText()).isEqualTo(at.toString());
    assertThat(error.path("hint").asText()).isNotBlank();
    assertThat(error.propertyStream().count()).isEqualTo(3);
  }

  private void assertNoError() {
    assertThat(shown().path("error").isNull()).isTrue();
  }

  private void connectFails(ErrorCode code) {
    assertFails(code, () -> server.connect(USER));
  }

  @Test
  void aNewRecordIsDisconnectedForNoReason() {
    var put = server.put();
    assertThat(put.path("status").asText()).isEqualTo("disconnected");
    assertThat(put.has("cause") && put.path("cause").isNull()).isTrue();
    assertNoError();
  }

  @Test
  void failedConnectIsNotedWithTheTimeOfItsFirstInARowAndForgottenByTheNextSuccess() {
    try (var open = FakeMcpServer.open()) {
      server.put(record(open.url()));
      var first = world.clock.instant();
      open.mcpEndpoint().next(Response.of(503), Response.of(503));
      connectFails(ErrorCode.UPSTREAM_UNREACHABLE);
      assertState("disconnected", "upstream_unreachable");
      assertError("upstream_unreachable", first);

      world.clock.advance(Duration.ofMinutes(1));
      open.mcpEndpoint().next(Response.of(503), Response.of(503));
      connectFails(ErrorCode.UPSTREAM_UNREACHABLE);
      assertError("upstream_unreachable", first);

      open.mcpEndpoint().next(Response.of(418), Response.of(418), Response.of(405));
      connectFails(ErrorCode.UPSTREAM_REFUSED);
      assertError("upstream_refused", world.clock.instant());

      assertThat(server.connect(USER)).isEqualTo(new Connecting.Connected());
      assertState("connected", null);
      assertNoError();
    }
  }

  @Test
  void flowThatBeginsIsPendingAndForgetsTheErrorBefore() {
    server.put();
    world.mcpServer.mcpEndpoint().next(Response.of(503), Response.of(503));
    connectFails(ErrorCode.UPSTREAM_UNREACHABLE);
    server.begin();
    assertState("authorization_required", "consent_pending");
    assertNoError();
  }

  /** Some issuers show their error on a page of their own, and the browser never comes back. */
  @Test
  void consentThatNeverComesBackIsOverAndTheNextOneConnects() {
    server.put();
    var lost = server.begin();
    world.clock.advance(Duration.ofMinutes(11));
    assertState("authorization_required", "consent_pending");
    var next = server.begin();
    assertThat(next.state()).isNotEqualTo(lost.state());
    server.consented(next);
    assertThat(server.status()).isEqualTo("connected");
  }

  @Test
  void flowThatCannotBeginIsNoted() {
    world.authorizationServer.adjust(knobs -> knobs.withoutMetadata("code_challenge_methods_supported"));
    server.put();
    connectFails(ErrorCode.PKCE_UNSUPPORTED);
    assertState("disconnected", "pkce_unsupported");
    assertError("pkce_unsupported", world.clock.instant());
  }

  @Test
  void consentThatIsRefusedIsNotedAndTheNextOneForgetsIt() {
    server.put();
    var refused = server.begin();
    world.callback(refused, new AuthorizationResponse(null, "access_denied", world.authorizationServer.issuer(),
        IssuerContext.of(new Issuer(world.authorizationServer.issuer()))));
    assertState("authorization_required", "authorization_denied");
    assertError("authorization_denied", world.clock.instant());

    var begun = server.begin();
    world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_grant"));
    world.callback(begun, world.approve(begun));
    assertError("token_request_refused", world.clock.instant());

    server.connectWithConsent();
    assertState("connected", null);
    assertNoError();
  }

  @Test
  void consentThroughAnAccessForgetsTheErrorToo() {
    server.put();
    world.mcpServer.mcpEndpoint().next(Response.of(503), Response.of(503));
    connectFails(ErrorCode.UPSTREAM_UNREACHABLE);
    var begun = server.begin();
    world.mcpServer.mcpEndpoint().next(Response.of(503), Response.of(503));
    connectFails(ErrorCode.UPSTREAM_UNREACHABLE);
    server.consented(begun);
    assertState("connected", null);
    assertNoError();
  }

  @Test
  void tokenThatTheServerRefusesThoughItsIssuerRenewsItIsAStateOfItsOwn() {
    server.put();
    server.connectWithConsent();
    world.mcpServer.mcpEndpoint().next(Response.of(403));
    connectFails(ErrorCode.TOKEN_REJECTED_BY_RESOURCE);
    assertState("resource_rejects", "token_rejected_by_resource");
    assertThat(server.connect(USER)).isEqualTo(new Connecting.Connected());
    assertState("connected", null);
    assertNoError();
  }

  @Test
  void failedConnectOfAConnectedServerLeavesItConnected() {
    server.put();
    server.connectWithConsent();
    world.mcpServer.mcpEndpoint().next(Response.of(503), Response.of(503));
    connectFails(ErrorCode.UPSTREAM_UNREACHABLE);
    assertState("connected", "upstream_unreachable");
    assertThat(server.disconnect(USER)).isTrue();
    assertState("disconnected", null);
    assertNoError();
  }

  @Test
  void grantThatCannotBeRenewedSaysWhy() {
    server.put();
    var grant = server.connectWithConsent();
    world.authorizationServer.revoke(GrantWorld.refreshTokenOf(grant).reveal());
    world.clock.advance(Duration.ofMinutes(61));
    server.access(USER);
    assertState("reauthorization_required", "refresh_refused");
  }

  @Test
  void tokenThatEndsAndCannotBeRenewedNeedsConsentBeforeTheNextRequest() {
    world.authorizationServer.adjust(knobs -> knobs.withoutRefreshTokens());
    server.put();
    server.connectWithConsent();
    assertState("connected", null);
    world.clock.advance(Duration.ofMinutes(61));
    assertState("reauthorization_required", "token_expired");
  }

  @Test
  void renewalThatFailsForNowIsOnlyACauseWhileTheTokenLives() {
    server.put();
    server.connectWithConsent();
    world.clock.advance(Duration.ofSeconds(3590));
    world.authorizationServer.tokenEndpoint().next(Response.of(503).with("Retry-After", "600"));
    server.access(USER);
    assertState("connected", "refresh_postponed");
    world.clock.advance(Duration.ofSeconds(10));
    assertState("authorization_required", "refresh_postponed");
    assertThat(shown().at("/error/retry_at").asText()).isEqualTo(world.clock.instant().plusSeconds(590).toString());
  }

  @Test
  void serverThatIsSwitchedOffSaysSo() {
    server.put();
    server.connectWithConsent();
    server.put(record(world.mcpServer.url()).put("enabled", false));
    assertState("connected", "server_disabled");
  }

  @Test
  void changedServerForgetsTheErrorOfTheOneBefore() {
    server.put();
    world.mcpServer.mcpEndpoint().next(Response.of(503), Response.of(503));
    connectFails(ErrorCode.UPSTREAM_UNREACHABLE);
    server.put(record(world.mcpServer.url()).put("name", "Another name"));
    assertError("upstream_unreachable", world.clock.instant());
    server.put(record(world.mcpServer.url() + "/other"));
    assertNoError();
  }

  @Test
  void whatARecordSaysOfItsStateIsOursToWriteAndComesBackInUnharmed() {
    server.put();
    world.mcpServer.mcpEndpoint().next(Response.of(503), Response.of(503));
    connectFails(ErrorCode.UPSTREAM_UNREACHABLE);
    var before = shown();
    server.put(before.deepCopy().put("status", "connected").put("cause", "invented"));
    assertThat(shown()).isEqualTo(before);
  }

  /** Restarts as on AWS, where the service does not connect to loopback and internal addresses. */
  private void restartAsDeployed() {
    world.platform.with(AddressPolicy.publicInternet());
    world.restart();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://localhost:8089/mcp", "http://127.0.0.1/mcp", "https://localhost/mcp",
      "https://10.0.0.1/mcp", "https://mcp.internal/mcp", "https://mcp.example:8080/mcp"})
  void recordThatCannotBeReachedFromHereIsKeptAndSaysSo(String url) {
    restartAsDeployed();
    var put = server.put(record(url));
    assertThat(put.path("status").asText()).isEqualTo("unreachable_here");
    assertThat(put.path("cause").asText()).isEqualTo("blocked_url");
    assertState("unreachable_here", "blocked_url");
    assertThat(world.servers(USER)).singleElement()
        .satisfies(shown -> assertThat(shown.path("status").asText()).isEqualTo("unreachable_here"));
    connectFails(ErrorCode.BLOCKED_URL);
    assertThat(catchThrowable(() -> server.connect(USER))).hasMessageContaining("endpoint.url");
    assertFails(ErrorCode.BLOCKED_URL, () -> server.access(USER));
    assertError("blocked_url", world.clock.instant());
  }

  @Test
  void recordIsUnreachableOnlyWhereItIs() {
    server.put();
    restartAsDeployed();
    assertState("unreachable_here", "blocked_url");
    world.platform.with(AddressPolicy.withLoopback());
    world.restart();
    assertState("disconnected", null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://mcp.example/mcp", "ftp://mcp.example/", "mcp.example",
      "https://user@mcp.example/mcp"})
  void plainlyBadUrlIsRefused(String url) {
    restartAsDeployed();
    assertFails(ErrorCode.INVALID_URL, () -> server.put(record(url)));
    assertThat(world.servers(USER)).isEmpty();
  }

  @Test
  void noteThatCannotBeWrittenDoesNotHideWhatWentWrong() {
    server.put();
    world.mcpServer.mcpEndpoint().next(Response.of(503), Response.of(503));
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(new NoNotes()));
    world.restart();
    connectFails(ErrorCode.UPSTREAM_UNREACHABLE);
    assertThat(world.log()).contains("connection_not_noted");
  }

  /** Refuses every update of a record. The counter of the user's calls, in the same table, can be written. */
  private static final class NoNotes implements ExecutionInterceptor {
    @Override
    public void beforeExecution(BeforeExecution context, ExecutionAttributes attributes) {
      if (context.request() instanceof UpdateItemRequest update && MCP_ID.value().equals(sortKey(update))) {
        throw new IllegalStateException("no updates of records");
      }
    }

    private static String sortKey(UpdateItemRequest update) {
      return requireNonNull(update.key().get("sk")).s();
    }
  }

  @Test
  void nothingOfTheServersOwnIsEverInTheError() {
    String foreign = "tainted-by-the-server";
    try (var hostile = FakeMcpServer.open()) {
      server.put(record(hostile.url()));
      for (var response : new Response[]{Response.html(400, foreign), Response.html(200, foreign),
          Response.of(503).with("Retry-After", foreign), Response.redirect(307, "https://evil.example/" + foreign)}) {
        hostile.mcpEndpoint().next(response, response);
        if (response.status() == 400) hostile.mcpEndpoint().next(response);
        assertThat(catchThrowable(() -> server.connect(USER))).isInstanceOf(Failure.class);
        assertThat(shown().path("error").isObject()).isTrue();
        assertThat(world.everythingStored()).doesNotContain(foreign);
      }
    }
  }

  @Test
  void listShowsTheSameAsTheRecord() {
    server.put();
    world.mcpServer.mcpEndpoint().next(Response.of(503), Response.of(503));
    connectFails(ErrorCode.UPSTREAM_UNREACHABLE);
    assertThat(world.servers(USER)).containsExactly(shown());
    assertThat(world.flow().deleteServer(USER, MCP_ID, deadline()).revoked()).isFalse();
  }
}
