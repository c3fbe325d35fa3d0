package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.http.OutboundRequest;

class DemoTest {
  private final Demo demo = Demo.start(0, 0);

  @AfterEach
  void close() {
    demo.close();
  }

  @Test
  void takesTheFixedAccessTokenForItsResource() throws Exception {
    assertThat(new McpClient(demo.mcpUrl(), Demo.ACCESS_TOKEN).handshake().text("whoami", "{}"))
        .isEqualTo("demo-user");
  }

  @Test
  void redeemsTheFixedCodeHoweverOften() throws Exception {
    for (String redirectUri : new String[]{"http://localhost:3000/callback", "https://api.example/callback"}) {
      var response = token(Map.of("grant_type", "authorization_code", "code", Demo.CODE, "code_verifier",
          Demo.CODE_VERIFIER, "redirect_uri", redirectUri, "resource", demo.mcpUrl()));
      assertThat(response.statusCode()).isEqualTo(200);
      String token = Http.body(response).path("access_token").asText();
      assertThat(new McpClient(demo.mcpUrl(), token).handshake().text("whoami", "{}")).isEqualTo("demo-user");
    }
  }

  @Test
  void redeemsTheFixedCodeWithItsVerifierOnly() throws Exception {
    var response = token(Map.of("grant_type", "authorization_code", "code", Demo.CODE, "code_verifier",
        "x" + Demo.CODE_VERIFIER, "redirect_uri", "http://localhost/", "resource", demo.mcpUrl()));
    assertThat(Http.error(response)).isEqualTo("400 invalid_grant");
  }

  @Test
  void refreshesTheFixedRefreshTokenHoweverOften() throws Exception {
    var form = Map.of("grant_type", "refresh_token", "refresh_token", Demo.REFRESH_TOKEN);
    assertThat(token(form).statusCode()).isEqualTo(200);
    assertThat(token(form).statusCode()).isEqualTo(200);
  }

  @Test
  void keepsTheFixedValuesAfterARevocation() throws Exception {
    var revocation = Map.of("token", Demo.REFRESH_TOKEN, "client_id", Demo.CLIENT_ID);
    assertThat(Http.form(demo.issuer() + "/revoke", revocation).statusCode()).isEqualTo(200);
    assertThat(new McpClient(demo.mcpUrl(), Demo.ACCESS_TOKEN).initialize("2025-11-25").statusCode()).isEqualTo(200);
    var form = Map.of("grant_type", "refresh_token", "refresh_token", Demo.REFRESH_TOKEN);
    assertThat(token(form).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://localhost:3000/api/mcp/oauth/callback", "http://127.0.0.1:1/", "http://[::1]:9/cb"})
  void sendsItsClientToAnyLoopbackRedirect(String redirectUri) throws Exception {
    assertThat(demo.authorizationServer().approve(authorization(redirectUri))).asString().startsWith(redirectUri);
  }

  @Test
  void sendsItsClientNowhereElse() throws Exception {
    assertThat(Http.error(Http.get(authorization("http://localhost.evil.example/")))).isEqualTo("400 invalid_request");
  }

  @Test
  void showsAConsentPageToABrowser() throws Exception {
    var page = Http.get(authorization("http://localhost:3000/callback"), "Accept", "text/html");
    assertThat(page.body()).contains("Approve").contains("Deny").contains(demo.mcpUrl());
  }

  @Test
  void hasItsFixedValuesToItself() throws Exception {
    try (var plain = FakeAuthorizationServer.start()) {
      assertThat(plain.accepts(Demo.ACCESS_TOKEN)).isFalse();
    }
  }

  private String authorization(String redirectUri) {
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("response_type", "code");
    parameters.put("client_id", Demo.CLIENT_ID);
    parameters.put("redirect_uri", redirectUri);
    parameters.put("resource", demo.mcpUrl());
    parameters.put("code_challenge", Digest.sha256Base64Url(Demo.CODE_VERIFIER));
    parameters.put("code_challenge_method", "S256");
    return demo.issuer() + "/authorize?" + OutboundRequest.formBody(parameters);
  }

  private HttpResponse<String> token(Map<String, String> parameters) throws Exception {
    var form = new LinkedHashMap<>(parameters);
    form.put("client_id", Demo.CLIENT_ID);
    return Http.form(demo.issuer() + "/token", form);
  }
}
