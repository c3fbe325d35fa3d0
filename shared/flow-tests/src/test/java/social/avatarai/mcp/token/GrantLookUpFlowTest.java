package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.listTools;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.GrantWorld;

/**
 * A request to a URL uses the stored grant of exactly this URL, otherwise the grant of the longest parent, and never
 * another grant.
 */
class GrantLookUpFlowTest {
  private final GrantWorld world = GrantWorld.start();
  private final Grant any = world.connect(USER);
  private final LoopbackHttp server = LoopbackHttp.start(_ -> Response.of(403));

  @AfterEach
  void close() {
    server.close();
    world.close();
  }

  private Grant keep(String resource, String token) {
    var grant = GrantWorld.elsewhere(any, server.url() + resource);
    var old = grant.tokens();
    var tokens = new Tokens(new AccessToken(token), null, old.scope(), old.obtainedAt(), old.expiresAt());
    var kept = new Grant(grant.key(), grant.id(), 1, grant.target(), grant.client(), tokens, grant.state(),
        grant.warnings(), null);
    world.stored.store(kept);
    return kept;
  }

  /** A grant of a server of the registry. The server's record has this URL. */
  private Grant keepOfServer(String id, String resource, String url, String token) {
    var old = any.tokens();
    var tokens = new Tokens(new AccessToken(token), null, old.scope(), old.obtainedAt(), old.expiresAt());
    var target = new GrantTarget(any.target().issuer(), any.target().tokenEndpoint(),
        new ResourceUri(server.url() + resource), new EndpointUrl(server.url() + url));
    var kept = new Grant(new ConnectionKey(USER.user(), new ConnectionId(id)), GrantId.fresh(), 1, target, any.client(),
        tokens, any.state(), any.warnings(), null);
    world.stored.store(kept);
    return kept;
  }

  /** The bug: an issuer that had come to spell itself otherwise counted as two. */
  @Test
  void grantsOfOneIssuerInTwoSpellingsAreNotAmbiguousWhereOneNeedsAConsent() {
    var old = keepOfServer("before", "/mcp", "/mcp", "token-before");
    var target = old.target();
    world.stored.store(new Grant(new ConnectionKey(USER.user(), new ConnectionId("after")), GrantId.fresh(), 1,
        new GrantTarget(target.issuer().otherSpelling(), target.tokenEndpoint(), target.resource(), target.serverUrl()),
        old.client(), keepOfServer("after", "/mcp", "/mcp", "token-after").tokens(), old.state(), old.warnings(),
        null));
    end(old);
    assertThat(tokenFor("/mcp")).isEqualTo("Bearer token-after");
  }

  private void assertAmbiguous(String path, Grant... named) {
    var sent = server.requests().size();
    assertThatThrownBy(() -> tokenFor(path)).isInstanceOfSatisfying(Failure.class, failure -> {
      assertThat(failure.code()).isEqualTo(ErrorCode.AMBIGUOUS_CONNECTION);
      assertThat(failure).hasMessageContaining("server_id");
      for (var grant : named)
        assertThat(failure).hasMessageContaining(grant.key().connection().value());
    });
    assertThat(server.requests()).hasSize(sent);
  }

  /** After this, no refresh renews the grant, and its access token has expired. */
  private void end(Grant grant) {
    var lost = new GrantState(GrantState.Status.REAUTHORIZATION_REQUIRED, 0, 0, null, grant.state().lastUsed(), 0);
    assertThat(world.stored.noteState(grant, lost)).isTrue();
  }

  /** Sends a request to a server that responds with 403. Without a token, this is a refusal. */
  private void ask(String url) {
    try {
      world.byUrl(USER, url, listTools());
    } catch (Failure.Refused refused) {
      assertThat(refused.upstreamStatus()).contains(403);
    }
  }

  /** The Authorization header of a request to a URL; empty without a token. */
  private String tokenFor(String path) {
    ask(server.url() + path);
    return server.requests().getLast().header("authorization").orElse("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a", "/a/", "/a/b", "/a/b/", "/a/b/c", "/a/b?x=1", "/a?x=/b"})
  void urlAtOrBelowTheResourceIsAskedWithItsGrant(String path) {
    keep("/a", "invented-a");
    assertThat(tokenFor(path)).isEqualTo("Bearer invented-a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/ab", "/A", "/b", "/b/a", "/a/../b", "/a/%2e%2e/b", "/a/..%2fb", "/a/.;x/b",
      "/%61"})
  void urlOutsideTheResourceIsAskedWithoutAToken(String path) {
    keep("/a", "invented-a");
    assertThat(tokenFor(path)).isEmpty();
  }

  @Test
  void sameUrlOnAnotherPortIsAskedWithoutAToken() {
    keep("/a", "invented-a");
    try (var other = LoopbackHttp.start(_ -> Response.of(403))) {
      ask(other.url() + "/a");
      assertThat(other.requests()).hasSize(1).noneMatch(request -> request.header("authorization").isPresent());
    }
  }

