package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;
import static social.avatarai.mcp.world.GrantWorld.renewed;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.GrantWorld;

/**
 * An issuer moves its token endpoint. Its grants follow a move within the issuer's site, and end if the endpoint leaves
 * the site. In these tests, all ports of one host are one site, and {@code localhost} and {@code 127.0.0.1} are two
 * sites.
 */
class MovedTokenEndpointFlowTest {
  private final GrantWorld world = GrantWorld.start();
  private final LoopbackHttp moved = LoopbackHttp.start(_ -> Response.json(200,
      Json.newObject().put("access_token", "access-from-there").put("refresh_token", "refresh-from-there")
          .put("token_type", "Bearer").put("expires_in", 3600)));

  @AfterEach
  void close() {
    try (moved) {
      world.close();
    }
  }

  private String onTheSameSite() {
    return moved.url() + "/token";
  }

  private String onAnotherSite() {
    return "http://127.0.0.1:" + moved.port() + "/token";
  }

  private void publish(String endpoint) {
    world.authorizationServer.adjust(knobs -> knobs.metadata("token_endpoint", endpoint));
  }

  private Refreshed refresh(Flow process) {
    return process.refresh(USER, new What.Stored(world.connection()), inTime());
  }

  private static void assertRenewedThere(Refreshed refreshed) {
    assertThat(renewed(refreshed).tokens().accessToken().reveal()).isEqualTo("access-from-there");
  }

  /** After the first finding the grant waits. A second finding, much later, ends the grant. */
  private void assertEndsTheSecondTime(Flow first, Flow second, Response... oldEndpoint) {
    world.authorizationServer.tokenEndpoint().next(oldEndpoint);
    assertWaits(refresh(first));
    world.clock.advance(Duration.ofMinutes(15));
    world.authorizationServer.tokenEndpoint().next(oldEndpoint);
    assertEnded(refresh(second));
  }

  private void assertWaits(Refreshed refreshed) {
    assertThat(refreshed).isEqualTo(new Refreshed.Later(world.clock.instant().plus(Duration.ofMinutes(15)), null));
    assertThat(moved.requests()).isEmpty();
    assertThat(world.grantOf(USER).state().needsReauthorization()).isFalse();
  }

  private void assertEnded(Refreshed refreshed) {
    assertThat(refreshed).isInstanceOf(Refreshed.ConsentNeeded.class);
    assertThat(moved.requests()).isEmpty();
    var state = world.grantOf(USER).state();
    assertThat(state.needsReauthorization()).isTrue();
    assertThat(state.cause()).isEqualTo(GrantState.Cause.TOKEN_ENDPOINT_MOVED);
  }

  @Test
  void grantFollowsWithinTheSiteOnceTheOldEndpointIsGone() {
    var grant = world.connect(USER);
    publish(onTheSameSite());
    world.authorizationServer.tokenEndpoint().next(Response.of(404));
    assertRenewedThere(refresh(world.anotherProcess()));
    assertThat(moved.requests()).singleElement().satisfies(request -> assertThat(request.parameters())
        .containsEntry("refresh_token", refreshTokenOf(grant).reveal()));
    assertThat(world.grantOf(USER).target().tokenEndpoint().value()).isEqualTo(onTheSameSite());
  }

  @Test
  void grantThatHasFollowedIsRenewedAtTheNewEndpointAtOnce() {
    world.connect(USER);
    publish(onTheSameSite());
    world.authorizationServer.tokenEndpoint().next(Response.of(404));
    refresh(world.anotherProcess());
    int documents = world.authorizationServer.metadataRequests().size();
    int asked = world.authorizationServer.tokenRequests().size();
    assertRenewedThere(refresh(world.anotherProcess()));
    assertThat(moved.requests()).hasSize(2);
    assertThat(world.authorizationServer.tokenRequests()).hasSize(asked);
    assertThat(world.authorizationServer.metadataRequests()).hasSize(documents);
  }

  @Test
  void metadataThatIsRememberedLeadsToTheNewEndpointBeforeTheOldOneIsAsked() {
    world.connect(USER);
    int asked = world.authorizationServer.tokenRequests().size();
    publish(onTheSameSite());
    var process = world.anotherProcess();
    process.discoverAuthorizationServer(USER, world.issuerId(), inTime());
    assertRenewedThere(refresh(process));
    assertThat(world.authorizationServer.tokenRequests()).hasSize(asked);
  }

  @Test
  void mcpSessionOutlivesTheMove() {
    world.connect(USER);
    world.access(USER, listTools());
    var protocol = world.grantOf(USER).protocol();
    assertThat(protocol).isNotNull();
    publish(onTheSameSite());
    world.authorizationServer.tokenEndpoint().next(Response.of(404));
    refresh(world.anotherProcess());
    assertThat(world.grantOf(USER).protocol()).isEqualTo(protocol);
  }

  @Test
  void grantEndsWhereTheEndpointLeavesTheSiteAndNothingIsSentThere() {
    world.connect(USER);
    publish(onAnotherSite());
    assertEndsTheSecondTime(world.anotherProcess(), world.anotherProcess(), Response.of(410));
  }

