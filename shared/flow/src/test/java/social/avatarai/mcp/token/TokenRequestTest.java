package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.registration.ClientCredentials;

class TokenRequestTest {
  private static final String CODE_FORM = "grant_type=authorization_code&code=code-1"
      + "&redirect_uri=https%3A%2F%2Fapp.example%2Fapi%2Fmcp%2Foauth%2Fcallback"
      + "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk&resource=https%3A%2F%2Fmcp.example%2Fmcp";
  private static final String REFRESH_FORM = "grant_type=refresh_token&refresh_token=refresh-1"
      + "&resource=https%3A%2F%2Fmcp.example%2Fmcp";

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
    var publicly = TokenRequest.forRevocation(endpoint, new RefreshToken("refresh-1"), "refresh_token",
        new ClientCredentials.None(new ClientId("client-1")));
    var secretly = TokenRequest.forRevocation(endpoint, new RefreshToken("refresh-1"), "refresh_token",
        basic("client-1", "secret-1"));

    assertThat(publicly.url()).isEqualTo(endpoint);
    assertThat(body(publicly)).isEqualTo("token=refresh-1&token_type_hint=refresh_token&client_id=client-1");
    assertThat(body(secretly)).isEqualTo("token=refresh-1&token_type_hint=refresh_token");
    assertThat(secretly.headers()).containsEntry("Authorization", "Basic Y2xpZW50LTE6c2VjcmV0LTE=");
  }

  @Test
  void refreshesWithTheGrantedResourceAndWithoutAScope() {
    var publicly = TokenRequest.forRefresh(Examples.TARGET, new RefreshToken("refresh-1"), Scopes.none(),
        new ClientCredentials.None(new ClientId("client-1")));
    var secretly = TokenRequest.forRefresh(Examples.TARGET, new RefreshToken("refresh-1"), Scopes.none(),
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

    assertThat(body(TokenRequest.forRefresh(target, new RefreshToken("r"), Scopes.none(),
        new ClientCredentials.None(new ClientId("c"))))).isEqualTo(
            "grant_type=refresh_token&refresh_token=r&resource=https%3A%2F%2FMCP.example%3A443%2Fmcp%2F%3Freadonly%3Dtrue"
                + "&client_id=c");
  }

  @Test
  void relaysARefreshTokenWithoutAResource() {
    var request = TokenRequest.forRelay(new EndpointUrl("https://else.example/token"), new RefreshToken("refresh-1"),
        new ClientCredentials.None(new ClientId("client-1")));

    assertThat(request.url().value()).isEqualTo("https://else.example/token");
    assertThat(body(request)).isEqualTo("grant_type=refresh_token&refresh_token=refresh-1&client_id=client-1");
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
    var request = TokenRequest.forCode(session.exchange(), new AuthorizationCode("4/0A+b=&resource=x"),
        new ClientCredentials.None(new ClientId("c")));

    assertThat(body(request))
        .startsWith("grant_type=authorization_code&code=4%2F0A%2Bb%3D%26resource%3Dx&redirect_uri=");
  }

  private static OutboundRequest code(ClientCredentials credentials) {
    return TokenRequest.forCode(Examples.session(Examples.TARGET, false).exchange(), new AuthorizationCode("code-1"),
        credentials);
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
