package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.connected;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.registration.ClientChoice;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.world.ComingBack;
import social.avatarai.mcp.world.GrantWorld;

/** The decision chart: the outcomes of a request to an MCP server. */
class AccessFlowTest {

  @Test
  void openServerIsAskedWithoutAToken() {
    try (var world = GrantWorld.start(); var open = FakeMcpServer.open()) {
      assertThat(saidBy(world.byUrl(USER, open.url(), call("whoami")))).isEqualTo("anonymous");
      assertThat(open.metadataRequests()).isEmpty();
    }
  }

  @Test
  void serverIsDescribedInTheGuidesWords() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      var access = world.flow.access(USER, new Flow.Target.ByUrl(world.url()), null, inTime());
      assertThat(access).isInstanceOfSatisfying(Access.Answered.class, answered -> {
        assertThat(answered.result().path("version").asText()).isEqualTo("2025-11-25");
        assertThat(answered.result().at("/serverInfo/name").asText()).isEqualTo("fake-mcp-server");
      });
    }
  }

  @Test
  void serverThatWantsATokenLeadsToConsentForItsResourceAndBeginsNothing() {
    try (var world = GrantWorld.start()) {
      var resource = consentNeeded(world.byUrl(USER, world.mcpServer.url(), listTools()));
      assertThat(resource.metadata().resource().value()).isEqualTo(world.mcpServer.url());
      assertThat(resource.issuers()).containsExactly(world.issuerId());
      assertThat(world.authorizationServer.metadataRequests()).isEmpty();
      assertThat(world.authorizationServer.registrations()).isEmpty();
    }
  }

  @Test
  void serverThatWantsATokenForItsToolsAloneLeadsToConsentThere() {
    try (var world = GrantWorld.start(_ -> {},
        k -> k.withoutTokenFor("server/discover", "initialize", "notifications/initialized", "tools/list"))) {
      assertThat(world.byUrl(USER, world.mcpServer.url(), listTools())).isInstanceOf(Access.Answered.class);
      var resource = consentNeeded(world.byUrl(USER, world.mcpServer.url(), call("whoami")));
      assertThat(resource.metadata().resource().value()).isEqualTo(world.mcpServer.url());
    }
  }

  private static DiscoveredResource consentNeeded(Access access) {
    if (access instanceof Access.ConsentNeeded(var resource, _, _, _)) return resource;
    throw new AssertionError("no consent needed, but " + access);
  }

  @Test
  void expiredGrantIsRefreshedAndThenUsed() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.expire();
      assertThat(saidBy(world.byUrl(USER, world.mcpServer.url(), call("whoami")))).isEqualTo("owner-1");
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void refusedTokenIsRefreshedOnceAndTheRequestSentOnceMore() {
    try (var world = GrantWorld.start()) {
      var grant = world.connect(USER);
      world.authorizationServer.revoke(grant.tokens().accessToken().reveal());
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(world.refreshTokensSent()).hasSize(1);
      assertThat(world.mcpServer.methods()).containsExactly("server/discover", "server/discover",
          "server/discover", "initialize", "notifications/initialized", "tools/call");
    }
  }

  /** RFC 6750 §3.1 demands 401. The request was refused, so it has run nothing. */
  @ParameterizedTest
  @ValueSource(ints = {400, 403})
  void tokenThatIsRefusedByTheWordOfTheChallengeIsRefreshedOnceToo(int status) {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.access(USER, listTools());
      var refusal = Response.of(status).with("WWW-Authenticate", "Bearer error=\"invalid_token\"");
      world.mcpServer.mcpEndpoint().next(refusal);
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void tokenThatIsRefusedAfterTheRefreshTooIsRejected() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.access(USER, listTools());
      int before = world.mcpServer.requests().size();
      // With the token, with the renewed token, and in a new session.
      world.mcpServer.mcpEndpoint().next(Response.of(401), Response.of(401), Response.of(401));
      assertThat(world.access(USER, listTools())).isEqualTo(new Access.Rejected(401));
      assertThat(world.mcpServer.requests()).hasSize(before + 3);
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void refusedTokenOfADeadGrantLeadsToConsent() {
    try (var world = GrantWorld.start()) {
      var grant = world.connect(USER);
      world.authorizationServer.revoke(refreshTokenOf(grant).reveal());
      consentNeeded(world.access(USER, listTools()));
      consentNeeded(world.access(USER, listTools()));
      assertThat(world.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void insufficientScopeAsksForTheUnion() {
    try (var world = GrantWorld.start(_ -> {}, k -> k.metadata("scopes_supported", List.of("tools:read", "profile"))
        .requireScope("tools/call", "tools:write"))) {
      world.connect(USER);
      assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
      var access = world.access(USER, call("whoami"));
      if (!(access instanceof Access.StepUpNeeded needed)) throw new AssertionError(access);
      assertThat(needed.required()).isEqualTo(Scopes.parse("tools:read profile tools:write"));
      connected(world.finish(consent(world, needed)));
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-2");
    }
  }

  private static AuthorizationStarted consent(GrantWorld world, Access.StepUpNeeded needed) {
    var starting = AuthorizationStart.fresh().at(needed.issuer()).as(ClientChoice.of(needed.clientId()))
        .requesting(needed.required());
    return world.flow.stepUp(USER, needed.resource(), starting, GrantWorld.invocation());
  }

  @Test
  void forbiddenRequestThatMoreScopeWouldNotHelpIsRejected() {
    try (var world = GrantWorld.start(k -> k.grantedScope("tools:read tools:write"))) {
      world.connect(USER);
      world.access(USER, listTools());
      world.mcpServer.mcpEndpoint().next(forbidden("tools:read"), forbidden(""), Response.of(403));
      for (int i = 0; i < 3; i++)
        assertThat(world.access(USER, listTools())).isEqualTo(new Access.Rejected(403));
      assertThat(world.refreshTokensSent()).isEmpty();
    }
  }

  @Test
  void serverThatAsksForEverMoreScopesIsNotFollowedForEver() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      for (int i = 1; i <= 3; i++)
        connected(world.finish(consent(world, steppingUp(world, i))));
      var fourth = steppingUp(world, 4);
      assertThatThrownBy(() -> consent(world, fourth)).isInstanceOfSatisfying(Failure.BadRequest.class,
          failure -> assertThat(failure.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS));
      world.expire();
      assertThat(consent(world, fourth)).isNotNull();
    }
  }

  private static Access.StepUpNeeded steppingUp(GrantWorld world, int number) {
    world.access(USER, listTools());
    world.mcpServer.mcpEndpoint().next(forbidden("more:" + number));
    if (world.access(USER, listTools()) instanceof Access.StepUpNeeded needed) return needed;
    throw new AssertionError("no step-up needed");
  }

  private static Response forbidden(String scope) {
    return Response.error(403, "insufficient_scope").with("WWW-Authenticate",
        "Bearer error=\"insufficient_scope\", scope=\"" + scope + "\"");
  }

  @Test
  void errorOfTheServerIsHandedOn() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      assertThat(world.access(USER, call("no-such-tool"))).isInstanceOfSatisfying(Access.RpcError.class,
          error -> assertThat(error.error().path("code").asInt()).isEqualTo(-32602));
    }
  }

  @Test
  void callersOwnTokenIsRelayedAndNotStored() {
    try (var world = GrantWorld.start()) {
      var token = world.connect(GrantWorld.OTHER).tokens().accessToken();
      var given = new Flow.Target.WithToken(world.url(), token);
      long before = items(world);
      assertThat(saidBy(world.flow.access(USER, given, call("whoami"), inTime()))).isEqualTo("owner-1");
      assertThat(items(world)).isEqualTo(before);
      consentNeeded(world.byUrl(USER, world.mcpServer.url(), listTools()));
      var wrong = new Flow.Target.WithToken(world.url(), new AccessToken("invented-token"));
      assertThatThrownBy(() -> world.flow.access(USER, wrong, listTools(), inTime())).isInstanceOfSatisfying(
          Failure.Refused.class, failure -> assertThat(failure.code()).isEqualTo(ErrorCode.ACCESS_TOKEN_REJECTED));
    }
  }

  private static long items(GrantWorld world) {
    var tables = world.platform.tables();
    return Stream.of(tables.sessions(), tables.tokens(), tables.due(), tables.registrations(), tables.servers())
        .mapToLong(table -> EmbeddedDynamoDb.inMemory().client().scan(scan -> scan.tableName(table)).count()).sum();
  }

  @Test
  void serverThatMovedToAnotherIssuerNeedsConsentThereAndShowsItNothingOfTheOldOne() {
    try (var world = GrantWorld.start(); var next = FakeAuthorizationServer.start()) {
      next.adjust(k -> k.clock(world.clock));
      var old = world.connect(USER);
      world.access(USER, listTools());
      world.mcpServer.moveTo(next);
      var resource = consentNeeded(world.access(USER, listTools()));
      assertThat(resource.issuers()).extracting(issuer -> issuer.value()).containsExactly(next.issuer());
      assertThat(world.refreshTokensSent()).as("a renewed token would be useless to the server").isEmpty();
      var begun = world.begin(USER);
      var moved = connected(world.flow.callback(ComingBack.with(begun, next.approve(begun.authorizationUrl())),
          inTime()));
      assertThat(moved.target().issuer().value()).isEqualTo(next.issuer());
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertNothingSeen(next, old);
    }
  }

  private static void assertNothingSeen(FakeAuthorizationServer next, Grant old) {
    var all = Stream.of(next.metadataRequests(), next.registrations(), next.authorizeRequests(), next.tokenRequests())
        .flatMap(List::stream).toList();
    assertThat(all).isNotEmpty().extracting(request -> request.toString())
        .noneMatch(text -> text.contains(old.client().id().value())
            || text.contains(old.tokens().accessToken().reveal()) || text.contains(refreshTokenOf(old).reveal()));
  }
}
