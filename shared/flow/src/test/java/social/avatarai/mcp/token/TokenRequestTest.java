package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.ProviderRequests;
import social.avatarai.mcp.discovery.ProviderRevocation;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.registration.ClientCredentials;

class TokenRequestTest {
  private static final TokenRequest STANDARD = new TokenRequest(ProviderRequests.STANDARD);
  private static final String CODE_FORM = "grant_type=authorization_code&code=code-1"
      + "&redirect_uri=https%3A%2F%2Fapp.example%2Fapi%2Fmcp%2Foauth%2Fcallback"
      + "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk&resource=https%3A%2F%2Fmcp.example%2Fmcp";
  private static final String REFRESH_FORM = "grant_type=refresh_token&refresh_token=refresh-1"
      + "&resource=https%3A%2F%2Fmcp.example%2Fmcp";

  private static final String WAY = "{'method':'POST','url':'https://api.example/{client_id}/token',"
      + "'token':'access_token','member':'token'}";
  private static final AuthorizationCode CODE = new AuthorizationCode("code-1");
  private static final CodeExchange EXCHANGE = Examples.session(Examples.TARGET, false).exchange();

  @Test
  void redeemsACodeAsAPublicClient() {
    var request = code(new ClientCredentials.None(new ClientId("client-1")));

    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.url()).isEqualTo(Examples.TOKEN_ENDPOINT);
    assertThat(body(request)).isEqualTo(CODE_FORM + "&client_id=client-1");
    assertThat(request.headers()).containsOnlyKeys("Accept", "Content-Type").containsEntry("Accept", "application/json")
        .containsEntry("Content-Type", "application/x-www-form-urlencoded");
  }

  @Test
  void redeemsACodeWithTheSecretInTheBodyOnly() {
    var request = code(post("client-1", "secret-1"));

    assertThat(body(request)).isEqualTo(CODE_FORM + "&client_id=client-1&client_secret=secret-1");
    assertThat(request.headers()).doesNotContainKey("Authorization");
  }

  @Test
  void redeemsACodeWithTheSecretInTheHeaderOnly() {
    var request = code(basic("client-1", "secret-1"));

    assertThat(body(request)).isEqualTo(CODE_FORM);
    assertThat(request.headers()).containsEntry("Authorization", "Basic Y2xpZW50LTE6c2VjcmV0LTE=");
  }

  @Test
  void revokesATokenAsTheClientItWasGivenTo() {
    var endpoint = new EndpointUrl("https://auth.example/revoke");
    var publicly = STANDARD.forRevocation(endpoint, new RefreshToken("refresh-1"), "refresh_token",
        new ClientCredentials.None(new ClientId("client-1")));
    var secretly = STANDARD.forRevocation(endpoint, new RefreshToken("refresh-1"), "refresh_token",
        basic("client-1", "secret-1"));

    assertThat(publicly.url()).isEqualTo(endpoint);
    assertThat(body(publicly)).isEqualTo("token=refresh-1&token_type_hint=refresh_token&client_id=client-1");
    assertThat(body(secretly)).isEqualTo("token=refresh-1&token_type_hint=refresh_token");
    assertThat(secretly.headers()).containsEntry("Authorization", "Basic Y2xpZW50LTE6c2VjcmV0LTE=");
  }

  @Test
  void refreshesWithTheGrantedResourceAndWithoutAScope() {
    var publicly = STANDARD.forRefresh(Examples.TARGET, new RefreshToken("refresh-1"), Scopes.none(),
        new ClientCredentials.None(new ClientId("client-1")));
    var secretly = STANDARD.forRefresh(Examples.TARGET, new RefreshToken("refresh-1"), Scopes.none(),
        basic("client-1", "secret-1"));

    assertThat(publicly.url()).isEqualTo(Examples.TOKEN_ENDPOINT);
    assertThat(body(publicly)).isEqualTo(REFRESH_FORM + "&client_id=client-1");
    assertThat(body(secretly)).isEqualTo(REFRESH_FORM);
    assertThat(secretly.headers()).containsKey("Authorization");
  }

  @Test
  void sendsTheResourceVerbatim() {
    var resource = new ResourceUri("https://MCP.example:443/mcp/?readonly=true");
    var target = new GrantTarget(Examples.ISSUER, Examples.TOKEN_ENDPOINT, resource, Examples.SERVER);

    assertThat(body(STANDARD.forRefresh(target, new RefreshToken("r"), Scopes.none(),
        new ClientCredentials.None(new ClientId("c"))))).isEqualTo(
            "grant_type=refresh_token&refresh_token=r&resource=https%3A%2F%2FMCP.example%3A443%2Fmcp%2F%3Freadonly%3Dtrue"
                + "&client_id=c");
  }

  @Test
  void relaysARefreshTokenWithoutAResource() {
    var request = STANDARD.forRelay(new EndpointUrl("https://else.example/token"), new RefreshToken("refresh-1"),
        new ClientCredentials.None(new ClientId("client-1")));

    assertThat(request.url().value()).isEqualTo("https://else.example/token");
    assertThat(body(request)).isEqualTo("grant_type=refresh_token&refresh_token=refresh-1&client_id=client-1");
  }

  @Test
  void namesNoResourceWhereTheProviderKnowsNone() {
    var provider = new TokenRequest(provider("{'names_resource':false}"));
    var client = new ClientCredentials.None(new ClientId("client-1"));

    assertThat(body(provider.forCode(EXCHANGE, CODE, client)))
        .isEqualTo(CODE_FORM.replace("&resource=https%3A%2F%2Fmcp.example%2Fmcp", "") + "&client_id=client-1");
    assertThat(body(provider.forRefresh(Examples.TARGET, new RefreshToken("refresh-1"), Scopes.none(), client)))
        .isEqualTo("grant_type=refresh_token&refresh_token=refresh-1&client_id=client-1");
  }

  @Test
  void sendsTokenRequestsAsJsonWithTheSecretInTheHeaderOnly() {
    var provider = new TokenRequest(provider("{'names_resource':false,'json_token_requests':true}"));
    var code = provider.forCode(EXCHANGE, CODE, basic("client-1", "secret-1"));
    var refresh = provider.forRefresh(Examples.TARGET, new RefreshToken("refresh-1"), Scopes.none(),
        basic("client-1", "secret-1"));
    var relay = provider.forRelay(Examples.TOKEN_ENDPOINT, new RefreshToken("refresh-1"),
        new ClientCredentials.None(new ClientId("client-1")));

    assertThat(body(code)).isEqualTo("{\"grant_type\":\"authorization_code\",\"code\":\"code-1\","
        + "\"redirect_uri\":\"https://app.example/api/mcp/oauth/callback\","
        + "\"code_verifier\":\"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk\"}");
    assertThat(code.method()).isEqualTo("POST");
    assertThat(code.headers()).containsOnlyKeys("Accept", "Content-Type", "Authorization")
        .containsEntry("Content-Type", "application/json")
        .containsEntry("Authorization", "Basic Y2xpZW50LTE6c2VjcmV0LTE=");
    assertThat(body(refresh)).isEqualTo("{\"grant_type\":\"refresh_token\",\"refresh_token\":\"refresh-1\"}");
    assertThat(refresh.headers()).containsKey("Authorization");
    assertThat(body(relay)).isEqualTo(
        "{\"grant_type\":\"refresh_token\",\"refresh_token\":\"refresh-1\",\"client_id\":\"client-1\"}");
  }

  @Test
  void sendsASecretOfTheBodyInTheJsonBody() {
    var provider = new TokenRequest(provider("{'names_resource':false,'json_token_requests':true}"));
    var request = provider.forRefresh(Examples.TARGET, new RefreshToken("r"), Scopes.none(), post("id", "a\"b"));

    assertThat(body(request)).isEqualTo("{\"grant_type\":\"refresh_token\",\"refresh_token\":\"r\","
        + "\"client_id\":\"id\",\"client_secret\":\"a\\\"b\"}");
    assertThat(request.headers()).doesNotContainKey("Authorization");
  }

  @Test
  void sendsTheProvidersHeadersWithTokensAndRevocationsButNotWithPushedRequests() {
    var provider = new TokenRequest(provider("{'headers':{'Provider-Version':'2025-01-01','accept':'text/json'}}"));
    var client = new ClientCredentials.None(new ClientId("client-1"));

    assertThat(List.of(provider.forCode(EXCHANGE, CODE, client),
        provider.forRefresh(Examples.TARGET, new RefreshToken("r"), Scopes.none(), client),
        provider.forRelay(Examples.TOKEN_ENDPOINT, new RefreshToken("r"), client),
        provider.forRevocation(Examples.TOKEN_ENDPOINT, new RefreshToken("r"), "refresh_token", client)))
        .allSatisfy(request -> assertThat(request.headers()).containsOnlyKeys("Content-Type", "Provider-Version",
            "accept").containsEntry("accept", "text/json"));
    assertThat(TokenRequest.forPush(Examples.TOKEN_ENDPOINT, Map.of(), client).headers())
        .containsOnlyKeys("Accept", "Content-Type");
  }

  @Test
  void revokesInTheProvidersOwnWayWithTheSecretInTheHeaderWhateverTheMethodOfTheClient() {
    var provider = new TokenRequest(provider("{'headers':{'Provider-Version':'1'}}"));
    var way = way("{'method':'DELETE','url':'https://api.example/applications/{client_id}/token',"
        + "'token':'access_token','member':'access_token','headers':{'Accept':'application/vnd.example+json'}}");

    for (var client : List.of(post("client-1", "secret-1"), basic("client-1", "secret-1"))) {
      var request = provider.forRevocation(way, new AccessToken("access-1"), client).orElseThrow();
      assertThat(request.method()).isEqualTo("DELETE");
      assertThat(request.url().value()).isEqualTo("https://api.example/applications/client-1/token");
      assertThat(body(request)).isEqualTo("{\"access_token\":\"access-1\"}");
      assertThat(request.headers()).containsExactlyInAnyOrderEntriesOf(Map.of("Accept", "application/vnd.example+json",
          "Content-Type", "application/json", "Provider-Version", "1", "Authorization",
          "Basic Y2xpZW50LTE6c2VjcmV0LTE="));
    }
    assertThat(provider.forRevocation(way, new AccessToken("a"), new ClientCredentials.None(new ClientId("c"))))
        .as("a client without a secret").isEmpty();
  }

  @Test
  void revokesInAFormWithoutAClientWhereTheTokenIsEnough() {
    var way = way("{'method':'POST','url':'https://api.example/auth.revoke','token':'access_token','member':'token',"
        + "'body':'form','client':'none'}");

    for (var client : List.of(post("client-1", "secret-1"), new ClientCredentials.None(new ClientId("client-1")))) {
      var request = STANDARD.forRevocation(way, new AccessToken("access-1"), client).orElseThrow();
      assertThat(body(request)).isEqualTo("token=access-1");
      assertThat(request.headers()).doesNotContainKey("Authorization").containsEntry("Content-Type",
          "application/x-www-form-urlencoded");
    }
  }

  @Test
  void revokesWithTheClientInTheBodyWhereTheProviderWantsItThere() {
    var way = way("{'method':'POST','url':'https://api.example/revoke','token':'refresh_token',"
        + "'member':'refresh_token','client':'body'}");
    var request = STANDARD.forRevocation(way, new RefreshToken("r"), basic("client-1", "secret-1")).orElseThrow();

    assertThat(body(request)).isEqualTo(
        "{\"refresh_token\":\"r\",\"client_id\":\"client-1\",\"client_secret\":\"secret-1\"}");
    assertThat(request.headers()).doesNotContainKey("Authorization");
    assertThat(STANDARD.forRevocation(way, new RefreshToken("r"), new ClientCredentials.None(new ClientId("c"))))
        .as("a client without a secret").isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"a/b,a%2Fb", "a b?c#d,a%20b%3Fc%23d", "...,...", "%2e%2e,%252e%252e"})
  void keepsTheIdentifierOfAClientInItsSegmentOfTheUrl(String id, String segment) {
    assertThat(way(WAY).url(new ClientId(id)).value()).isEqualTo("https://api.example/" + segment + "/token");
  }

  @ParameterizedTest
  @ValueSource(strings = {".", ".."})
  void refusesAnIdentifierThatWouldLeaveItsSegmentOfTheUrl(String id) {
    assertThatThrownBy(() -> way(WAY).url(new ClientId(id))).isInstanceOf(IllegalArgumentException.class);
  }

  private static ProviderRequests provider(String requests) {
    return Profiles.read(Map.of("example", HttpResponses.object(
        "{'issuer':'" + Examples.ISSUER + "','requests':" + requests + "}"))).requestsTo(Examples.ISSUER);
  }

  private static ProviderRevocation way(String revocation) {
    return Objects.requireNonNull(provider("{'revocation':" + revocation + "}").revocation());
  }

  @Test
  void neverFollowsARedirectWithACredential() {
    assertThat(code(new ClientCredentials.None(new ClientId("client-1"))).followsRedirects()).isFalse();
  }

  // RFC 6749 §2.3.1: both parts are encoded before they are joined, so a colon in the identifier does not split them.
  @ParameterizedTest
  @CsvSource({"client:1,a:b,client%3A1:a%3Ab", "a b,c+d&e=f%,a+b:c%2Bd%26e%3Df%25", "x~y*z,-._,x%7Ey*z:-._",
      "https://app.example/c.json,s/1,https%3A%2F%2Fapp.example%2Fc.json:s%2F1",
      "id,pässword€,id:p%C3%A4ssword%E2%82%AC"})
  void formEncodesBothPartsOfBasic(String id, String secret, String joined) {
    String header = code(basic(id, secret)).headers()
        .getOrDefault("Authorization", "");

    assertThat(header).startsWith("Basic ");
    assertThat(new String(Base64.getDecoder().decode(header.substring(6)), UTF_8)).isEqualTo(joined);
  }

  @Test
  void formEncodesSecretsInTheBody() {
    assertThat(body(code(post("a b", "c+d&client_id=evil"))))
        .isEqualTo(CODE_FORM + "&client_id=a+b&client_secret=c%2Bd%26client_id%3Devil");
  }

  @Test
  void formEncodesCodesAndTokens() {
    var session = Examples.session(Examples.TARGET, false);
    var request = STANDARD.forCode(session.exchange(), new AuthorizationCode("4/0A+b=&resource=x"),
        new ClientCredentials.None(new ClientId("c")));

    assertThat(body(request))
        .startsWith("grant_type=authorization_code&code=4%2F0A%2Bb%3D%26resource%3Dx&redirect_uri=");
  }

  private static OutboundRequest code(ClientCredentials credentials) {
    return STANDARD.forCode(EXCHANGE, CODE, credentials);
  }

  private static ClientCredentials basic(String id, String secret) {
    return new ClientCredentials.SecretBasic(new ClientId(id), new ClientSecret(secret));
  }

  private static ClientCredentials post(String id, String secret) {
    return new ClientCredentials.SecretPost(new ClientId(id), new ClientSecret(secret));
  }

  private static String body(OutboundRequest request) {
    return new String(request.body(), UTF_8);
  }
}