  @Test
  void longestParentWins() {
    keep("", "invented-root");
    keep("/a", "invented-a");
    keep("/a/b", "invented-b");
    assertThat(List.of(tokenFor("/a/b/c"), tokenFor("/a/c"), tokenFor("/c")))
        .containsExactly("Bearer invented-b", "Bearer invented-a", "Bearer invented-root");
  }

  /** The bug: a grant of an earlier release stayed the nearest one, and each new consent led to the next. */
  @Test
  void grantWithTheQueryOfAnEarlierReleaseMakesRoomForItsNewConsent() {
    var old = keep("/a?api_key=1", "invented-old");
    keep("/a", "invented-new");
    assertThat(tokenFor("/a?api_key=1")).as("it works").isEqualTo("Bearer invented-old");
    end(old);
    assertThat(tokenFor("/a?api_key=1")).isEqualTo("Bearer invented-new");
  }

  @Test
  void endedGrantWithAQueryMakesRoomForNoOtherResourceAndForNoGrantThatHasEndedToo() {
    end(keep("/a/b?api_key=1", "invented-old"));
    keep("/a", "invented-parent");
    assertThat(tokenFor("/a/b?api_key=1")).isEqualTo("Bearer invented-old");
    end(keep("/a/b", "invented-new"));
    assertThat(tokenFor("/a/b?api_key=1")).isEqualTo("Bearer invented-old");
  }

  @Test
  void resourceWithAQueryIsAskedWithItsGrantForThatQueryOnly() {
    keep("/a?tenant=1", "invented-1");
    assertThat(List.of(tokenFor("/a?tenant=1"), tokenFor("/a?tenant=2"), tokenFor("/a"), tokenFor("/a/b?tenant=1")))
        .containsExactly("Bearer invented-1", "", "", "");
  }

  @Test
  void twoGrantsThatFitEquallyMustBeToldApartByName() {
    var one = keep("/a", "invented-one");
    var two = keep("/a/", "invented-two");
    assertAmbiguous("/a", one, two);
    for (var grant : List.of(one, two)) {
      world.flow.access(USER, new Flow.Target.ByConnection(grant.key().connection()), listTools(), inTime());
      assertThat(server.requests().getLast().header("authorization"))
          .contains("Bearer " + grant.tokens().accessToken().reveal());
    }
  }

