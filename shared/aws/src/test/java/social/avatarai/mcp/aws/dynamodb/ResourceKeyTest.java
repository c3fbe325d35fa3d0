package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ResourceUri;

class ResourceKeyTest {

  @ParameterizedTest
  @CsvSource({"https://h.example,https://h.example/", "https://h.example/,https://h.example/",
      "https://H.EXAMPLE:443/A/b,https://h.example/A/b", "https://h.example/a/?b=c,https://h.example/a/",
      "https://h.example?b=c,https://h.example/", "http://[::1]:80/%61//b/../c,http://[::1]/%61//b/../c"})
  void isOriginAndPathWithoutTheQuery(String resource, String key) {
    assertThat(ResourceKey.of(new ResourceUri(resource))).isEqualTo(key);
  }

  @Test
  void isCutWhereAnIndexCouldNotHoldIt() {
    String longest = "https://h.example/" + "a".repeat(ResourceUri.MAX_LENGTH - 18);
    assertThat(ResourceKey.of(new ResourceUri(longest))).isEqualTo(longest.substring(0, ResourceKey.MAX_BYTES));
    assertThat(ResourceKey.MAX_BYTES).isLessThanOrEqualTo(1024);
  }

  /** Why a cut never splits a character: every character is one byte. */
  @Test
  void hasNoCharacterOfSeveralBytes() {
    assertThatThrownBy(() -> new ResourceUri("https://h.example/ä")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ResourceUri("https://ä.example/")).isInstanceOf(IllegalArgumentException.class);
    var key = ResourceKey.of(new ResourceUri("https://xn--4ca.example/%C3%A4"));
    assertThat(key.getBytes(UTF_8)).hasSize(key.length());
  }

  @ParameterizedTest
  @CsvSource({"https://h.example/,https://h.example", "https://h.example/,https://h.example/a",
      "https://h.example/a,https://h.example/a", "https://h.example/a,https://h.example/a/",
      "https://h.example/a/,https://h.example/a", "https://h.example/a/,https://h.example/a/b?c"})
  void mayCoverTheUrlItselfAndWhatIsBelow(String key, String url) {
    assertThat(ResourceKey.mayCover(key, new EndpointUrl(url))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"https://h.example/a,https://h.example/ab", "https://h.example/a/b,https://h.example/a",
      "https://h.example/a,https://h.example/", "https://h.example/a,https://h.example/b"})
  void coversNothingBesideIt(String key, String url) {
    assertThat(ResourceKey.mayCover(key, new EndpointUrl(url))).isFalse();
  }
}
