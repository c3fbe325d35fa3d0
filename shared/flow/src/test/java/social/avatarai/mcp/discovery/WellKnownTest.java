package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;

class WellKnownTest {
  private static final String PRM = "/.well-known/oauth-protected-resource";
  private static final String AS = "/.well-known/oauth-authorization-server";
  private static final String OIDC = "/.well-known/openid-configuration";

  @ParameterizedTest
  @ValueSource(strings = {"https://mcp.example", "https://mcp.example/", "https://MCP.example:443/"})
  void looksForAServerWithoutAPathAtTheRootOnly(String server) {
    assertThat(resource(server)).containsExactly("https://mcp.example" + PRM);
  }

  @Test
  void looksForAServerWithAPathThereFirst() {
    assertThat(resource("https://mcp.example/mcp")).containsExactly("https://mcp.example" + PRM + "/mcp",
        "https://mcp.example" + PRM);
  }

  @Test
  void leavesOutOneTrailingSlash() {
    assertThat(resource("https://mcp.example/x/mcp/")).containsExactly("https://mcp.example" + PRM + "/x/mcp",
        "https://mcp.example" + PRM);
    assertThat(resource("https://mcp.example/mcp//")).containsExactly("https://mcp.example" + PRM + "/mcp/",
        "https://mcp.example" + PRM);
  }

  @Test
  void carriesTheQueryAlong() {
    assertThat(resource("https://mcp.example/mcp?readonly=true")).containsExactly(
        "https://mcp.example" + PRM + "/mcp?readonly=true", "https://mcp.example" + PRM);
    assertThat(resource("https://mcp.example/?readonly=true")).containsExactly(
        "https://mcp.example" + PRM + "?readonly=true", "https://mcp.example" + PRM);
  }

  @Test
  void keepsPortAndEscapesAsTheyAre() {
    assertThat(resource("https://mcp.example:8443/a%2Fb/mcp")).containsExactly(
        "https://mcp.example:8443" + PRM + "/a%2Fb/mcp", "https://mcp.example:8443" + PRM);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://auth.example", "https://auth.example/"})
  void looksForAnIssuerWithoutAPathInTwoPlaces(String issuer) {
    assertThat(server(issuer)).containsExactly("https://auth.example" + AS, "https://auth.example" + OIDC);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://auth.example/realms/x", "https://auth.example/realms/x/"})
  void looksForAnIssuerWithAPathInThreePlacesAndNeverAtTheRoot(String issuer) {
    assertThat(server(issuer)).containsExactly("https://auth.example" + AS + "/realms/x",
        "https://auth.example" + OIDC + "/realms/x", "https://auth.example/realms/x" + OIDC);
  }

  /** The bug: from a URL near the maximum length we made a longer one, which ended as an internal error. */
  @Test
  void looksNowhereThatIsLongerThanAUrlMayBe() {
    String path = "/" + "a".repeat(EndpointUrl.MAX_LENGTH - "https://mcp.example/".length());

    assertThat(resource("https://mcp.example" + path)).containsExactly("https://mcp.example" + PRM);
    assertThat(server("https://mcp.example" + path)).isEmpty();
    assertThat(server("https://mcp.example/" + path.substring(OIDC.length() + 1)))
        .hasSize(2).allSatisfy(url -> assertThat(url).hasSize(EndpointUrl.MAX_LENGTH));
  }

  private static List<String> resource(String server) {
    return WellKnown.protectedResource(new EndpointUrl(server)).stream().map(EndpointUrl::value).toList();
  }

  private static List<String> server(String issuer) {
    return WellKnown.authorizationServer(new Issuer(issuer)).stream().map(EndpointUrl::value).toList();
  }
}
