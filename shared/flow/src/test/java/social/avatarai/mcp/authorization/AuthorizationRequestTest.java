package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.CodeVerifier;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.State;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.ProviderRequests;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.token.GrantTarget;

class AuthorizationRequestTest {
  private static final String OURS = "response_type=code&client_id=client-1"
      + "&redirect_uri=https%3A%2F%2Fapp.example%2Fapi%2Fmcp%2Foauth%2Fcallback&resource=https%3A%2F%2Fmcp.example%2Fmcp"
      + "&state=state-1&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

  private static final String[] RESERVED_NAMES = AuthorizationRequest.RESERVED.toArray(String[]::new);

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
        AuthorizationRequest.parameters(session("https://app.example/c.json?a&b=c+d e", resource, "a:b c/d+e"),
            new State("state-1"), ProviderRequests.STANDARD));

    assertThat(List.of(URI.create(url).getRawQuery().split("&"))).contains(
        "client_id=https%3A%2F%2Fapp.example%2Fc.json%3Fa%26b%3Dc%2Bd+e",
        "resource=https%3A%2F%2Fmcp.example%2Fmcp%3Freadonly%3Dtrue%26a%3D%2520", "scope=a%3Ab+c%2Fd%2Be");
  }

  @Test
  void addsTheParametersOfTheProviderOnce() {
    var provider = provider("{'authorization':{'owner':'user','prompt':'a b'}}");

    assertThat(url("https://auth.example/authorize?owner=workspace&tenant=a", "", provider))
        .isEqualTo("https://auth.example/authorize?tenant=a&" + OURS + "&owner=user&prompt=a+b");
  }

  @Test
  void namesNoResourceWhereTheProviderKnowsNone() {
    assertThat(url("https://auth.example/authorize?resource=theirs", "", provider("{'names_resource':false}")))
        .isEqualTo("https://auth.example/authorize?"
            + OURS.replace("&resource=https%3A%2F%2Fmcp.example%2Fmcp", ""));
  }

  @Test
  void putsTheResourceIntoAParameterOfTheProviderThatAsksForIt() {
    assertThat(url("https://auth.example/authorize", "", provider("{'authorization':{'audience':'{resource}'}}")))
        .isEqualTo("https://auth.example/authorize?" + OURS + "&audience=https%3A%2F%2Fmcp.example%2Fmcp");
  }

  @Test
  void letsNoProfileNameAParameterOfOurs() {
    for (String name : ProviderRequests.RESERVED)
      assertThatThrownBy(() -> provider("{'authorization':{'" + name + "':'theirs'}}"))
          .hasMessageContaining("requests must not name the parameter " + name);
    assertThat(ProviderRequests.RESERVED).contains(RESERVED_NAMES);
  }

  private static ProviderRequests provider(String requests) {
    return Profiles.read(Map.of("example", HttpResponses.object(
        "{'issuer':'" + Examples.ISSUER + "','requests':" + requests + "}"))).requestsTo(Examples.ISSUER);
  }

  private static String url(String endpoint, String scope) {
    return url(endpoint, scope, ProviderRequests.STANDARD);
  }

  private static String url(String endpoint, String scope, ProviderRequests provider) {
    return AuthorizationRequest.url(new EndpointUrl(endpoint), AuthorizationRequest
        .parameters(session("client-1", Examples.RESOURCE, scope), new State("state-1"), provider));
  }

  private static AuthorizationSession session(String client, ResourceUri resource, String scope) {
    var target = new GrantTarget(Examples.ISSUER, Examples.TOKEN_ENDPOINT, resource, Examples.SERVER);
    var like = Examples.session(target, false);
    var identity = new ClientIdentity(Owner.deployment(), ClientIdentity.Origin.DYNAMIC, new ClientId(client),
        ClientAuthenticationMethod.NONE);
    return new AuthorizationSession(like.key(), like.connection(), target, identity, request(scope), like.binding(),
        like.warnings(), like.replaceable(), like.expiresAt(), like.status(), null, false);
  }

  private static AuthorizationSession.Request request(String scope) {
    // RFC 7636 appendix B
    return new AuthorizationSession.Request(Examples.REDIRECT_URI, null,
        new CodeVerifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), Scopes.parse(scope), false, false);
  }
}