  /** The bug: a metadata document that was wrong for a short time ended the grant. */
  @Test
  void metadataThatLeavesTheSiteForAMomentEndsNothing() {
    world.connect(USER);
    publish(onAnotherSite());
    var process = world.anotherProcess();
    process.discoverAuthorizationServer(USER, world.issuerId(), inTime());
    int asked = world.authorizationServer.tokenRequests().size();
    assertWaits(refresh(process));
    world.clock.advance(Duration.ofMinutes(14));
    assertThat(refresh(process)).isInstanceOf(Refreshed.Later.class);
    // The access token stays in use, and the refresh token is not sent to any endpoint.
    assertThat(world.access(process, USER, listTools())).isInstanceOf(Access.Answered.class);
    assertThat(world.authorizationServer.tokenRequests()).hasSize(asked);
    publish(world.authorizationServer.issuer() + "/token");
    world.clock.advance(Duration.ofMinutes(1));
    renewed(refresh(process));
    assertThat(world.grantOf(USER).state().refusals()).isZero();
    assertThat(moved.requests()).isEmpty();
  }

  @Test
  void grantEndsBeforeTheOldEndpointIsAskedWhereTheMetadataIsRemembered() {
    world.connect(USER);
    int asked = world.authorizationServer.tokenRequests().size();
    publish(onAnotherSite());
    var process = world.anotherProcess();
    process.discoverAuthorizationServer(USER, world.issuerId(), inTime());
    assertEndsTheSecondTime(process, process);
    assertThat(world.authorizationServer.tokenRequests()).hasSize(asked);
  }

  @Test
  void accessTokenOfAGrantThatEndedSoIsUsedUntilItEnds() {
    world.connect(USER);
    publish(onAnotherSite());
    assertEndsTheSecondTime(world.anotherProcess(), world.anotherProcess(), Response.of(404));
    assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
    world.expire();
    assertThat(world.access(USER, listTools())).isInstanceOf(Access.ConsentNeeded.class);
  }

  @Test
  void newConsentForgetsTheCause() {
    world.connect(USER);
    publish(onAnotherSite());
    assertEndsTheSecondTime(world.anotherProcess(), world.anotherProcess(), Response.of(404));
    publish(world.authorizationServer.issuer() + "/token");
    world.flow.discoverAuthorizationServer(USER, world.issuerId(), inTime());
    world.connect(USER);
    assertThat(world.grantOf(USER).state().cause()).isNull();
    assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
  }

  /** The bug to avoid: a process that remembers metadata from before a move ends grants from after the move. */
  @Test
  void metadataOfBeforeTheGrantMovesNothing() {
    publish(onAnotherSite());
    var behind = world.anotherProcess();
    behind.discoverAuthorizationServer(USER, world.issuerId(), inTime());
    publish(world.authorizationServer.issuer() + "/token");
    world.connect(USER);
    renewed(refresh(behind));
    assertThat(moved.requests()).isEmpty();
    assertThat(world.grantOf(USER).state().needsReauthorization()).isFalse();
  }

  @Test
  void refreshThatSucceedsAsksForNoMetadata() {
    world.connect(USER);
    int documents = world.authorizationServer.metadataRequests().size();
    renewed(refresh(world.anotherProcess()));
    renewed(refresh(world.flow));
    assertThat(world.authorizationServer.metadataRequests()).hasSize(documents);
  }

  @Test
  void metadataThatIsGoneTooEndsNothing() {
    world.connect(USER);
    world.authorizationServer.tokenEndpoint().next(Response.of(404));
    world.authorizationServer.metadataEndpoint().next(Response.of(404), Response.of(404));
    assertThat(refresh(world.anotherProcess())).isInstanceOf(Refreshed.Later.class);
    assertThat(world.grantOf(USER).state().needsReauthorization()).isFalse();
    world.clock.advance(Duration.ofMinutes(16));
    renewed(refresh(world.flow));
  }

  @Test
  void refusalInAWordOfTheProtocolIsNoMove() {
    world.connect(USER);
    publish(onTheSameSite());
    world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_grant"));
    assertThat(refresh(world.anotherProcess())).isInstanceOf(Refreshed.ConsentNeeded.class);
    assertThat(moved.requests()).isEmpty();
    assertThat(world.grantOf(USER).state().cause()).isEqualTo(GrantState.Cause.REFRESH_REFUSED);
  }

  @Test
  void tokensAreRevokedWhereTheIssuerMovedWithinItsSiteAndNotWhereItLeftIt() {
    world.connect(USER);
    publish(onTheSameSite());
    assertThat(world.anotherProcess().disconnect(USER, world.connection(), inTime()).revoked()).isTrue();
    assertThat(world.authorizationServer.revocations()).hasSize(1);
    publish(world.authorizationServer.issuer() + "/token");
    world.connect(USER);
    publish(onAnotherSite());
    assertThat(world.anotherProcess().disconnect(USER, world.connection(), inTime()).revoked()).isFalse();
    assertThat(world.authorizationServer.revocations()).hasSize(1);
  }

  @Test
  void endpointThatNobodyListensAtAnyMoreIsFollowed() {
    var grant = world.connect(USER);
    // The grant names a token endpoint that has just stopped listening.
    var old = LoopbackHttp.start(_ -> Response.of(500));
    var target = new GrantTarget(grant.target().issuer(), new EndpointUrl(old.url() + "/token"),
        grant.target().resource(), grant.target().serverUrl());
    world.stored.store(new Grant(grant.key(), GrantId.fresh(), 1, target, grant.client(), grant.tokens(), grant.state(),
        grant.warnings(), null));
    old.close();
    publish(onTheSameSite());
    assertRenewedThere(refresh(world.anotherProcess()));
  }
}
