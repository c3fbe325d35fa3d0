package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.invocation;
import static social.avatarai.mcp.world.GrantWorld.listTools;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.flow.Flow.Registering;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.token.Revocation;
import social.avatarai.mcp.world.GrantWorld;

/** An authorization server refuses. The outcome names its HTTP status, and the time when another try makes sense. */
class IssuerRefusalFlowTest {
  private final GrantWorld world = GrantWorld.start();

  @AfterEach
  void close() {
    world.close();
  }

  private static Failure failure(ThrowingCallable call) {
    var failure = catchThrowableOfType(Failure.class, call);
    assertThat(failure).isNotNull();
    return failure;
  }

  private static void assertSaid(Failure failure, ErrorCode code, int status) {
    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.upstreamStatus()).contains(status);
  }

  private Instant in(Duration wait) {
    return world.clock.instant().plus(wait);
  }

  private Failure discovery(LoopbackHttp issuer) {
    return failure(() -> world.flow.discoverAuthorizationServer(USER, new Issuer(issuer.url()), inTime()));
  }

  @ParameterizedTest
  @CsvSource({"404,404", "403,403", "200,200"})
  void absentMetadataNamesTheStatusThatSaysMost(int ofOpenId, int told) {
    try (var issuer = LoopbackHttp.start(request -> request.path().contains("openid")
        ? Response.html(ofOpenId, "<h1>hello</h1>")
        : Response.of(404))) {
      assertSaid(discovery(issuer), ErrorCode.ISSUER_METADATA_NOT_FOUND, told);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503})
  void metadataThatCannotBeHadNowNamesStatusAndTime(int status) {
    try (var issuer = LoopbackHttp.start(_ -> Response.of(status).with("Retry-After", "30"))) {
      var failure = discovery(issuer);
      assertSaid(failure, ErrorCode.UPSTREAM_UNREACHABLE, status);
      assertThat(failure.retryAt()).contains(in(Duration.ofSeconds(30)));
    }
  }

  @Test
  void metadataThatBreaksARuleCameWithAStatusToo() {
    try (
        var issuer = LoopbackHttp.start(_ -> Response.json(200, Json.newObject().put("issuer", "https://a.example")))) {
      assertSaid(discovery(issuer), ErrorCode.ISSUER_MISMATCH, 200);
    }
  }

  @Test
  void metadataTheChallengeNamesAndThatIsNotThereNamesItsStatus() {
    world.mcpServer.adjust(mcp -> mcp.metadataResponse(Response.of(404)));
    assertSaid(failure(() -> world.flow.discoverResource(USER, world.url(), inTime())), ErrorCode.INVALID_METADATA,
        404);
  }

  private void register() {
    register(world.flow);
  }

  private void register(Flow process) {
    var what = new Registering(new EndpointUrl(world.authorizationServer.issuer() + "/register"), null,
        Json.newObject());
    process.register(USER, what, invocation());
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404})
  void refusedRegistrationNamesItsStatus(int status) {
    world.authorizationServer.registrationEndpoint().next(Response.error(status, "invalid_redirect_uri"),
        Response.error(status, "invalid_redirect_uri"));
    assertSaid(failure(this::register), ErrorCode.REGISTRATION_REFUSED, status);
    assertSaid(failure(() -> world.begin(USER)), ErrorCode.REGISTRATION_REFUSED, status);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503})
  void registrationThatCannotBeMadeNowIsNoRefusal(int status) {
    var busy = Response.of(status).with("Retry-After", "600");
    world.authorizationServer.registrationEndpoint().next(busy, busy);
    var failure = failure(this::register);
    assertSaid(failure, ErrorCode.UPSTREAM_UNREACHABLE, status);
    assertThat(failure.retryAt()).contains(in(Duration.ofMinutes(10)));
    assertSaid(failure(() -> world.begin(USER)), ErrorCode.UPSTREAM_UNREACHABLE, status);
  }

  @Test
  void registrationWithoutAClientIdentifierNamesItsStatus() {
    world.authorizationServer.registrationEndpoint().next(Response.json(201, Json.newObject()));
    assertSaid(failure(this::register), ErrorCode.INVALID_UPSTREAM_ANSWER, 201);
  }

  @Test
  void refreshThatMustWaitNamesStatusAndTime() {
    world.connect(USER);
    world.authorizationServer.tokenEndpoint().next(Response.of(503).with("Retry-After", "300"));
    assertThat(world.refresh(USER)).isEqualTo(new Refreshed.Later(in(Duration.ofMinutes(5)), 503));
  }

  @Test
  void refreshThatIsRefusedForGoodNamesTheStatus() {
    world.connect(USER);
    world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_grant"));
    assertThat(world.refresh(USER)).isEqualTo(new Refreshed.ConsentNeeded(400));
    assertThat(world.refresh(USER)).as("nobody was asked").isEqualTo(new Refreshed.ConsentNeeded(null));
  }

  @Test
  void accessWhoseTokenCannotBeRenewedNowNamesStatusAndTime() {
    world.connect(USER);
    world.expire();
    world.authorizationServer.tokenEndpoint().next(Response.of(503).with("Retry-After", "300"));
    var failure = failure(() -> world.access(USER, listTools()));
    assertSaid(failure, ErrorCode.UPSTREAM_UNREACHABLE, 503);
    assertThat(failure.retryAt()).contains(in(Duration.ofMinutes(5)));
  }

  private Refreshed relayed() {
    return world.refresh(USER, new RefreshToken("invented"), new ClientId("invented"));
  }

  @Test
  void relayedRefreshNamesTheStatusOfWhateverIsWrong() {
    var endpoint = world.authorizationServer.tokenEndpoint();
    endpoint.next(Response.error(400, "invalid_grant"), Response.error(401, "invalid_client"),
        Response.of(429).with("Retry-After", "20"), Response.of(500));
    assertThat(relayed()).isEqualTo(new Refreshed.InvalidGrant(400));
    assertSaid(failure(this::relayed), ErrorCode.TOKEN_REQUEST_REFUSED, 401);
    var busy = failure(this::relayed);
    assertSaid(busy, ErrorCode.UPSTREAM_UNREACHABLE, 429);
    assertThat(busy.retryAt()).contains(in(Duration.ofSeconds(20)));
    assertSaid(failure(this::relayed), ErrorCode.OUTCOME_UNKNOWN, 500);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 400, 503})
  void revocationNamesItsStatus(int status) {
    world.connect(USER);
    world.authorizationServer.revocationEndpoint().next(Response.of(status));
    assertThat(world.flow.disconnect(USER, world.connection(), inTime()))
        .isEqualTo(new Revocation.Result(status == 200, status));
  }

  @Test
  void userWhoHasHadTooManyIsToldWhenTheNextHourBegins() {
    world.platform.with("BUDGET_REQUESTS_PER_HOUR", "3");
    var process = world.anotherProcess();
    for (int i = 0; i < 3; i++)
      world.begin(USER);
    var nextHour = world.clock.instant().truncatedTo(ChronoUnit.HOURS).plus(Duration.ofHours(1));
    for (var call : List.<ThrowingCallable>of(
        () -> process.start(USER, world.url(), AuthorizationStart.fresh(), invocation()), () -> register(process))) {
      var failure = failure(call);
      assertThat(failure.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS);
      assertThat(failure.retryAt()).contains(nextHour);
    }
  }
}
