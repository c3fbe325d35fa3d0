package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.TwoIssuers.revokedAt;

import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.world.ComingBack;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;
import social.avatarai.mcp.world.TwoIssuers;

/**
 * A consent at another issuer replaces a grant only in two cases: the connection's own server has left the issuer, or
 * the caller asked for it when the flow began.
 */
class IssuerConflictFlowTest {
  private final TwoIssuers issuers = new TwoIssuers();
  private final FlowWorld world = issuers.world;
  private final FakeAuthorizationServer other = issuers.other;
  private final ServerWorld server = new ServerWorld(world);

  @AfterEach
  void close() {
    issuers.close();
  }

  private void assertConflict(AuthorizationStart start) {
    assertConflict(() -> issuers.begin(start));
  }

  private void assertConflictAtNeighbour() {
    assertConflict(() -> issuers.beginAtNeighbour(AuthorizationStart.fresh()));
  }

  private void assertConflict(ThrowingCallable begin) {
    assertFails(ErrorCode.ISSUER_CONFLICT, begin);
    issuers.assertNothingBeganAtTheOther();
  }

  private void assertGrantLives(Grant grant) {
    assertThat(world.stored(USER)).contains(grant);
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(world.authorizationServer.liveRefreshTokens()).contains(refreshTokenOf(grant).reveal());
  }

  /** The journal line of the one grant that was replaced. Its members have no fixed order. */
  private String replacement() {
    return world.logged("grant_replaced").getFirst();
  }

  private DiscoveredResource discovered() {
    return world.flow().discoverResource(USER, world.url(), deadline());
  }

  private Access byUrl() {
    return world.flow().access(USER, new Target.ByUrl(world.url()), GrantWorld.call("whoami"),
        deadline());
  }

  // At the start

  @Test
  void serverThatNamesAnotherIssuerAndTakesTheTokenIsAConflict() {
    var grant = world.connect();
    issuers.naming(other);
    assertConflict(TwoIssuers.at(other));
    assertConflict(AuthorizationStart.fresh());
    assertGrantLives(grant);
    assertThat(saidBy(byUrl())).isEqualTo("owner-1");
  }

