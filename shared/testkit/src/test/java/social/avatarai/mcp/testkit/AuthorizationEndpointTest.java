package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthorizationEndpointTest {

  @Test
  void sendsTheBrowserBackWithCodeStateAndIss() throws Exception {
    try (var server = FakeAuthorizationServer.start(as -> as.issuerPath("/tenant1"))) {
      var client = OAuthClient.registeredAt(server);
      var location = server.approve(client.url(client.authorization()));
      assertThat(location).hasScheme("https").hasHost("client.example").hasPath("/callback");
      assertThat(OAuthClient.query(location)).containsOnlyKeys("code", "state", "iss")
          .containsEntry("state", "a-state").containsEntry("iss", server.origin() + "/tenant1");
      assertThat(server.authorizeRequests().getFirst().parameters()).isEqualTo(client.authorization());
    }
  }

  @ParameterizedTest
  @CsvSource({"client_id,client-unknown", "redirect_uri,https://client.example/callback/", "redirect_uri,''"})
  void redirectsNoBrowserToAnUnknownRedirectUri(String parameter, String value) throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var authorization = client.authorization();
      authorization.put(parameter, value);
      var response = Http.get(client.url(authorization));
      assertThat(Http.error(response)).isEqualTo("400 invalid_request");
      assertThat(response.headers().firstValue("location")).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"https://client.example/callback,true", "https://client.example/callback/any/where,true",
      "https://client.example/callback?a=b,true", "https://client.example/callback/,true",
      "https://client.example/callback-of-another,false", "https://client.example/,false",
      "https://client.example/callback/../other,false", "https://evil.example/callback,false"})
  void takesEverySubdirectoryOfARedirectUriWhereATestWantsItTo(String redirectUri, boolean taken) throws Exception {
    try (var server = FakeAuthorizationServer.start(AuthorizationServerKnobs::redirectsBySubdirectory)) {
      var client = OAuthClient.registeredAt(server);
      var authorization = client.authorization();
      authorization.put("redirect_uri", redirectUri);
      assertThat(server.visit(client.url(authorization)).isPresent()).isEqualTo(taken);
    }
  }

  @ParameterizedTest
  @CsvSource({"response_type,token,unsupported_response_type", "code_challenge_method,plain,invalid_request",
      "code_challenge_method,'',invalid_request", "code_challenge,short,invalid_request",
      "scope,admin,invalid_scope", "scope,\"quoted\",invalid_scope", "scope,offline_access,invalid_scope"})
  void sendsErrorsBackWithStateAndIss(String parameter, String value, String error) throws Exception {
    try (var server = FakeAuthorizationServer.start(
        as -> as.scopesSupported("read", "offline_access").refuseScope("offline_access"))) {
      var client = OAuthClient.registeredAt(server);
      var authorization = client.authorization();
      authorization.put(parameter, value);
      assertThat(client.callback(authorization)).containsEntry("error", error).containsEntry("state", "a-state")
          .containsEntry("iss", server.issuer()).doesNotContainKey("code");
    }
  }

  @Test
  void refusesAParameterThatCameTwice() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var location = server.approve(client.url(client.authorization()) + "&resource=https%3A%2F%2Fother.example");
      assertThat(OAuthClient.query(location)).containsEntry("error", "invalid_request");
    }
  }

  @Test
  void respondsAsATestWantsItTo() throws Exception {
    try (var server = FakeAuthorizationServer.start(as -> as.iss("https://evil.example").state("another"))) {
      var client = OAuthClient.registeredAt(server);
      assertThat(client.callback(client.authorization())).containsKey("code")
          .containsEntry("iss", "https://evil.example").containsEntry("state", "another");
      server.adjust(as -> as.issMissing().authorizationError("access_denied"));
      assertThat(client.callback(client.authorization())).containsEntry("error", "access_denied")
          .doesNotContainKeys("code", "iss");
    }
  }

  @Test
  void keepsTheQueryOfARedirectUri() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      server.preRegister(FakeClient.publicClient("known", "https://client.example/cb?a=1"));
      var authorization = OAuthClient.registeredAt(server).authorization();
      authorization.put("client_id", "known");
      authorization.put("redirect_uri", "https://client.example/cb?a=1");
      assertThat(OAuthClient.registeredAt(server).callback(authorization)).containsKeys("a", "code");
    }
  }

  @Test
  void knowsAClientByItsMetadataDocument() throws Exception {
    try (var server = FakeAuthorizationServer.start(AuthorizationServerKnobs::clientDocuments)) {
      var client = OAuthClient.registeredAt(server);
      var document = client.registration.deepCopy();
      ((ObjectNode) document).put("client_id", "https://client.example/document");
      server.preRegister(FakeClient.ofDocument(document));
      var authorization = client.authorization();
      authorization.put("client_id", "https://client.example/document");
      assertThat(client.callback(authorization)).containsKey("code");
    }
  }

  @Test
  void asksAPersonWithABrowser() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var authorization = client.authorization();
      authorization.put("resource", "https://mcp.example/<script>");
      var page = Http.get(client.url(authorization), "Accept", "text/html,*/*;q=0.8");
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body()).contains(client.id()).contains("A test client").contains("&lt;script&gt;")
          .doesNotContain("<script>");
      assertThat(decide(server, page.body(), "approve")).containsKey("code").containsEntry("state", "a-state");
    }
  }

  @Test
  void namesTheClientToAPersonByTheNameItRegistered() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      server.preRegister(FakeClient.publicClient(client.id(), OAuthClient.REDIRECT_URI).named("Notes & <b>more</b>"));
      var page = Http.get(client.url(client.authorization()), "Accept", "text/html");
      assertThat(page.body()).contains("<h1>Notes &amp; &lt;b&gt;more&lt;/b&gt; asks for access</h1>")
          .contains("name=\"viewport\"").contains("prefers-color-scheme: dark");
    }
  }

  @Test
  void takesADoubleClickForOneConsent() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var page = Http.get(client.url(client.authorization()), "Accept", "text/html");
      var first = decide(server, page.body(), "approve");
      assertThat(decide(server, page.body(), "approve")).isEqualTo(first).containsKey("code");
    }
  }

  @Test
  void takesNoFromAPersonAndAsksOnlyOnce() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var page = Http.get(client.url(client.authorization()), "Accept", "text/html");
      assertThat(decide(server, page.body(), "deny")).containsEntry("error", "access_denied")
          .containsEntry("iss", server.issuer()).doesNotContainKey("code");
      var again = Http.form(server.issuer() + "/consent", pressed(page.body(), "approve"));
      assertThat(Http.error(again)).isEqualTo("400 invalid_request");
    }
  }

  @Test
  void saysWhyThereIsNoRedirect() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      assertThatThrownBy(() -> server.approve(server.issuer() + "/authorize?client_id=unknown"))
          .isInstanceOf(AssertionError.class).hasMessageContaining("400").hasMessageContaining("unknown client_id");
    }
  }

  private static Map<String, String> decide(FakeAuthorizationServer server, String page, String decision)
      throws Exception {
    var response = Http.form(server.issuer() + "/consent", pressed(page, decision));
    assertThat(response.statusCode()).isEqualTo(302);
    return OAuthClient.query(URI.create(response.headers().firstValue("location").orElseThrow()));
  }

  private static Map<String, String> pressed(String page, String decision) {
    String marker = "name=\"request\" value=\"";
    int start = page.indexOf(marker) + marker.length();
    return Map.of("request", page.substring(start, page.indexOf('"', start)), "decision", decision);
  }
}
