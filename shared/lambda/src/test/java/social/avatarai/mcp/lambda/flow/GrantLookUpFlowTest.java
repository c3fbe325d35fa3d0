package social.avatarai.mcp.lambda.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.lambda.flow.GrantWorld.USER;
import static social.avatarai.mcp.lambda.flow.GrantWorld.inTime;
import static social.avatarai.mcp.lambda.flow.GrantWorld.listTools;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Flow;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Tokens;

/** Which stored grant a URL is asked with: the exact one, else the longest parent's, and no other's. */
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

  /** The token that a URL is asked with; "" for none. */
  private String tokenFor(String path) {
    world.byUrl(USER, server.url() + path, listTools());
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
      world.byUrl(USER, other.url() + "/a", listTools());
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
    assertThatThrownBy(() -> tokenFor("/a")).isInstanceOfSatisfying(Failure.class,
        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.AMBIGUOUS_CONNECTION));
    assertThat(server.requests()).isEmpty();
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

  @Test
  void deepPathFindsItsResource() {
    keep("/a", "invented-a");
    assertThat(tokenFor("/a".repeat(40))).isEqualTo("Bearer invented-a");
  }
}
