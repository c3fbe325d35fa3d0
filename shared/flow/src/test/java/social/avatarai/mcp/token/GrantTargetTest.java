package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;

class GrantTargetTest {
  private static GrantTarget target(String resource, String server) {
    return new GrantTarget(new Issuer("https://issuer.example"), new EndpointUrl("https://issuer.example/token"),
        new ResourceUri(resource), new EndpointUrl(server));
  }

  @ParameterizedTest
  @CsvSource({"https://h.example/mcp", "https://h.example/mcp/", "https://h.example/mcp?toolsets=none",
      "https://h.example/mcp/below"})
  void serverWithAQueryCoversItsPathWithAnyQueryAndWhatIsBelow(String url) {
    var target = target("https://h.example/mcp", "https://h.example/mcp?toolsets=all");
    assertThat(target.covers(new EndpointUrl(url))).isTrue();
    assertThat(target.covers(new EndpointUrl("https://h.example/mcps"))).isFalse();
  }

  @Test
  void resourceWithAQueryCoversThatQueryAlone() {
    var target = target("https://h.example/mcp?t=a", "https://h.example/mcp?t=a");
    assertThat(target.covers(new EndpointUrl("https://h.example/mcp?t=a"))).isTrue();
    assertThat(target.covers(new EndpointUrl("https://h.example/mcp?t=b"))).isFalse();
  }

  @Test
  void grantOfTheNearerServerIsNearerWhateverItsResourceIs() {
    var root = target("https://h.example/", "https://h.example/");
    var parent = target("https://h.example/a", "https://h.example/a");
    var server = target("https://h.example/", "https://h.example/a/mcp");
    var exact = target("https://h.example/a/mcp", "https://h.example/a/mcp");
    assertThat(Stream.of(root, parent, server, exact).map(GrantTarget::nearness)).isSorted()
        .doesNotHaveDuplicates();
    assertThat(target("https://h.example/a/", "https://h.example/a/").nearness()).isEqualTo(parent.nearness());
  }
}
