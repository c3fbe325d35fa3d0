package social.avatarai.mcp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.begun;
import static social.avatarai.mcp.world.ServerWorld.isConnected;
import static social.avatarai.mcp.world.UsersClient.NEXT_SECRET;
import static social.avatarai.mcp.world.UsersClient.SECRET;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;
import social.avatarai.mcp.world.UsersClient;

/**
 * A user repairs a connection whose grant cannot be renewed. The wait after a failed refresh protects the issuer, and
 * does not keep the user from a new consent or from storing a new client secret.
 */
class RepairFlowTest {

  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);
  private final UsersClient client = new UsersClient(world);

  @BeforeEach
  void connect() {
    client.connect();
  }

  @AfterEach
  void close() {
    world.close();
  }

  private void endToken() {
    world.clock.advance(Duration.ofMinutes(61));
  }

  /** A caller without {@code start=true} gets the failure, with the time of the next attempt. */
  private Failure assertFails() {
    var failure = (Failure) catchThrowable(() -> server.access(USER));
    assertThat(failure).isInstanceOf(Failure.Unreachable.class);
    assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
    assertThat(failure.retryAt()).isPresent();
    return failure;
  }

  private Access.NoUsableToken stuck() {
    var access = world.flow().accessOrStuck(USER, new Target.ByConnection(MCP_ID), GrantWorld.call("whoami"),
        deadline());
    if (access instanceof Access.NoUsableToken stuck) return stuck;
    throw new AssertionError("a usable token, or none at all: " + access);
  }

  private ConnectionView view() {
    return world.flow().connection(USER, MCP_ID);
  }

  /** The list, the record and the connection say the same. */
  private void assertState(String status, @Nullable String cause) {
    var shown = world.flow().server(USER, MCP_ID);
    assertThat(shown.path("status").asText()).isEqualTo(status);
    assertThat(shown.path("cause").asText(null)).isEqualTo(cause);
    assertThat(world.servers(USER)).containsExactly(shown);
    assertThat(view().status().wireName()).isEqualTo(status);
    assertThat(view().cause()).isEqualTo(cause);
    assertThat(world.flow().connections(USER, null, 10).connections()).containsExactly(view());
    assertThat(Optional.ofNullable(view().error()).map(error -> error.json().toString()).orElse("null"))
        .isEqualTo(shown.path("error").toString());
  }

  static Stream<Arguments> failures() {
    var errorObject = Json.newObject();
    errorObject.putObject("error").put("message", "invented");
    return Stream.of(Arguments.of(Response.of(500), "refresh_unanswered"),
        Arguments.of(Response.of(429).with("Retry-After", "3600"), "refresh_postponed"),
        Arguments.of(Response.of(503), "refresh_postponed"),
        Arguments.of(Response.html(200, "<h1>Log in</h1>"), "refresh_unanswered"),
        Arguments.of(Response.error(400, "unsupported_grant_type"), "refresh_refused"),
        Arguments.of(Response.json(400, errorObject), "refresh_refused"),
        Arguments.of(Response.html(403, "<h1>Blocked</h1>"), "refresh_refused"),
        Arguments.of(Response.error(401, "invalid_client"), "client_refused"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void connectOffersConsentWhereTheTokenHasEndedAndCannotBeRenewedNow(Response refusal, String cause) {
    endToken();
    world.authorizationServer.tokenEndpoint().next(refusal);
    var connecting = server.connect(USER);
    assertThat(begun(connecting).authorizationUrl()).startsWith(world.authorizationServer.issuer());
    assertThat(((Connecting.AuthorizationRequired) connecting).why().cause()).isEqualTo(cause);
    assertState("authorization_required", cause);
    assertThat(Objects.requireNonNull(view().error()).retryAt()).isAfter(world.clock.instant());

    server.consented(begun(connecting));
    assertState("connected", null);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-2");
    assertThat(world.refreshes()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void onlyConsentGoesAroundTheWait(Response refusal, String cause) {
    endToken();
    world.authorizationServer.tokenEndpoint().next(refusal);
    var retryAt = assertFails().retryAt().orElseThrow().truncatedTo(ChronoUnit.MILLIS);
    assertState("authorization_required", cause);
    for (int i = 0; i < 2; i++) {
      begun(server.connect(USER));
      assertThat(assertFails().retryAt()).contains(retryAt);
      world.refreshDue();
    }
    assertThat(world.refreshes()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void accessThatAsksForAStartGetsAFlowWhereTheTokenCannotBeRenewedNow(Response refusal, String cause) {
    endToken();
    world.authorizationServer.tokenEndpoint().next(refusal);
    var started = world.flow().consentInstead(USER, stuck(), AuthorizationStart.fresh().forServer(MCP_ID), world.now());
    assertState("authorization_required", cause);
    server.consented(started);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-2");
  }

  @ParameterizedTest
  @MethodSource("failures")
  void tokenThatIsStillUsableIsConnectedAsBefore(Response refusal, String cause) {
    world.clock.advance(Duration.ofSeconds(3590));
    world.authorizationServer.tokenEndpoint().next(refusal);
    assertThat(isConnected(server.connect(USER))).isTrue();
    assertState("connected", cause);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(isConnected(server.connect(USER))).isTrue();
    assertThat(world.refreshes()).isEqualTo(1);
  }

  @Test
  void connectSaysWhenToTryAgainWhereTheIssuerCannotBeReachedForAFlowEither() {
    endToken();
    world.restart();
    world.authorizationServer.tokenEndpoint().next(Response.of(503).with("Retry-After", "900"));
    var retryAt = world.clock.instant().plusSeconds(900);
    world.authorizationServer.metadataEndpoint().next(Response.of(503), Response.of(503));
    var failure = (Failure) catchThrowable(() -> server.connect(USER));
    assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
    assertThat(failure.retryAt()).contains(retryAt);
    assertThat(Objects.requireNonNull(view().error()).retryAt()).isEqualTo(retryAt);
  }

  @Test
  void connectSaysThatTheServerIsDownAndAlsoThatItsGrantCannotBeRenewedNow() {
    endToken();
    world.authorizationServer.tokenEndpoint().next(Response.of(503).with("Retry-After", "900"));
    assertFails();
    world.mcpServer.close();
    var failure = (Failure) catchThrowable(() -> server.connect(USER));
    assertThat(failure.code()).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
    assertThat(failure.safeMessage()).contains("The server could not be reached")
        .contains("The authorization server cannot renew the token now");
    assertThat(failure.retryAt()).isPresent();
  }

  @Test
  void rotatedClientSecretPutAnewTheNextCallWorks() {
    client.changeSecret(NEXT_SECRET);
    endToken();
    assertFails();
    assertState("authorization_required", "client_refused");
    server.put(client.recordWith(NEXT_SECRET));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertState("connected", null);
    assertThat(world.refreshes()).isEqualTo(2);
  }

  @Test
  void sameSecretPutAgainDoesNotLiftTheWait() {
    client.changeSecret(NEXT_SECRET);
    endToken();
    assertFails();
    server.put(client.recordWith(SECRET));
    assertFails();
    assertThat(world.refreshes()).isEqualTo(1);
  }

  @Test
  void rotatedSecretThatIsPutAfterTheGrantHasEndedBringsItBack() {
    client.changeSecret(NEXT_SECRET);
    endToken();
    assertFails();
    world.clock.advance(Duration.ofMinutes(16));
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertState("reauthorization_required", "client_refused");
    world.clock.advance(Duration.ofDays(1));
    server.put(client.recordWith(NEXT_SECRET));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertState("connected", null);
    assertThat(world.log()).contains("\"event\":\"grant_recovered\"");
  }

  @Test
  void noNewSecretBringsADeadGrantBack() {
    endToken();
    world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_grant"));
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    client.changeSecret(NEXT_SECRET);
    server.put(client.recordWith(NEXT_SECRET));
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(world.refreshes()).isEqualTo(1);
  }

  @Test
  void secretThatIsRefusedTooWaitsAgain() {
    client.changeSecret(NEXT_SECRET);
    endToken();
    assertFails();
    server.put(client.recordWith("another-wrong-secret"));
    assertFails();
    assertFails();
    assertThat(world.refreshes()).isEqualTo(2);
    server.put(client.recordWith(NEXT_SECRET));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void secretOfTheClientIsNotStoredWithTheGrantInTheClear() {
    client.changeSecret(NEXT_SECRET);
    endToken();
    assertFails();
    assertThat(world.everythingStored()).doesNotContain(SECRET);
  }

  private void refuseTokens(boolean refused) {
    world.mcpServer.adjust(knobs -> knobs.takesTokens(!refused));
  }

  @Test
  void tokenThatIsRenewedButRefusedCostsOneRotationAndIsAStateThatIsRecordedOnce() {
    refuseTokens(true);
    Instant first = world.clock.instant();
    for (int i = 0; i < 3; i++) {
      assertThat(server.access(USER)).isEqualTo(new Access.Rejected(401));
      world.clock.advance(Duration.ofMinutes(1));
    }
    assertThat(world.refreshes()).isEqualTo(1);
    assertState("resource_rejects", "token_rejected_by_resource");
    assertThat(Objects.requireNonNull(view().error()).at()).isEqualTo(first);
    assertThat(world.logged("resource_rejects")).hasSize(1);
  }

  @Test
  void tokenThatEndsWhileTheServerRefusesIsRenewedOnceAndStartsNoLoop() {
    refuseTokens(true);
    server.access(USER);
    endToken();
    for (int i = 0; i < 3; i++)
      assertThat(server.access(USER)).isEqualTo(new Access.Rejected(401));
    assertThat(world.refreshes()).as("the one after the 401, and the one of the ended token").isEqualTo(2);
    assertState("resource_rejects", "token_rejected_by_resource");
  }

  /** The bug: each call renewed the token twice, for ever, where the issuer gives tokens of no life. */
  @Test
  void tokensThatHaveEndedWhenTheyComeCostOneRenewalACallWhileTheServerRefusesThem() {
    world.authorizationServer.adjust(knobs -> knobs.tokenResponse("expires_in", 0));
    refuseTokens(true);
    for (int i = 1; i <= 5; i++) {
      assertThat(server.access(USER)).isEqualTo(new Access.Rejected(401));
      assertThat(world.refreshes()).as("call %s", i).isEqualTo(i);
    }
  }

  /** Some servers refuse one request and take all others. Each of them would cost a renewal if the state ended at once. */
  @Test
  void serverThatTakesTheRefusedTokenAgainEndsTheStateAfterAnHour() {
    refuseTokens(true);
    server.access(USER);
    refuseTokens(false);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertState("resource_rejects", "token_rejected_by_resource");
    refuseTokens(true);
    server.access(USER);
    assertThat(world.refreshes()).as("the server has not seen a newer token").isEqualTo(1);
    refuseTokens(false);
    world.clock.advance(Duration.ofHours(1));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertState("connected", null);
  }

  @Test
  void serverThatTakesANewerTokenEndsTheState() {
    refuseTokens(true);
    server.access(USER);
    refuseTokens(false);
    world.clock.advance(Duration.ofSeconds(1));
    world.flow().refresh(USER, new What.Stored(MCP_ID), deadline());
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertState("connected", null);
  }

  enum Way {
    CONNECT, START
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void consentIsOfferedWhereTheServerRefusesRenewedTokensAndEndsTheState(Way way) {
    refuseTokens(true);
    server.access(USER);
    var started = way == Way.CONNECT
        ? begun(server.connect(USER))
        : world.flow().consentInstead(USER, stuck(), AuthorizationStart.fresh().forServer(MCP_ID), world.now());
    assertState("resource_rejects", "token_rejected_by_resource");
    server.consented(started);
    assertState("connected", null);
    refuseTokens(false);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-2");
    assertThat(world.refreshes()).isEqualTo(1);
  }

  @Test
  void eachChangeOfStateIsLoggedOnce() {
    endToken();
    world.authorizationServer.tokenEndpoint().next(Response.of(503), Response.of(503), Response.error(400, "odd"));
    for (int i = 0; i < 3; i++) {
      assertFails();
      assertFails();
      world.clock.advance(Duration.ofHours(2));
    }
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(world.log().lines().filter(line -> line.contains("refresh_waits") || line.contains("grant_recovered"))
        .map(line -> Json.object(line.getBytes(UTF_8)).orElseThrow())
        .map(line -> line.path("event").asText() + " " + line.path("detail").asText()))
        .containsExactly("refresh_waits refresh_postponed", "refresh_waits refresh_refused", "grant_recovered ");
  }
}
