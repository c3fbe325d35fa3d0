package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.CodeVerifier;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.State;

class AuthorizationRequestTest {
  private static final String OURS = "response_type=code&client_id=client-1"
      + "&redirect_uri=https%3A%2F%2Fapp.example%2Fapi%2Fmcp%2Foauth%2Fcallback&resource=https%3A%2F%2Fmcp.example%2Fmcp"
      + "&state=state-1&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

  @Test
  void sendsTheBrowserWithEveryParameterOnce() {
    assertThat(url("https://auth.example/authorize", "read write"))
        .isEqualTo("https://auth.example/authorize?" + OURS + "&scope=read+write");
  }

  @Test
  void sendsNoScopeWhereThereIsNone() {
    assertThat(url("https://auth.example/authorize", "")).isEqualTo("https://auth.example/authorize?" + OURS);
  }

  @ParameterizedTest
  @CsvSource({"?tenant=a%20b&prompt=consent,tenant=a%20b&prompt=consent&", "?,''", "?a,a&", "?a=&b,a=&b&",
      "?&&a=b&,a=b&",
      "?a=b?c=d,a=b?c=d&"})
  void keepsTheEndpointsOwnQuery(String query, String kept) {
    assertThat(url("https://auth.example/authorize" + query, ""))
        .isEqualTo("https://auth.example/authorize?" + kept + OURS);
  }

  @Test
  void replacesAResourceThatIsBakedIntoTheEndpoint() {
    assertThat(url("https://auth.example/authorize?resource=https://auth.example&tenant=a", ""))
        .isEqualTo("https://auth.example/authorize?tenant=a&" + OURS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"response_type=token", "client_id=evil", "redirect_uri=https://evil.example", "state=evil",
      "state", "code_challenge=evil", "code_challenge_method=plain", "resource=https://evil.example",
      "resource=a&resource=b", "scope=admin", "request=eyJhbGciOiJub25lIn0.e30.", "request_uri=https://evil.example/r"})
  void replacesParametersThatAreOurs(String parameter) {
    assertThat(url("https://auth.example/authorize?" + parameter + "&tenant=a", ""))
        .isEqualTo("https://auth.example/authorize?tenant=a&" + OURS);
  }

  /** The bug: "%72esource" was not recognised as "resource", so the server received two of them. */
  @ParameterizedTest
  @ValueSource(strings = {"%72esource=https://evil.example", "client%5fid=evil", "%73%74%61%74%65=evil",
      "redirect%5Furi"})
  void replacesParametersThatAreOursHoweverTheirNameIsWritten(String parameter) {
    assertThat(url("https://auth.example/authorize?" + parameter + "&tenant=a", ""))
        .isEqualTo("https://auth.example/authorize?tenant=a&" + OURS);
  }

  @Test
  void pushedRequestLeavesNothingInTheUrlButTheClientAndTheReference() {
    var endpoint = new EndpointUrl("https://auth.example/authorize?tenant=a&state=theirs&redirect_uri=https://e.example"
        + "&request_uri=https://evil.example/r&client_id=theirs");
    assertThat(AuthorizationRequest.url(endpoint, new ClientId("client-1"), "urn:ietf:params:oauth:request_uri:a b"))
        .isEqualTo("https://auth.example/authorize?tenant=a&client_id=client-1"
            + "&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Aa+b");
  }

  @Test
  void writesSpecialCharactersSoThatTheyReadTheSame() {
    var resource = new ResourceUri("https://mcp.example/mcp?readonly=true&a=%20");
    String url = AuthorizationRequest.url(new EndpointUrl("https://auth.example/authorize"),
        AuthorizationRequest.parameters(new ClientId("https://app.example/c.json?a&b=c+d e"), request("a:b c/d+e"),
            resource, new State("state-1")));

    assertThat(List.of(URI.create(url).getRawQuery().split("&"))).contains(
        "client_id=https%3A%2F%2Fapp.example%2Fc.json%3Fa%26b%3Dc%2Bd+e",
        "resource=https%3A%2F%2Fmcp.example%2Fmcp%3Freadonly%3Dtrue%26a%3D%2520", "scope=a%3Ab+c%2Fd%2Be");
  }

  private static String url(String endpoint, String scope) {
    return AuthorizationRequest.url(new EndpointUrl(endpoint), AuthorizationRequest
        .parameters(new ClientId("client-1"), request(scope), Examples.RESOURCE, new State("state-1")));
  }

  private static AuthorizationSession.Request request(String scope) {
    // RFC 7636 appendix B
    return new AuthorizationSession.Request(Examples.REDIRECT_URI, null,
        new CodeVerifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), Scopes.parse(scope), false, false);
  }
}
