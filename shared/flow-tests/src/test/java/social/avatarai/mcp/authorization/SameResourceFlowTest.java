package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.TwoIssuers;

/**
 * Two servers at one origin both name the origin as their resource, and name the same issuer. They share one
 * connection.
 */
class SameResourceFlowTest {
  private final TwoIssuers issuers = new TwoIssuers();
  private final FlowWorld world = issuers.world;

  private AuthorizationStarted beginAtNeighbour() {
    return issuers.beginAtNeighbour(AuthorizationStart.fresh());
  }

  @BeforeEach
  void claimTheOrigin() {
    world.mcpServer.adjust(knobs -> knobs.resource(world.mcpServer.origin()));
    issuers.placeNeighbour(world.authorizationServer);
  }

  @AfterEach
  void close() {
    issuers.close();
  }

  private Access byUrl(String url) {
    return world.flow().access(USER, new Target.ByUrl(new EndpointUrl(url)), call("whoami"), deadline());
  }

  private void assertStaysWithItsServer(Grant grant) {
    assertThat(world.grants().read(grant.key()).orElseThrow().id()).isEqualTo(grant.id());
    assertThat(saidBy(byUrl(world.mcpServer.url()))).isEqualTo("owner-1");
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(world.authorizationServer.liveRefreshTokens()).contains(refreshTokenOf(grant).reveal());
  }

  @Test
  void consentAtTheSameIssuerFromAnotherUrlOfTheResourceMovesNoGrantAndEarnsNoMigration() {
    var grant = world.connect();
    assertFails(ErrorCode.SERVER_CONFLICT, () -> beginAtNeighbour());
    assertThatThrownBy(() -> beginAtNeighbour()).hasMessageContainingAll("disconnect", "replace=true",
        "server record");
    // The neighbour refuses every token and names another issuer. It is not the connection's server.
    issuers.placeNeighbour(issuers.other);
    world.restart();
    assertFails(ErrorCode.ISSUER_CONFLICT, () -> beginAtNeighbour());
    issuers.assertNothingBeganAtTheOther();
    assertStaysWithItsServer(grant);
  }

  @Test
  void anotherKeyInTheUrlIsNoOtherServer() {
    var first = world.connect(USER, world.url().withQueryPart("?api_key=one"), AuthorizationStart.fresh());
    var grant = world.connect(USER, world.url().withQueryPart("?api_key=two"), AuthorizationStart.fresh());
    assertThat(grant.key()).isEqualTo(first.key());
    var access = world.flow().access(USER, new Target.ByConnection(grant.key().connection()), call("whoami"),
        deadline());
    assertThat(saidBy(access)).isEqualTo("owner-2");
    assertThat(world.mcpServer.requests().getLast().rawQuery()).isEqualTo("api_key=two");
  }

  @Test
  void ofTwoFirstConsentsFromTwoUrlsOfTheResourceTheOneThatEndsFirstIsKept() {
    var first = world.begin();
    var second = beginAtNeighbour();
    var grant = issuers.connected(first);
    assertThat(issuers.finish(second)).isEqualTo(
        new CallbackOutcome.Failed(grant.key().connection(), ErrorCode.SERVER_CONFLICT, null, null));
    assertStaysWithItsServer(grant);
    // The refused consent's token is kept and not revoked, because some issuers would end the remaining grant too.
    assertThat(world.replacedTokens().of(grant.key())).hasSize(1);
  }

  @Test
  void callerWhoSaysReplaceMovesTheConnection() {
    var grant = world.connect();
    var moved = issuers
        .connected(issuers.beginAtNeighbour(AuthorizationStart.fresh().replacing(new Replaceable.AnyIssuer())));
    assertThat(moved.key()).isEqualTo(grant.key());
    assertThat(moved.target().serverUrl()).isEqualTo(issuers.neighbour());
    assertThat(moved.covers(new EndpointUrl(world.mcpServer.url()))).isFalse();
  }

  @Test
  void afterTheConnectionIsDisconnectedAnotherUrlMayTakeIt() {
    var grant = world.connect();
    world.flow().disconnect(USER, grant.key().connection(), deadline());
    assertThat(issuers.connected(beginAtNeighbour()).target().serverUrl()).isEqualTo(issuers.neighbour());
  }

  @Test
  void sameUrlWithASlashMoreIsTheSameServer() {
    var grant = world.connect();
    String metadata = world.mcpServer.origin() + "/.well-known/oauth-protected-resource/mcp";
    world.mcpServer.shareOriginWith(
        _ -> Response.of(401).with("WWW-Authenticate", "Bearer resource_metadata=\"" + metadata + "\""));
    var again = world.begin(USER, new EndpointUrl(world.mcpServer.url() + "/"), AuthorizationStart.fresh());
    assertThat(issuers.connected(again).target()).isEqualTo(grant.target());
  }

  /**
   * A consent that an access needs is for the server of the grant. So it never changes the URLs that the grant covers.
   */
  @Test
  void consentThatAnAccessBelowNeedsIsForTheServerOfTheGrant() {
    var grant = world.connect();
    world.authorizationServer.revoke(refreshTokenOf(grant).reveal());
    world.clock.advance(Duration.ofMinutes(61));
    var needed = (Access.ConsentNeeded) byUrl(world.mcpServer.url() + "/below");
    assertThat(needed.resource().server().value()).isEqualTo(world.mcpServer.url());
    var starting = AuthorizationStart.fresh().forServer(needed.connection());
    var again = issuers.connected(world.flow().consent(USER, needed.resource(), starting, world.now()));
    assertThat(again.target()).isEqualTo(grant.target());
    assertThat(saidBy(byUrl(world.mcpServer.url()))).isEqualTo("owner-2");
  }
}
