package social.avatarai.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointUrlTest {

  @ParameterizedTest
  @ValueSource(strings = {"https://mcp.example.com", "HTTPS://MCP.example.com:443/a/../b//c?d=%2F&e",
      "http://localhost",
      "http://127.0.0.1:9402/mcp", "http://[::1]:80/", "https://[2001:db8::1]:8443/x", "https://example.com/?"})
  void keepsAUrlAsItIsWritten(String url) {
    assertThat(new EndpointUrl(url).value()).isEqualTo(url);
  }

  @ParameterizedTest
  @CsvSource({"https://h.example/mcp,https://h.example/mcp",
      "https://h.example/mcp?api_key=k,https://h.example/mcp?***",
      "https://h.example/mcp?key-alone,https://h.example/mcp?***", "https://h.example/?a=b?c&d,https://h.example/?***",
      "https://h.example?,https://h.example?***"})
  void showsAndPrintsNothingOfItsQuery(String url, String shown) {
    assertThat(new EndpointUrl(url).redacted()).isEqualTo(shown);
    assertThat(new EndpointUrl(url)).hasToString(shown);
    assertThat(new EndpointUrl(url).isRedacted()).isFalse();
  }

  @Test
  void isNoParameterAsItIsShown() {
    assertThatThrownBy(() -> EndpointUrl.ofParameter("resource", "https://h.example/mcp?***"))
        .isInstanceOf(Failure.BadRequest.class).hasMessageContaining("send the whole URL");
    assertThat(new EndpointUrl("https://h.example/mcp?***").isRedacted()).isTrue();
  }

  @Test
  void canBePutTogetherFromItsParts() {
    for (String url : new String[]{"https://h.example/mcp", "https://h.example/mcp?", "https://h.example/mcp?a=b?c"}) {
      var whole = new EndpointUrl(url);
      assertThat(whole.withoutQuery().withQueryPart(whole.queryPart())).isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://user@example.com/", "https://user:pass@example.com/", "https://@example.com/"})
  void rejectsUserInformation(String url) {
    assertRejected(url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://example.com/", "http://127.0.0.1.example.com/", "http://128.0.0.1/",
      "http://0.0.0.0/",
      "http://localhost.example.com/", "http://[::2]/", "ftp://localhost/", "ws://localhost/", "javascript:alert(1)",
      "file:///etc/passwd", "data:,x", "urn:x:y"})
  void rejectsOtherSchemesThanHttps(String url) {
    assertRejected(url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "/mcp", "//example.com/", "example.com", "https:", "https://", "https:///x",
      "https:example.com", "https://:443/", "https://127.1/", "https://a_b.example.com/", "https://exa%6dple.com/",
      "https://[]/", "https://good.example.com\\@127.0.0.1/", "https://a b/", " https://example.com/",
      "https://example.com/\n", "https://example.com/{x}", "https://example.com/%zz"})
  void rejectsWhatIsNoAbsoluteUrlWithAHost(String url) {
    assertRejected(url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://example.com/ü", "https://ex\u00e4mple.com/", "https://example.com/?q=\u2028",
      "https://１２７。０。０。１/", "https://example.com/\u0100"})
  void rejectsCharactersThatAUrlHasNot(String url) {
    assertRejected(url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://example.com:0/", "https://example.com:65536/", "https://example.com:99999999999/",
      "https://example.com:-1/", "https://example.com:x/"})
  void rejectsPortsThatAreNone(String url) {
    assertRejected(url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://example.com/#", "https://example.com/#a", "https://example.com#"})
  void rejectsFragments(String url) {
    assertRejected(url);
  }

  @Test
  void takes2048CharactersAndNoMore() {
    String longest = "https://example.com/" + "a".repeat(EndpointUrl.MAX_LENGTH - 20);

    assertThat(new EndpointUrl(longest).value()).hasSize(2048);
    assertRejected(longest + "a");
  }

  @ParameterizedTest
  @CsvSource({"https://Example.COM,https://example.com", "https://example.com:443/a,https://example.com",
      "https://example.com:8443/a?b,https://example.com:8443", "http://localhost:80/,http://localhost",
      "http://localhost:443/,http://localhost:443", "https://[2001:DB8::1]:443,https://[2001:db8::1]"})
  void namesItsOrigin(String url, String origin) {
    assertThat(new EndpointUrl(url).origin()).isEqualTo(origin);
  }

  @ParameterizedTest
  @CsvSource({"https://example.com,''", "https://example.com/,/", "https://example.com/a%2Fb/..?c,/a%2Fb/.."})
  void neverDecodesItsPath(String url, String path) {
    assertThat(new EndpointUrl(url).path()).isEqualTo(path);
  }

  @Test
  void saysWhoseFaultABadUrlIs() {
    var ours = catchThrowableOfType(Failure.BadRequest.class,
        () -> EndpointUrl.ofParameter("resource_url", "http://x/"));
    assertThat(ours.code()).isEqualTo(ErrorCode.INVALID_URL);
    assertThat(ours.safeMessage()).isEqualTo("Parameter resource_url must be an https URL.");

    var theirs = catchThrowableOfType(Failure.ProtocolBroken.class,
        () -> EndpointUrl.ofDocument("token_endpoint", "javascript:alert(1)"));
    assertThat(theirs.code()).isEqualTo(ErrorCode.INVALID_METADATA);
    assertThat(theirs.safeMessage()).contains("token_endpoint").doesNotContain("alert");
  }

  @Test
  void refusesAQueryWhereThereMustBeNone() {
    assertThatThrownBy(() -> new EndpointUrl("https://example.com/?").requireNoQuery())
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new EndpointUrl("https://example.com/").requireNoQuery().value()).isEqualTo("https://example.com/");
  }

  private static void assertRejected(String url) {
    assertThatThrownBy(() -> new EndpointUrl(url)).isInstanceOf(IllegalArgumentException.class);
  }
}
