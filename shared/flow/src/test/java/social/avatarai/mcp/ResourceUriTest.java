package social.avatarai.mcp;

import static org.assertj.core.api.Assertions.assertThat;

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

  /** A server that resolves the path would see another resource than the one the token was granted for. */
  @ParameterizedTest
  @ValueSource(strings = {"/a/../b", "/a/..", "/a/./../b", "/a/%2e%2e/b", "/a/.%2E/b", "/a/x%2f../../b", "/a/..%5cb",
      "/a/..;/b", "/a/..;x=1/b", "/a/%2e%2e%3bx/b", "/a/."})
  void doesNotCoverAPathThatWalksUp(String path) {
    var target = new EndpointUrl("https://h.example" + path);

    assertThat(new ResourceUri("https://h.example/a").covers(target)).isFalse();
    assertThat(new ResourceUri("https://h.example").covers(target)).isFalse();
    assertThat(ResourceUri.covering(target)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a/...", "/a/..b", "/a/b..", "/a/b;..", "/a/.well-known/x"})
  void coversPathsThatOnlyHaveDots(String path) {
    assertThat(new ResourceUri("https://h.example/a").covers(new EndpointUrl("https://h.example" + path))).isTrue();
  }

  @Test
  void namesTheResourcesThatCoverAUrlLongestFirst() {
    assertThat(ResourceUri.covering(new EndpointUrl("https://h.example:8443/a/b?c=d"))).containsExactly(
        resources("https://h.example:8443/a/b?c=d", "https://h.example:8443/a/b/?c=d"),
        resources("https://h.example:8443/a/b", "https://h.example:8443/a/b/"),
        resources("https://h.example:8443/a", "https://h.example:8443/a/"),
        resources("https://h.example:8443", "https://h.example:8443/"));
  }

  @Test
  void namesTheRootAlone() {
    assertThat(ResourceUri.covering(new EndpointUrl("https://h.example/")))
        .containsExactly(resources("https://h.example", "https://h.example/"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://h.example", "https://h.example/", "https://h.example/a/b/c/",
      "https://h.example/a//b",
      "https://h.example/a?b=c", "https://h.example/?", "https://h.example/a/../b?c", "https://h.example/a//?b",
      "http://[::1]:80/x"})
  void coversAUrlWithEveryResourceItNamesForIt(String url) {
    var target = new EndpointUrl(url);

    assertThat(ResourceUri.covering(target)).isNotEmpty()
        .allSatisfy(step -> assertThat(step).isNotEmpty().allMatch(resource -> resource.covers(target)));
  }

  @Test
  void namesNoMoreResourcesThanOneBatchReads() {
    assertThat(ResourceUri.covering(new EndpointUrl("https://h.example" + "/a".repeat(1000) + "?q")))
        .hasSize(48).first().isEqualTo(resources("https://h.example" + "/a".repeat(1000) + "?q",
            "https://h.example" + "/a".repeat(1000) + "/?q"));
  }

  @Test
  void namesNoResourceThatWouldBeTooLong() {
    var target = new EndpointUrl("https://h.example/" + "a".repeat(EndpointUrl.MAX_LENGTH - 18));

    assertThat(ResourceUri.covering(target).getFirst()).containsExactly(new ResourceUri(target.value()));
  }

  private static List<ResourceUri> resources(String... urls) {
    return List.of(urls).stream().map(ResourceUri::new).toList();
  }
}
