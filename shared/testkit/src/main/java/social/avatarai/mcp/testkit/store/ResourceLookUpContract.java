package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Grants;

/** The contract of {@link Grants#covering}: a URL finds exactly the grants whose tokens may be sent there. */
public abstract class ResourceLookUpContract {
  private static final ConnectionId SERVER = new ConnectionId("invented-server");
  /** A resource with the maximum length. */
  private static final String LONGEST_RESOURCE = "https://h.example/" + "a".repeat(ResourceUri.MAX_LENGTH - 18);

  private final UserId user = Samples.user();

  protected abstract Grants grants();

  private Grant stored(ConnectionId connection, String resource) {
    return stored(Samples.grant(new ConnectionKey(user, connection)), resource);
  }

  private Grant stored(Grant like, String resource) {
    var old = like.target();
    var target = new GrantTarget(old.issuer(), old.tokenEndpoint(), new ResourceUri(resource),
        new EndpointUrl(resource));
    var grant = new Grant(like.key(), like.id(), like.version(), target, like.client(), like.tokens(), like.state(),
        like.warnings(), like.protocol());
    grants().store(grant);
    return grant;
  }

  private Grant storedOfResource(String resource) {
    return stored(ConnectionId.ofResource(new ResourceUri(resource)), resource);
  }

  private List<Grant> covering(String url) {
    var covering = grants().covering(user, new EndpointUrl(url));
    assertThat(covering.unopened()).isEmpty();
    return covering.grants();
  }

  @Test
  void findsTheGrantsOfServersAndOfResourcesAlone() {
    var ofServer = stored(SERVER, "https://h.example/mcp");
    var ofResource = storedOfResource("https://h.example/mcp");
    assertThat(covering("https://h.example/mcp")).containsExactlyInAnyOrder(ofServer, ofResource);
  }

  @ParameterizedTest
  @CsvSource({"https://h.example/a,https://h.example/a", "https://h.example/a,https://h.example/a/",
      "https://h.example/a/,https://h.example/a", "https://h.example/a,https://h.example/a/b/c?d",
      "https://h.example,https://h.example", "https://h.example,https://h.example/",
      "https://h.example/,https://h.example", "https://h.example,https://h.example?a",
      "https://h.example,https://h.example/a/b", "https://H.example:443/a,https://h.example/a",
      "https://h.example/a,https://H.example:443/a", "https://h.example/a?b=c,https://h.example/a?b=c",
      "https://h.example:8443/a,https://h.example:8443/a", "http://[::1]:9402/a,http://[::1]:9402/a/b"})
  void findsTheGrantOfAResourceThatCoversTheUrl(String resource, String url) {
    var grant = stored(SERVER, resource);
    assertThat(covering(url)).containsExactly(grant);
  }

  @ParameterizedTest
  @CsvSource({"https://h.example/a,https://h.example/ab", "https://h.example/a,https://h.example/",
      "https://h.example/a,https://h.example/A", "https://h.example/a,https://h.example/b/a",
      "https://h.example/a,https://h.example/a/../b", "https://h.example/a,https://h.example.org/a",
      "https://h.example/a,https://h.example:8443/a", "https://h.example:8443/a,https://h.example:84/a",
      "https://h.example/a,https://hh.example/a", "https://localhost/a,http://localhost/a",
      "https://h.example/a?b=c,https://h.example/a", "https://h.example/a?b=c,https://h.example/a?b=d",
      "https://h.example/a?b=c,https://h.example/a/b?b=c"})
  void findsNoGrantOfAnotherResource(String resource, String url) {
    stored(SERVER, resource);
    assertThat(covering(url)).isEmpty();
  }

  @Test
  void findsAllThatCoverAUrlHoweverDeepItIs() {
    var root = stored(new ConnectionId("root"), "https://h.example");
    var parent = stored(new ConnectionId("parent"), "https://h.example/a/a");
    stored(new ConnectionId("beside"), "https://h.example/a/b");
    var exact = stored(new ConnectionId("exact"), "https://h.example" + "/a".repeat(400));
    assertThat(covering("https://h.example" + "/a".repeat(400))).containsExactlyInAnyOrder(root, parent, exact);
  }