  @Test
  void soItIsForAServerOfTheRegistry() {
    server.put();
    server.connectWithConsent();
    issuers.naming(other);
    assertFails(ErrorCode.ISSUER_CONFLICT,
        () -> world.flow().consent(USER, discovered(), AuthorizationStart.fresh().forServer(MCP_ID), world.now()));
    issuers.assertNothingBeganAtTheOther();
    assertThat(server.status()).isEqualTo("connected");
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void conflictSaysWhatTheCallerCanDo() {
    world.connect();
    issuers.naming(other);
    assertThatThrownBy(() -> issuers.begin(TwoIssuers.at(other)))
        .hasMessageContainingAll("disconnect", "replace=true");
  }

  @Test
  void afterTheConnectionIsDisconnectedThereIsNoConflict() {
    var grant = world.connect();
    issuers.naming(other);
    world.flow().disconnect(USER, grant.key().connection(), deadline());
    assertThat(issuers.connected(issuers.begin(TwoIssuers.at(other))).target().issuer().value())
        .isEqualTo(other.issuer());
  }

  @Test
  void grantOfAnotherUserOrConnectionIsNoConflict() {
    world.connect(OTHER, AuthorizationStart.fresh());
    server.put();
    server.connectWithConsent();
    issuers.naming(other);
    issuers.connected(issuers.begin(TwoIssuers.at(other)));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-2");
    assertThat(world.stored(OTHER)).isPresent();
  }

  @Test
  void grantThatNeedsANewConsentIsStillAGrant() {
    var grant = world.connect();
    var lost = new GrantState(GrantState.Status.REAUTHORIZATION_REQUIRED, 1, 0, null, grant.state().lastUsed(), 0);
    world.grants().noteState(grant, lost);
    issuers.naming(other);
    assertConflict(TwoIssuers.at(other));
    issuers.connected(issuers.begin(TwoIssuers.replacingAt(other)));
  }

  @Test
  void serverThatNamesBothIssuersLeavesAConnectionAtItsOwn() {
    world.connect();
    issuers.naming(other, world.authorizationServer);
    assertConflict(TwoIssuers.at(other));
    assertThat(issuers.begin(AuthorizationStart.fresh()).authorizationUrl())
        .startsWith(world.authorizationServer.issuer());
    // A caller that asks to replace, and names no issuer, gets the issuer that the server prefers.
    assertThat(issuers.begin(AuthorizationStart.fresh().replacing(new Replaceable.AnyIssuer())).authorizationUrl())
        .startsWith(other.issuer());
  }

  // A server that claims more than its own URL

  @Test
  void neighbourThatClaimsTheWholeOriginTakesTheConnectionOverNowhere() {
    world.mcpServer.adjust(knobs -> knobs.resource(world.mcpServer.origin()));
    var grant = world.connect();
    issuers.placeNeighbour(other);
    assertConflictAtNeighbour();
    var refused = world.flow().access(USER, new Target.ByUrl(issuers.neighbour()), GrantWorld.call("whoami"),
        deadline());
    // This is not the connection's server. So the token is not sent to it, and its responses say nothing about the
    // grant.
    assertThat(refused).isInstanceOfSatisfying(Access.ConsentNeeded.class, needed -> {
      assertThat(needed.connection()).isNull();
      assertThat(needed.replaceable()).isEqualTo(new Replaceable.SameIssuer());
    });
    assertConflictAtNeighbour();
    assertThat(saidBy(byUrl())).isEqualTo("owner-1");
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(world.grants().read(grant.key()).orElseThrow().id()).isEqualTo(grant.id());
  }

  @Test
  void neighbourMayNotUseTheMomentInWhichTheServerMigrates() {
    world.mcpServer.adjust(knobs -> knobs.resource(world.mcpServer.origin()));
    world.connect();
    try (var third = FakeAuthorizationServer.start(knobs -> knobs.clock(world.clock))) {
      issuers.placeNeighbour(other);
      world.mcpServer.moveTo(third);
      world.restart();
      assertConflictAtNeighbour();
    }
  }

  // Replacing because the caller asks for it

  @Test
  void replacingStoresTheNewGrantAndThenRevokesTheOldOneWithItsOwnClient() {
    var old = world.connect();
    issuers.naming(other);
    var begun = issuers.begin(TwoIssuers.replacingAt(other));
    assertGrantLives(old);
    assertThat(saidBy(byUrl())).isEqualTo("owner-1");
    var grant = issuers.connected(begun);
    assertThat(world.stored(USER)).contains(grant);
    assertThat(world.authorizationServer.revocations()).singleElement().satisfies(request -> {
      assertThat(request.parameters()).containsEntry("token", refreshTokenOf(old).reveal())
          .containsEntry("token_type_hint", "refresh_token");
      assertThat(request.toString()).contains(old.client().id().value());
    });
    assertThat(world.authorizationServer.accepts(old.tokens().accessToken().reveal())).isFalse();
    assertThat(other.revocations()).isEmpty();
    world.mcpServer.moveTo(other);
    assertThat(saidBy(byUrl())).isEqualTo("owner-1");
    assertThat(replacement()).contains("\"kept\":false", "\"revoked\":true");
  }

  @Test
  void connectTakesTheCallersWordToo() {
    server.put();
    var old = server.connectWithConsent();
    world.authorizationServer.revoke(refreshTokenOf(old).reveal());
    issuers.naming(other, world.authorizationServer);
    var replace = AuthorizationStart.fresh().replacing(new Replaceable.AnyIssuer());
    var begun = ServerWorld.begun(world.flow().connect(USER, MCP_ID, replace, world.now()));
    assertThat(issuers.connected(begun).target().issuer().value()).isEqualTo(other.issuer());
    assertThat(revokedAt(world.authorizationServer)).containsExactly(refreshTokenOf(old).reveal());
  }

  @Test
  void issuerThatDoesNotRevokeCostsNeitherTheNewGrantNorTheFlow() {
    world.connect();
    issuers.naming(other);
    var begun = issuers.begin(TwoIssuers.replacingAt(other));
    world.authorizationServer.revocationEndpoint().next(Response.NONE);
    var grant = issuers.connected(begun);
    assertThat(world.stored(USER)).contains(grant);
    assertThat(world.log()).contains("\"event\":\"not_revoked\"");
    assertThat(replacement()).contains("\"kept\":false", "\"revoked\":false");
  }

  // Migration

  @Test
  void serverThatHasLeftTheIssuerAndRefusesTheTokenIsFollowed() {
    var old = world.connect();
    issuers.migrate();
    var grant = issuers.connected(issuers.begin(TwoIssuers.at(other)));
    assertThat(world.stored(USER)).contains(grant);
    assertThat(revokedAt(world.authorizationServer)).containsExactly(refreshTokenOf(old).reveal());
    assertThat(saidBy(byUrl())).isEqualTo("owner-1");
  }

  @Test
  void serverOfTheRegistryIsFollowedByConnectAndByAnAccess() {
    server.put();
    server.connectWithConsent();
    issuers.migrate();
    assertThat(server.begin().authorizationUrl()).startsWith(other.issuer());
    var needed = (Access.ConsentNeeded) server.access(USER);
    assertThat(needed.replaceable()).isInstanceOf(Replaceable.MigratedGrant.class);
    var starting = AuthorizationStart.fresh().forServer(MCP_ID).replacing(needed.replaceable());
    issuers.connected(world.flow().consent(USER, needed.resource(), starting, world.now()));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void whatAnAccessHasSeenIsEnoughWhereTheServerRefusesOnlyCalls() {
    world.mcpServer.adjust(knobs -> knobs.protocolVersions("2025-11-25"));
    world.connect();
    saidBy(byUrl());
    issuers.naming(other);
    // The server refuses only the call. The handshake, which a start could look at, succeeds.
    world.mcpServer.mcpEndpoint().next(challenging());
    var needed = (Access.ConsentNeeded) byUrl();
    issuers.connected(
        world.flow().consent(USER, needed.resource(), AuthorizationStart.fresh().replacing(needed.replaceable()),
            world.now()));
  }

  private Response challenging() {
    return Response.of(401).with("WWW-Authenticate", "Bearer error=\"invalid_token\"");
  }

  @Test
  void metadataThatStillNamesTheIssuerIsNoMigrationHoweverTheTokenFares() {
    var grant = world.connect();
    issuers.migrate();
    issuers.naming(world.authorizationServer, other);
    assertConflict(TwoIssuers.at(other));
    assertGrantLives(grant);
  }

  @Test
  void metadataIsFetchedAfreshAndNotTakenFromMemory() {
    var grant = world.connect();
    issuers.naming(other);
    discovered();
    world.mcpServer.adjust(knobs -> knobs.authorizationServers(world.authorizationServer.issuer()));
    world.authorizationServer.revoke(grant.tokens().accessToken().reveal());
    assertConflict(TwoIssuers.at(other));
  }

  @Test
  void tokenThatIsRefusedBecauseItIsOverSaysNothingWhileItCanBeRenewed() {
    world.connect();
    issuers.naming(other);
    world.clock.advance(Duration.ofMinutes(61));
    assertConflict(TwoIssuers.at(other));
    // The access renews the token. After that, the server's refusal counts.
    world.mcpServer.moveTo(other);
    assertThat(byUrl()).isInstanceOf(Access.ConsentNeeded.class);
    issuers.connected(issuers.begin(TwoIssuers.at(other)));
  }

  @Test
  void tokenThatIsOverAndCannotBeRenewedIsRefusedForGood() {
    world.authorizationServer.adjust(knobs -> knobs.withoutRefreshTokens());
    world.connect();
    issuers.migrate();
    world.clock.advance(Duration.ofMinutes(61));
    issuers.connected(issuers.begin(TwoIssuers.at(other)));
  }

  @Test
  void serverThatCannotBeAskedHasNotMigrated() {
    world.connect();
    issuers.naming(other);
    discovered();
    world.mcpServer.mcpEndpoint().next(Response.of(503),
        Response.of(503));
    assertConflict(TwoIssuers.at(other));
  }

  // At the callback

  @Test
  void ofTwoFirstConsentsAtDifferentIssuersTheOneThatEndsFirstIsKept() {
    issuers.naming(world.authorizationServer, other);
    var first = issuers.begin(TwoIssuers.at(world.authorizationServer));
    var second = issuers.begin(TwoIssuers.at(other));
    var grant = issuers.connected(first);
    assertThat(issuers.finish(second)).isEqualTo(world.failed(ErrorCode.ISSUER_CONFLICT));
    assertGrantLives(grant);
    // The tokens that were not kept are revoked.
    assertThat(other.revocations()).hasSize(1);
    assertThat(other.liveRefreshTokens()).isEmpty();
    assertThat(world.log()).contains("\"event\":\"code_not_redeemed\"").contains("\"event\":\"tokens_dropped\"");
  }

  @Test
  void consentAfterAMigrationReplacesTheGrantThatMigratedAndNoLaterOne() {
    world.connect();
    issuers.migrate();
    var migrating = issuers.begin(TwoIssuers.at(other));
    try (var third = FakeAuthorizationServer.start(knobs -> knobs.clock(world.clock))) {
      world.mcpServer.adjust(knobs -> knobs.authorizationServers(third.issuer()));
      world.restart();
      var begun = issuers.begin(TwoIssuers.replacingAt(third));
      var outcome = world.flow().callback(ComingBack.with(begun, third.approve(begun.authorizationUrl())), deadline());
      assertThat(outcome).isInstanceOf(CallbackOutcome.Connected.class);
      assertThat(issuers.finish(migrating)).isEqualTo(world.failed(ErrorCode.ISSUER_CONFLICT));
      assertThat(third.revocations()).isEmpty();
      assertThat(world.stored(USER).orElseThrow().target().issuer().value()).isEqualTo(third.issuer());
    }
  }

  @Test
  void consentThatMayReplaceReplacesWhatCameMeanwhile() {
    issuers.naming(world.authorizationServer, other);
    var replacing = issuers.begin(TwoIssuers.replacingAt(other));
    var meanwhile = issuers.connected(issuers.begin(TwoIssuers.at(world.authorizationServer)));
    var grant = issuers.connected(replacing);
    assertThat(world.stored(USER)).contains(grant);
    assertThat(revokedAt(world.authorizationServer)).containsExactly(refreshTokenOf(meanwhile).reveal());
  }
}
