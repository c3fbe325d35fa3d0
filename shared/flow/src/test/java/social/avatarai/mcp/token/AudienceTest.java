package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.ResourceUri;

class AudienceTest {

  @ParameterizedTest
  @ValueSource(strings = {"opaque", "a.b", "a.b.c", "a.b.c.d.e", "gho_invented", "..",
      "a..c",
      "x.W10.y", "x.bm90IEpTT04.y", "x.%%%.y"})
  void judgesNoTokenThatIsNoJwt(String token) {
    assertThat(Audience.fits(new AccessToken(token), Examples.TARGET)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"sub\":\"x\"}", "{\"aud\":[]}", "{\"aud\":null}"})
  void judgesNoTokenThatNamesNoAudience(String claims) {
    assertThat(fits(claims)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://mcp.example/mcp", "https://mcp.example/mcp/", "https://mcp.example",
      "https://mcp.example/", "https://MCP.example:443/mcp"})
  void takesTheResourceAndItsParents(String audience) {
    assertThat(fits("{\"aud\":\"" + audience + "\"}")).isTrue();
    assertThat(fits("{\"aud\":[\"account\",\"" + audience + "\"]}")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example/mcp", "https://mcp.example:8443/mcp", "https://mcp.example/mcp/tools",
      "https://mcp.example/other",
      "https://mcp.example/mc", "account", "client-1", "", "urn:mcp", "00000003-0000-0000-c000-000000000000",
      "http://mcp.example/mcp"})
  void refusesEveryOtherAudience(String audience) {
    assertThat(fits("{\"aud\":\"" + audience + "\"}")).isFalse();
    assertThat(fits("{\"aud\":[\"" + audience + "\",\"else\"]}")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"https://mcp.example/mcp/,https://mcp.example/mcp/,https://mcp.example/mcp",
      "https://mcp.example,https://mcp.example/mcp,https://mcp.example/mcp",
      "https://mcp.example/mcp?readonly=true,https://mcp.example/mcp?readonly=true,https://mcp.example/mcp?readonly=true"})
  void takesTheResourceOrTheServerBelowIt(String resource, String server, String audience) {
    var target = new GrantTarget(Examples.ISSUER, Examples.TOKEN_ENDPOINT, new ResourceUri(resource),
        new EndpointUrl(server));

    assertThat(Audience.fits(jwt("{\"aud\":\"" + audience + "\"}"), target)).isTrue();
  }

  /** The bug: a server that claims the whole origin as its resource took the tokens of the servers beside it. */
  @ParameterizedTest
  @CsvSource({"https://mcp.example,https://mcp.example/evil,https://mcp.example/good",
      "https://mcp.example/,https://mcp.example/,https://mcp.example/good",
      "https://mcp.example/a,https://mcp.example/a/evil,https://mcp.example/a/good"})
  void takesNoTokenOfAnotherServerBelowTheResource(String resource, String server, String audience) {
    var target = new GrantTarget(Examples.ISSUER, Examples.TOKEN_ENDPOINT, new ResourceUri(resource),
        new EndpointUrl(server));

    assertThat(Audience.fits(jwt("{\"aud\":\"" + audience + "\"}"), target)).isFalse();
    assertThat(Audience.fits(jwt("{\"aud\":\"https://mcp.example\"}"), target)).isTrue();
  }

  /** The query of the server's URL may have changed since the consent; the resource has not. */
  @Test
  void takesTheResourceWithItsQueryWhateverTheServersQueryIsNow() {
    var target = new GrantTarget(Examples.ISSUER, Examples.TOKEN_ENDPOINT,
        new ResourceUri("https://mcp.example/mcp?a=1"), new EndpointUrl("https://mcp.example/mcp?a=2"));

    assertThat(Audience.fits(jwt("{\"aud\":\"https://mcp.example/mcp?a=1\"}"), target)).isTrue();
    assertThat(Audience.fits(jwt("{\"aud\":\"https://mcp.example/mcp/?a=1\"}"), target)).isTrue();
    assertThat(Audience.fits(jwt("{\"aud\":\"https://mcp.example/mcp?a=3\"}"), target)).isFalse();
  }

  @Test
  void readsClaimsWithAndWithoutPadding() {
    String claims = "{\"aud\":\"https://evil.example\"}";
    String padded = Base64.getUrlEncoder().encodeToString(claims.getBytes(UTF_8));

    assertThat(Audience.fits(new AccessToken("x." + padded + ".y"), Examples.TARGET)).isFalse();
    assertThat(fits(claims)).isFalse();
  }

  private static boolean fits(String claims) {
    return Audience.fits(jwt(claims), Examples.TARGET);
  }

  private static AccessToken jwt(String claims) {
    return new AccessToken("e30." + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(UTF_8))
        + ".c2lnbmF0dXJl");
  }
}
