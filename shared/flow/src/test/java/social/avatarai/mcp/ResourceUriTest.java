package social.avatarai.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceUriTest {

  @ParameterizedTest
  @CsvSource({"https://h.example/mcp,https://h.example/mcp", "https://h.example/mcp,https://h.example/mcp/",
      "https://h.example/mcp/,https://h.example/mcp", "https://h.example/mcp,https://h.example/mcp/a/b?c",
      "https://h.example,https://h.example/mcp", "https://h.example/,https://h.example/mcp",
      "https://h.example/mcp,https://H.example:443/mcp", "https://h.example/mcp?a,https://h.example/mcp?a",
      "https://h.example/mcp?a,https://h.example/mcp/?a", "https://h.example/a/../b,https://h.example/a/../b"})
  void coversItselfAndWhatIsBelow(String resource, String target) {
    assertThat(new ResourceUri(resource).covers(new EndpointUrl(target))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"https://h.example/mcp,https://h.example/mcp2", "https://h.example/mcp,https://h.example/",
      "https://h.example/mcp,https://h.example/MCP", "https://h.example/mcp,https://h.example:8443/mcp",
      "https://h.example/mcp,https://other.example/mcp", "https://localhost/mcp,http://localhost/mcp",
      "https://h.example/mcp?a,https://h.example/mcp", "https://h.example/mcp?a,https://h.example/mcp?b",
      "https://h.example/mcp?a,https://h.example/mcp/x?a", "https://h.example/mcp?,https://h.example/mcp"})
  void coversNothingElse(String resource, String target) {
    assertThat(new ResourceUri(resource).covers(new EndpointUrl(target))).isFalse();
  }

  /** A server that resolves the path would serve another resource than the one that the token was granted for. */
  @ParameterizedTest
  @ValueSource(strings = {"/a/../b", "/a/..", "/a/./../b", "/a/%2e%2e/b", "/a/.%2E/b", "/a/x%2f../../b", "/a/..%5cb",
      "/a/..;/b", "/a/..;x=1/b", "/a/%2e%2e%3bx/b", "/a/."})
  void doesNotCoverAPathThatWalksUp(String path) {
    var target = new EndpointUrl("https://h.example" + path);

    assertThat(new ResourceUri("https://h.example/a").covers(target)).isFalse();
    assertThat(new ResourceUri("https://h.example").covers(target)).isFalse();
    assertThat(new ResourceUri(target.value()).covers(target)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a/...", "/a/..b", "/a/b..", "/a/b;..", "/a/.well-known/x"})
  void coversPathsThatOnlyHaveDots(String path) {
    assertThat(new ResourceUri("https://h.example/a").covers(new EndpointUrl("https://h.example" + path))).isTrue();
  }

  @Test
  void isNearerTheLongerItsPathAndWithAQuery() {
    var target = new EndpointUrl("https://h.example:8443/a/b?c=d");
    var nearestFirst = resources("https://h.example:8443/a/b?c=d", "https://h.example:8443/a/b",
        "https://h.example:8443/a", "https://h.example:8443");
    assertThat(nearestFirst).allMatch(resource -> resource.covers(target));
    assertThat(nearestFirst).isSortedAccordingTo(Comparator.comparingInt(ResourceUri::nearness).reversed())
        .extracting(ResourceUri::nearness).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://h.example", "https://h.example/a", "https://h.example/a//b"})
  void isAsNearWithASlashAsWithout(String url) {
    for (String query : List.of("", "?", "?c=d")) {
      assertThat(new ResourceUri(url + query).nearness()).isEqualTo(new ResourceUri(url + "/" + query).nearness());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://h.example", "https://h.example/", "https://h.example/a/b/c/",
      "https://h.example/a//b",
      "https://h.example/a?b=c", "https://h.example/?", "https://h.example/a/../b?c", "https://h.example/a//?b",
      "http://[::1]:80/x"})
  void coversTheUrlThatItIs(String url) {
    var target = new EndpointUrl(url);

    assertThat(new ResourceUri(url).covers(target)).isTrue();
    assertThat(target.isSame(target)).isTrue();
  }

  @Test
  void coversAUrlHoweverDeepItIs() {
    var target = new EndpointUrl("https://h.example" + "/a".repeat(1000) + "?q");

    assertThat(resources("https://h.example", "https://h.example/a/", "https://h.example" + "/a".repeat(500)))
        .allMatch(resource -> resource.covers(target));
  }

  @Test
  void isNoLongerThanItCanBeFoundBy() {
    String longest = "https://h.example/" + "a".repeat(ResourceUri.MAX_LENGTH - 18);

    assertThat(new ResourceUri(longest).covers(new EndpointUrl(longest + "/a"))).isTrue();
    assertThatThrownBy(() -> new ResourceUri(longest + "a")).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("is longer than 1024 characters");
  }

  @ParameterizedTest
  @CsvSource({"https://h.example/mcp,https://h.example/mcp/", "https://h.example,https://H.example:443/",
      "https://h.example/mcp?a,https://h.example/mcp/?a"})
  void sameUrlMayHaveASlashMore(String one, String other) {
    assertThat(new EndpointUrl(one).isSame(new EndpointUrl(other))).isTrue();
    assertThat(new EndpointUrl(other).isSame(new EndpointUrl(one))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"https://h.example/mcp,https://h.example/mcp?a", "https://h.example/mcp?a,https://h.example/mcp?b",
      "https://h.example/mcp,https://h.example/mcp//", "https://h.example/mcp,https://h.example/mcp/a",
      "https://h.example/mcp,https://h.example:8443/mcp", "https://h.example/mcp?,https://h.example/mcp"})
  void anotherUrlIsNotTheSame(String one, String other) {
    assertThat(new EndpointUrl(one).isSame(new EndpointUrl(other))).isFalse();
    assertThat(new EndpointUrl(other).isSame(new EndpointUrl(one))).isFalse();
  }

  private static List<ResourceUri> resources(String... urls) {
    return List.of(urls).stream().map(ResourceUri::new).toList();
  }
}