  @Test
  void grantWhoseServerIsNotItsResourcesIsNotSent() {
    var grant = keep("/a", "invented-a");
    var target = grant.target();
    var astray = new GrantTarget(target.issuer(), target.tokenEndpoint(),
        new ResourceUri(server.url() + "/a"), new EndpointUrl(server.url() + "/b"));
    world.stored.store(new Grant(grant.key(), GrantId.fresh(), 1, astray, grant.client(),
        grant.tokens(), grant.state(), grant.warnings(), null));
    var byConnection = new Flow.Target.ByConnection(grant.key().connection());
    assertThatThrownBy(() -> world.flow.access(USER, byConnection, listTools(), inTime()))
        .isInstanceOf(Failure.NotPermitted.class);
    assertThat(server.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a", "/a/", "/a/b", "/a?x=1"})
  void serverOfTheRegistryIsAskedWithItsGrantAtItsUrlAndBelow(String path) {
    keepOfServer("server", "", "/a", "invented-server");
    assertThat(tokenFor(path)).isEqualTo("Bearer invented-server");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/b", "/ab", "/?x=1", "/a/../b"})
  void otherServersOfItsResourceAreAskedWithoutItsToken(String path) {
    keepOfServer("server", "", "/a", "invented-server");
    assertThat(tokenFor(path)).isEmpty();
  }

  @Test
  void serversOfOneResourceAreAskedEachWithItsOwnGrant() {
    keepOfServer("one", "", "/a", "invented-one");
    keepOfServer("two", "", "/b", "invented-two");
    assertThat(List.of(tokenFor("/a"), tokenFor("/b"), tokenFor("/c"), tokenFor(""))).containsExactly(
        "Bearer invented-one", "Bearer invented-two", "", "");
  }

  /** The metadata of one server claimed the whole origin, and named the issuer for it. */
  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/good/mcp", "/evil", "/evil/mcp2", "/evil/mcp/../../good/mcp"})
  void grantThatCameFromOneServerOfAnOriginCoversNoOther(String path) {
    keepAt("", "/evil/mcp", any.target().issuer());
    assertThat(tokenFor(path)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/evil/mcp", "/evil/mcp/", "/evil/mcp/below", "/evil/mcp?x=1"})
  void grantThatCameFromOneServerOfAnOriginCoversThatServer(String path) {
    keepAt("", "/evil/mcp", any.target().issuer());
    assertThat(tokenFor(path)).isEqualTo("Bearer invented-evil");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/"})
  void grantThatCameFromTheResourceItselfCoversAllOfIt(String slash) {
    keepAt("/a" + slash, "/a", any.target().issuer());
    assertThat(tokenFor("/a/below")).isEqualTo("Bearer invented-evil");
  }

  /** A grant of a resource alone. The consent came from this URL. */
  private Grant keepAt(String resource, String url, Issuer issuer) {
    var like = keep(resource, "invented-evil");
    var target = new GrantTarget(issuer, like.target().tokenEndpoint(), like.target().resource(),
        new EndpointUrl(server.url() + url));
    var kept = new Grant(like.key(), GrantId.fresh(), 1, target, like.client(), like.tokens(), like.state(),
        like.warnings(), null);
    world.stored.store(kept);
    return kept;
  }

  /** The guide's flow starts for the resource. Its grant covers all URLs below the resource. */
  @Test
  void flowThatIsStartedForAResourceAloneCoversWhatIsBelowIt() {
    assertThat(any.target().serverUrl()).isEqualTo(any.target().resource().url());
    try (var other = LoopbackHttp.start(_ -> Response.of(403))) {
      assertThat(any.covers(new EndpointUrl(other.url() + "/mcp"))).isFalse();
    }
    assertThat(any.covers(new EndpointUrl(world.mcpServer.url() + "/below"))).isTrue();
    assertThat(any.covers(new EndpointUrl(world.mcpServer.origin()))).isFalse();
  }

  @Test
  void grantsOfDifferentIssuersForOneResourceMustBeToldApartByNameWhateverTheirStates() {
    var one = keepOfServer("server", "/a", "/a", "invented-server");
    var other = keepAt("/a", "/a", new Issuer("https://other.example.com"));
    assertAmbiguous("/a", one, other);
    end(one);
    assertAmbiguous("/a", one, other);
    world.stored.noteEnabled(one.key(), false);
    assertAmbiguous("/a/b", one, other);
  }

  @Test
  void serverAndResourceAloneForOneResourceMustBeToldApartByName() {
    var ofServer = keepOfServer("server", "/a", "/a", "invented-server");
    var ofResource = keep("/a", "invented-resource");
    assertAmbiguous("/a", ofServer, ofResource);
    assertAmbiguous("/a/b", ofServer, ofResource);
  }

  @Test
  void grantThatNeedsConsentMakesWayForOneOfTheSameResourceThatDoesNot() {
    end(keepOfServer("server", "/a", "/a", "invented-ended"));
    var usable = keep("/a", "invented-usable");
    assertThat(tokenFor("/a")).isEqualTo("Bearer invented-usable");
    end(usable);
    assertThatThrownBy(() -> tokenFor("/a")).isInstanceOfSatisfying(Failure.class,
        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.AMBIGUOUS_CONNECTION));
  }

  @Test
  void grantWithoutARefreshTokenMakesWayWhenItsAccessTokenHasEnded() {
    keepOfServer("server", "/a", "/a", "invented-ended");
    world.expire();
    var later = keep("/a", "invented-usable");
    var now = world.clock.instant();
    var tokens = new Tokens(later.tokens().accessToken(), null, later.tokens().scope(), now, now.plusSeconds(3600));
    world.stored.store(new Grant(later.key(), GrantId.fresh(), 1, later.target(), later.client(), tokens, later.state(),
        later.warnings(), null));
    assertThat(tokenFor("/a")).isEqualTo("Bearer invented-usable");
  }

  @Test
  void serverThatIsSwitchedOffIsNotAskedByItsUrlEither() {
    var off = keepOfServer("server", "/a", "/a", "invented-off");
    world.stored.noteEnabled(off.key(), false);
    assertThatThrownBy(() -> tokenFor("/a")).isInstanceOfSatisfying(Failure.class,
        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.SERVER_DISABLED));
    assertThat(server.requests()).isEmpty();
    keep("/a", "invented-on");
    assertThat(tokenFor("/a")).as("the user's other connection").isEqualTo("Bearer invented-on");
  }

  @Test
  void serverThatIsSwitchedOffIsNotAskedWithTheGrantOfItsParent() {
    keep("", "invented-root");
    var off = keepOfServer("server", "/a", "/a", "invented-off");
    world.stored.noteEnabled(off.key(), false);
    assertThatThrownBy(() -> tokenFor("/a")).isInstanceOfSatisfying(Failure.class,
        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.SERVER_DISABLED));
    assertThat(tokenFor("/b")).isEqualTo("Bearer invented-root");
  }

  @Test
  void grantThatDoesNotCoverAUrlHidesNoOther() {
    keep("/a", "invented-parent");
    keepOfServer("server", "/a/b", "/a/b/c", "invented-server");
    assertThat(tokenFor("/a/b/d")).isEqualTo("Bearer invented-parent");
  }

  @Test
  void deepPathFindsItsResource() {
    keep("/a", "invented-a");
    assertThat(tokenFor("/a".repeat(40))).isEqualTo("Bearer invented-a");
    assertThat(tokenFor("/a".repeat(900))).isEqualTo("Bearer invented-a");
  }
}
