package social.avatarai.mcp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.resource.Elicitation;
import social.avatarai.mcp.resource.McpRequest;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** Servers without OAuth, for which the user enters a token, a key or headers. */
class EnteredCredentialsFlowTest {
  private static final String FIRST = "invented-entered-secret-one";
  private static final String SECOND = "invented-entered-secret-two";

  private final Meanwhile meanwhile = new Meanwhile();
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);
  private final FakeMcpServer mcp = FakeMcpServer
      .open(knobs -> knobs.requireHeader("Authorization", "Bearer " + FIRST, "Bearer " + SECOND));

  EnteredCredentialsFlowTest() {
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
  }

  @AfterEach
  void close() {
    try (world; mcp) {
      assertThat(meanwhile.isOver()).isTrue();
      for (String secret : List.of(FIRST, SECOND)) {
        assertThat(world.log()).doesNotContain(secret);
        assertThat(world.everythingStored()).doesNotContain(secret,
            Base64.getEncoder().encodeToString(secret.getBytes(UTF_8)));
      }
    }
  }

  private static ObjectNode bearer(String url, String token) {
    var record = record(url);
    record.putObject("authorization").put("method", "bearer").putObject("config").put("token", token);
    return record;
  }

  /** The record of this server, with a token. */
  private ObjectNode bearer(String token) {
    return bearer(mcp.url(), token);
  }

  private String account() {
    return saidBy(server.access(USER));
  }

  private ObjectNode shown() {
    return world.flow().server(USER, MCP_ID);
  }

  private Failure refused(Runnable call) {
    return catchThrowableOfType(Failure.class, call::run);
  }

  private void assertRefused(int status, Runnable call) {
    var failure = refused(call);
    assertThat(failure.code()).isEqualTo(ErrorCode.CREDENTIALS_REFUSED);
    assertThat(failure.upstreamStatus()).contains(status);
  }

  // The ways to enter credentials

  /** What the user enters, and the header that the server demands. */
  enum Way {
    BEARER, API_KEY, API_KEY_IN_A_HEADER_OF_ITS_OWN, HEADERS, NONE_WITH_HEADERS, HEADERS_BESIDE_A_KEY;

    void enter(ObjectNode record) {
      var authorization = record.putObject("authorization");
      var endpoint = record.withObject("endpoint");
      switch (this) {
        case BEARER -> authorization.put("method", "bearer").putObject("config").put("token", FIRST);
        case API_KEY -> authorization.put("method", "api_key").putObject("config").put("api_key", FIRST);
        case API_KEY_IN_A_HEADER_OF_ITS_OWN -> authorization.put("method", "api_key").putObject("config")
            .put("api_key", FIRST).put("header", "X-Invented").put("prefix", "Token ");
        case HEADERS -> {
          authorization.put("method", "headers");
          endpoint.putObject("headers").put("X-Invented", FIRST);
        }
        case NONE_WITH_HEADERS -> {
          authorization.put("method", "none");
          endpoint.putObject("headers").put("Authorization", "Basic " + FIRST);
        }
        case HEADERS_BESIDE_A_KEY -> {
          authorization.put("method", "api_key").putObject("config").put("api_key", SECOND);
          endpoint.putObject("headers").put("X-Invented", FIRST);
        }
      }
    }

    String header() {
      return switch (this) {
        case BEARER, NONE_WITH_HEADERS -> "Authorization";
        case API_KEY -> "X-API-Key";
        case API_KEY_IN_A_HEADER_OF_ITS_OWN, HEADERS, HEADERS_BESIDE_A_KEY -> "X-Invented";
      };
    }

    String value() {
      return switch (this) {
        case BEARER -> "Bearer " + FIRST;
        case NONE_WITH_HEADERS -> "Basic " + FIRST;
        case API_KEY_IN_A_HEADER_OF_ITS_OWN -> "Token " + FIRST;
        case API_KEY, HEADERS, HEADERS_BESIDE_A_KEY -> FIRST;
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyMcpRequestOfTheServerCarriesWhatTheUserHasEntered(Way way) {
    mcp.adjust(knobs -> knobs.requireHeader(way.header(), way.value()));
    var record = record(mcp.url());
    way.enter(record);
    server.put(record);
    assertThat(server.connect(USER)).isEqualTo(new Connecting.Connected());
    assertThat(server.status()).isEqualTo("connected");
    assertThat(account()).isEqualTo("account-1");
    // Such a call has a session and a stream of its own.
    server.access(new McpRequest("tools/call", call("whoami").params(), Elicitation.DEFAULTS));
    world.flow().deleteServer(USER, MCP_ID, deadline());
    assertThat(mcp.openSessions()).isEmpty();
    assertThat(mcp.requests()).extracting(Received::method).contains("POST", "GET", "DELETE");
    assertThat(mcp.methods()).contains("server/discover", "initialize", "notifications/initialized", "tools/call");
    assertThat(mcp.requests()).allSatisfy(
        request -> assertThat(request.headers(way.header())).containsExactly(way.value()));
    world.assertNothingBegan();
  }

  @Test
  void cancelledRequestIsCancelledWithTheCredentials() {
    server.put(bearer(FIRST));
    account();
    mcp.mcpEndpoint().next(Response.of(200).body("text/event-stream", ": nothing\n\n"));
    assertThat(refused(() -> server.access(USER)).code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
    assertThat(mcp.requests()).allSatisfy(
        request -> assertThat(request.header("authorization")).contains("Bearer " + FIRST));
    assertThat(mcp.received("notifications/cancelled")).isOne();
  }

  @Test
  void serverOfTheModernEraGetsTheCredentialsToo() {
    mcp.adjust(knobs -> knobs.protocolVersions("2026-07-28"));
    server.put(bearer(FIRST));
    assertThat(account()).isEqualTo("account-1");
  }

  // Sent nowhere else

  @Test
  void redirectIsNotFollowedWithTheCredentials() {
    try (var other = FakeMcpServer.open()) {
      server.put(bearer(FIRST));
      for (int status : new int[]{301, 302, 303, 307, 308}) {
        for (String target : List.of(other.url(), mcp.origin() + "/elsewhere")) {
          mcp.mcpEndpoint().next(Response.redirect(status, target), Response.redirect(status, target));
          assertThat(refused(() -> server.access(USER)).code()).isEqualTo(ErrorCode.INVALID_UPSTREAM_ANSWER);
          mcp.mcpEndpoint().next(Response.redirect(status, target), Response.redirect(status, target));
          if (status == 301 || status >= 307) mcp.mcpEndpoint().next(Response.of(404), Response.of(404));
          assertThat(refused(() -> server.connect(USER))).isNotNull();
        }
      }
      assertThat(other.requests()).isEmpty();
      assertThat(other.metadataRequests()).isEmpty();
    }
  }

  @Test
  void refusalWithAChallengeLeadsToNoDiscoveryAndNoConsent() {
    server.put(bearer(world.mcpServer.url(), FIRST));
    assertRefused(401, () -> server.connect(USER));
    assertRefused(401, () -> server.access(USER));
    assertThat(world.mcpServer.metadataRequests()).isEmpty();
    assertThat(world.authorizationServer.metadataRequests()).isEmpty();
    world.assertNothingBegan();
  }

  @Test
  void serverAtAnotherOriginGetsNothingThatWasEnteredForTheOneBefore() {
    try (var other = FakeMcpServer.open()) {
      server.put(bearer(FIRST));
      account();
      var moved = shown();
      moved.withObject("endpoint").put("url", other.url());
      assertFails(ErrorCode.INVALID_REQUEST, () -> server.put(moved));
      assertThat(account()).as("the record is as it was").isEqualTo("account-1");
      moved.withObject("authorization").put("method", "none");
      server.put(moved);
      assertThat(saidBy(server.access(USER))).isEqualTo("anonymous");
      assertThat(other.requests()).isNotEmpty()
          .allSatisfy(request -> assertThat(request.header("authorization")).isEmpty());
      // The way back does not bring the token back.
      assertFails(ErrorCode.INVALID_REQUEST, () -> server.put(bearer("")));
    }
  }

  @Test
  void anotherPathOfTheOriginGetsTheStoredToken() {
    server.put(bearer(FIRST));
    account();
    mcp.adjust(knobs -> knobs.path("/other"));
    server.put(bearer(""));
    assertThat(account()).isEqualTo("account-1");
  }

  @Test
  void secondSpellingOfThePathIsAskedWithTheCredentials() {
    mcp.adjust(knobs -> knobs.path("/mcp/"));
    mcp.shareOriginWith(request -> request.path().equals("/mcp") ? Response.redirect(307, "/mcp/") : Response.of(404));
    server.put(bearer(mcp.origin() + "/mcp", FIRST));
    assertThat(server.connect(USER)).isEqualTo(new Connecting.Connected());
    assertThat(shown().at("/endpoint/url").asText()).isEqualTo(mcp.url());
    assertThat(account()).isEqualTo("account-1");
  }

  @Test
  void callByUrlDoesNotUseTheRecord() {
    server.put(bearer(FIRST));
    assertThat(refused(() -> world.flow().access(USER, new Target.ByUrl(FlowWorld.urlOf(mcp)), null, deadline())))
        .isNotNull();
    assertThat(mcp.requests()).allSatisfy(request -> assertThat(request.header("authorization")).isEmpty());
  }

  @Test
  void anotherUserOfTheSameServerGetsNothingOfIt() {
    server.put(bearer(FIRST));
    account();
    assertFails(ErrorCode.NOT_FOUND, () -> server.access(FlowWorld.OTHER));
    world.flow().putServer(FlowWorld.OTHER, MCP_ID, bearer(SECOND), world.now());
    assertThat(saidBy(server.access(FlowWorld.OTHER))).isEqualTo("account-2");
    assertThat(account()).isEqualTo("account-1");
  }

  // Kept, replaced, deleted

  @Test
  void recordThatIsReadAndSentBackKeepsTheTokenAndTheSession() {
    server.put(bearer(FIRST));
    account();
    var sessions = mcp.openSessions();
    var read = shown();
    assertThat(read.at("/authorization/config")).isEqualTo(Json.newObject().put("has_token", true));
    server.put(read.put("name", "Renamed"));
    assertThat(account()).isEqualTo("account-1");
    assertThat(mcp.openSessions()).isEqualTo(sessions);
    assertThat(world.servers(USER)).containsExactly(shown());
  }

  @Test
  void anotherTokenEndsTheSessionOfTheOneBeforeWithThatToken() {
    server.put(bearer(FIRST));
    server.connect(USER);
    account();
    String session = mcp.openSessions().iterator().next();
    assertThat(server.put(bearer(SECOND)).path("status").asText()).isEqualTo("disconnected");
    assertThat(mcp.endedSessions()).contains(session);
    assertThat(mcp.openSessions()).isEmpty();
    assertThat(account()).isEqualTo("account-2");
    assertThat(mcp.requests().getLast().header("mcp-session-id")).isPresent().isNotEqualTo(session);
  }

  private static boolean keepsASession(SdkRequest request) {
    return request instanceof UpdateItemRequest update && update.updateExpression().contains("wireVersion");
  }

  @Test
  void sessionOfACallThatWasUnderWayIsNotKeptForTheNewToken() {
    server.put(bearer(FIRST));
    meanwhile.before(EnteredCredentialsFlowTest::keepsASession, () -> server.put(bearer(SECOND)));
    assertThat(account()).isEqualTo("account-1");
    assertThat(mcp.openSessions()).as("it is ended instead").isEmpty();
    assertThat(account()).isEqualTo("account-2");
  }

  @Test
  void anotherMethodForgetsTheToken() {
    server.put(bearer(FIRST));
    account();
    var open = record(mcp.url());
    open.putObject("authorization").put("method", "none");
    server.put(open);
    assertThat(shown().at("/authorization/config").isMissingNode()).isTrue();
    assertThat(refused(() -> server.access(USER)).code()).isNotEqualTo(ErrorCode.CREDENTIALS_REFUSED);
    assertThat(mcp.requests().getLast().header("authorization")).isEmpty();
    assertFails(ErrorCode.INVALID_REQUEST, () -> server.put(bearer("")));
  }

  @Test
  void deletedRecordAndForgottenUserLeaveNothing() {
    server.put(bearer(FIRST));
    account();
    world.flow().deleteServer(USER, MCP_ID, deadline());
    assertThat(world.everythingStored()).doesNotContain(MCP_ID.value());
    assertFails(ErrorCode.INVALID_REQUEST, () -> server.put(bearer("")));
    server.put(bearer(FIRST));
    account();
    world.flow().forgetUser(USER, USER.user(), deadline());
    assertThat(world.everythingStored()).doesNotContain(MCP_ID.value());
    assertThat(mcp.openSessions()).isEmpty();
  }

  @Test
  void disconnectEndsTheSessionAndKeepsWhatTheUserHasEntered() {
    server.put(bearer(FIRST));
    account();
    server.disconnect(USER);
    assertThat(mcp.openSessions()).isEmpty();
    assertThat(account()).isEqualTo("account-1");
  }

  // In place of a grant

  @Test
  void tokenThatIsEnteredEndsTheGrant() {
    server.put();
    var grant = server.connectWithConsent();
    world.mcpServer.adjust(knobs -> knobs.requireHeader("Authorization", "Bearer " + FIRST));
    server.put(bearer(world.mcpServer.url(), FIRST));
    assertThat(world.authorizationServer.accepts(grant.tokens().accessToken().reveal())).isFalse();
    assertThat(account()).isEqualTo("account-1");
    assertThat(server.connect(USER)).isEqualTo(new Connecting.Connected());
  }

  @Test
  void consentThatWasUnderWayIsNoneForAServerWithATokenThatWasEntered() {
    server.put();
    var begun = server.begin();
    server.put(bearer(world.mcpServer.url(), FIRST));
    assertThat(world.callback(begun, world.approve(begun)))
        .isEqualTo(new CallbackOutcome.Failed(MCP_ID, ErrorCode.SERVER_CHANGED, null, null));
    assertThat(world.authorizationServer.revocations()).hasSize(1);
  }

  // Refused by the server

  private void assertState(String status, String cause) {
    assertThat(shown().path("status").asText()).isEqualTo(status);
    assertThat(shown().path("cause").asText("none")).isEqualTo(cause);
    var listed = world.flow().connection(USER, MCP_ID);
    assertThat(listed.status().wireName()).isEqualTo(status);
    assertThat(listed.cause() == null ? "none" : listed.cause()).isEqualTo(cause);
  }

  @Test
  void refusedCredentialsShowInTheRecordUntilTheServerTakesThem() {
    server.put(bearer(FIRST));
    server.connect(USER);
    mcp.adjust(knobs -> knobs.requireHeader("Authorization", "Bearer " + SECOND));
    assertRefused(401, () -> server.connect(USER));
    assertState("resource_rejects", "credentials_refused");
    assertThat(shown().at("/error/code").asText()).isEqualTo("credentials_refused");
    assertThat(shown().at("/error/hint").asText()).contains("PUT");
    mcp.adjust(knobs -> knobs.requireHeader("Authorization", "Bearer " + FIRST));
    assertThat(server.connect(USER)).isEqualTo(new Connecting.Connected());
    assertState("connected", "none");
  }

  @Test
  void refusalOfACallShowsTooAndTheNextCallClearsIt() {
    server.put(bearer(FIRST));
    assertThat(account()).isEqualTo("account-1");
    // The second call begins without the session, because the server may have meant that.
    mcp.mcpEndpoint().next(Response.of(401), Response.of(401));
    assertRefused(401, () -> server.access(USER));
    assertState("resource_rejects", "credentials_refused");
    assertRefused(401, () -> server.access(USER));
    assertThat(account()).isEqualTo("account-1");
    assertState("connected", "none");
  }

  @Test
  void newTokenClearsTheRefusalOfTheOneBefore() {
    server.put(bearer("invented-and-unknown"));
    assertRefused(401, () -> server.connect(USER));
    server.put(bearer(FIRST));
    assertState("disconnected", "none");
    assertThat(account()).isEqualTo("account-1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer error=\"insufficient_scope\", scope=\"write\""})
  void callThatTheCredentialsMayNotMakeIsRefusedAloneAndBeginsNoStepUp(String challenge) {
    server.put(bearer(FIRST));
    server.connect(USER);
    account();
    var forbidden = challenge.isEmpty()
        ? Response.of(403)
        : Response.of(403).with("WWW-Authenticate", challenge);
    mcp.mcpEndpoint().next(forbidden);
    assertRefused(403, () -> server.access(USER));
    assertState("connected", "none");
    world.assertNothingBegan();
  }

  @Test
  void serverThatIsSwitchedOffIsNotAsked() {
    server.put(bearer(FIRST).put("enabled", false));
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(USER));
    assertThat(mcp.requests()).isEmpty();
  }

  @Test
  void errorOfAToolIsPassedOn() {
    server.put(bearer(FIRST));
    assertThat(server.access(new McpRequest("no/such/method", null))).isInstanceOf(Access.RpcError.class);
  }
}