  @Test
  void tellsResourcesApartThatDifferBeyondWhatTheIndexHolds() {
    var one = stored(new ConnectionId("one"), LONGEST_RESOURCE);
    var other = stored(new ConnectionId("other"), LONGEST_RESOURCE.substring(0, ResourceUri.MAX_LENGTH - 1) + "b");
    var shorter = stored(new ConnectionId("shorter"), LONGEST_RESOURCE.substring(0, 950));
    assertThat(covering(one.target().resource().value())).containsExactly(one);
    assertThat(covering(other.target().resource().value())).containsExactly(other);
    assertThat(covering(shorter.target().resource().value() + "/below")).containsExactly(shorter);
    assertThat(covering(LONGEST_RESOURCE + "a")).isEmpty();
  }

  /** The index may cut the resource at a slash, just before it or just after it. */
  @ParameterizedTest
  @ValueSource(ints = {898, 899, 900, 901, 902})
  void findsAResourceAroundTheLengthAtWhichTheIndexCutsIt(int length) {
    String resource = LONGEST_RESOURCE.substring(0, length);
    var without = stored(new ConnectionId("without"), resource);
    var with = stored(new ConnectionId("with"), resource + "/");
    assertThat(covering(resource)).containsExactlyInAnyOrder(without, with);
    assertThat(covering(resource + "/")).containsExactlyInAnyOrder(without, with);
    assertThat(covering(resource + "/below")).containsExactlyInAnyOrder(without, with);
    assertThat(covering(resource + "b")).isEmpty();
  }

  @Test
  void findsAResourceWhoseOriginAloneIsLongerThanTheIndexHolds() {
    String origin = "https://" + "h".repeat(950) + ".example";
    var grant = stored(SERVER, origin + "/a");
    assertThat(covering(origin + "/a")).containsExactly(grant);
    assertThat(covering(origin + ".org/a")).isEmpty();
  }

  @Test
  void findsNothingOfAnotherUser() {
    stored(SERVER, "https://h.example/a");
    assertThat(grants().covering(Samples.user(), new EndpointUrl("https://h.example/a")).grants()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void findsAGrantAtItsServersUrlAndBelowAndNotAtAllOfItsResource(boolean ofServer) {
    var resource = new ResourceUri("https://h.example/");
    var like = Samples.grant(new ConnectionKey(user, ofServer ? SERVER : ConnectionId.ofResource(resource)));
    var target = new GrantTarget(like.target().issuer(), like.target().tokenEndpoint(),
        resource, new EndpointUrl("https://h.example/a"));
    var grant = new Grant(like.key(), like.id(), 1, target, like.client(), like.tokens(), like.state(),
        like.warnings(), like.protocol());
    grants().store(grant);
    for (String url : List.of("https://h.example/a", "https://h.example/a/", "https://h.example/a/b"))
      assertThat(covering(url)).as(url).containsExactly(grant);
    for (String url : List.of("https://h.example", "https://h.example/b", "https://h.example/ab",
        "https://h.example?c"))
      assertThat(covering(url)).as(url).isEmpty();
  }

  @Test
  void findsAGrantAsItIsNow() {
    var first = stored(SERVER, "https://h.example/a");
    var renewed = first.renewed(Samples.tokens("renewed"), GrantState.healthy(NOW, 82_500_100));
    assertThat(grants().commit(renewed)).isTrue();
    assertThat(covering("https://h.example/a")).containsExactly(renewed);
    grants().noteEnabled(first.key(), false);
    assertThat(covering("https://h.example/a")).containsExactly(renewed.inUse(false));

    var moved = stored(SERVER, "https://h.example/b");
    assertThat(covering("https://h.example/a")).isEmpty();
    assertThat(covering("https://h.example/b")).containsExactly(moved);

    assertThat(grants().delete(moved)).isTrue();
    assertThat(covering("https://h.example/b")).isEmpty();
  }

  @Test
  void findsMoreGrantsThanOneReadTakes() {
    var all = IntStream.range(0, 101)
        .mapToObj(i -> stored(Samples.plainGrant(new ConnectionKey(user, new ConnectionId("server-" + i))),
            "https://h.example/a"))
        .toList();
    assertThat(covering("https://h.example/a")).containsExactlyInAnyOrderElementsOf(all);
  }
}
