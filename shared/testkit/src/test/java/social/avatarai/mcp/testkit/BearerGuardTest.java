package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BearerGuardTest {
  private final FakeAuthorizationServer authorizationServer = FakeAuthorizationServer.start();
  private final FakeMcpServer server = FakeMcpServer.protectedBy(authorizationServer);

  @AfterEach
  void close() {
    try (authorizationServer) {
      server.close();
    }
  }

  @Test
  void admitsATokenForThisResource() throws Exception {
    var client = new McpClient(server.url(), tokenFor(server.url())).handshake();
    assertThat(client.text("whoami", "{}")).isEqualTo("owner-1");
  }

  @Test
  void admitsATokenForAParentOfThisResource() throws Exception {
    assertThat(withToken(tokenFor(server.origin())).statusCode()).isEqualTo(200);
  }

  @Test
  void refusesATokenForAnotherResource() throws Exception {
    assertThat(withToken(tokenFor("https://other.example/mcp")).statusCode()).isEqualTo(401);
    assertThat(withToken(tokenFor(server.url() + "/other")).statusCode()).isEqualTo(401);
    assertThat(withToken(tokenFor("no url")).statusCode()).isEqualTo(401);
  }

  @Test
  void challengesACallerWithoutATokenWithoutAnErrorCode() throws Exception {
    var response = withToken("");
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(challenges(response)).containsExactly(
        "Bearer resource_metadata=\"" + server.origin() + "/.well-known/oauth-protected-resource/mcp\"");
  }

  @Test
  void refusesUnknownExpiredAndRevokedTokens() throws Exception {
    assertThat(challenges(withToken("unknown")).getFirst()).startsWith("Bearer error=\"invalid_token\", ");
    String revoked = tokenFor(server.url());
    authorizationServer.revoke(revoked);
    assertThat(withToken(revoked).statusCode()).isEqualTo(401);
    String expired = tokenFor(server.url());
    authorizationServer.expireAccessTokens();
    assertThat(Http.error(withToken(expired))).isEqualTo("401 invalid_token");
  }

  @Test
  void guardsEveryHttpMethod() throws Exception {
    assertThat(Http.get(server.url()).statusCode()).isEqualTo(401);
    assertThat(new McpClient(server.url(), "").delete().statusCode()).isEqualTo(401);
  }

  @Test
  void takesNoTokenFromTheQuery() throws Exception {
    String url = server.url() + "?access_token=" + tokenFor(server.url());
    assertThat(new McpClient(url, "").initialize("2025-11-25").statusCode()).isEqualTo(401);
  }

  @Test
  void challengesAsATestWantsItTo() throws Exception {
    server.adjust(mcp -> mcp.challengeScope("mcp:basic").resourceMetadata("https://evil.example/document")
        .schemesBefore("Negotiate", "Basic realm=\"a, b\""));
    assertThat(challenges(withToken(""))).containsExactly("Negotiate, Basic realm=\"a, b\","
        + " Bearer scope=\"mcp:basic\", resource_metadata=\"https://evil.example/document\"");
    server.adjust(McpServerKnobs::withoutResourceMetadata);
    assertThat(challenges(withToken("")).getFirst()).endsWith("Bearer scope=\"mcp:basic\"");
    server.adjust(mcp -> mcp.challengeLines("DPoP", "Bearer"));
    assertThat(challenges(withToken(""))).containsExactly("DPoP", "Bearer");
    server.adjust(McpServerKnobs::withoutChallenge);
    assertThat(challenges(withToken(""))).isEmpty();
  }

  @Test
  void asksForTheScopeThatACallNeeds() throws Exception {
    server.adjust(mcp -> mcp.requireScope("tools/call", "read mcp:write"));
    var poor = new McpClient(server.url(), tokenFor(server.url())).handshake();
    assertThat(poor.request("tools/list", "{}").statusCode()).isEqualTo(200);
    var response = poor.call("whoami", "{}");
    assertThat(Http.error(response)).isEqualTo("403 insufficient_scope");
    assertThat(challenges(response).getFirst())
        .startsWith("Bearer error=\"insufficient_scope\", scope=\"read mcp:write\", resource_metadata=");
    authorizationServer.adjust(as -> as.grantedScope("mcp:write read"));
    var rich = new McpClient(server.url(), tokenFor(server.url())).handshake();
    assertThat(rich.text("whoami", "{}")).isEqualTo("owner-2");
  }

  @Test
  void letsChosenMethodsPassWithoutAToken() throws Exception {
    server.adjust(mcp -> mcp.withoutTokenFor("initialize", "notifications/initialized"));
    var client = new McpClient(server.url(), "").handshake();
    assertThat(client.request("tools/list", "{}").statusCode()).isEqualTo(401);
    assertThat(client.withToken(tokenFor(server.url())).request("tools/list", "{}").statusCode()).isEqualTo(200);
  }

  @Test
  void forgetsTokensOfTheFormerAuthorizationServerWhenItMoves() throws Exception {
    String token = tokenFor(server.url());
    try (var other = FakeAuthorizationServer.start()) {
      server.moveTo(other);
      assertThat(withToken(token).statusCode()).isEqualTo(401);
      assertThat(withToken(new TokenSource(other, server.url()).accessToken()).statusCode()).isEqualTo(200);
    }
  }

  private String tokenFor(String resource) throws Exception {
    return new TokenSource(authorizationServer, resource).accessToken();
  }

  private HttpResponse<String> withToken(String token) throws Exception {
    return new McpClient(server.url(), token).initialize("2025-11-25");
  }

  private static List<String> challenges(HttpResponse<String> response) {
    return response.headers().allValues("www-authenticate");
  }
}
