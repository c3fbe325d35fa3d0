package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProtectedResourceMetadataTest {
  private static final String ROOT = "/.well-known/oauth-protected-resource";

  private final FakeAuthorizationServer authorizationServer = FakeAuthorizationServer.start();
  private final FakeMcpServer server = FakeMcpServer.protectedBy(authorizationServer);

  @AfterEach
  void close() {
    try (authorizationServer) {
      server.close();
    }
  }

  @Test
  void namesItselfAndItsAuthorizationServerAtThePathInsertedForm() throws Exception {
    var document = Http.body(Http.get(server.origin() + ROOT + "/mcp"));
    assertThat(document.path("resource").asText()).isEqualTo(server.url());
    assertThat(document.path("authorization_servers"))
        .hasToString("[\"" + authorizationServer.issuer() + "\"]");
    assertThat(Http.get(server.origin() + ROOT).statusCode()).isEqualTo(404);
    assertThat(server.metadataRequests()).extracting(Received::path).containsExactly(ROOT + "/mcp", ROOT);
  }

  @Test
  void liesWhereATestWantsIt() throws Exception {
    server.adjust(McpServerKnobs::metadataAtRoot);
    assertThat(Http.get(server.origin() + ROOT + "/mcp").statusCode()).isEqualTo(404);
    assertThat(Http.get(server.origin() + ROOT).statusCode()).isEqualTo(200);
    server.adjust(mcp -> mcp.metadataAt("/custom/location.json", ROOT));
    assertThat(Http.get(server.origin() + "/custom/location.json").statusCode()).isEqualTo(200);
    assertThat(server.metadataRequests()).hasSize(3);
  }

  @Test
  void saysWhatATestWantsItToSay() throws Exception {
    server.adjust(mcp -> mcp.resource("https://other.example").metadata("scopes_supported", List.of("mcp:basic"))
        .authorizationServers("https://one.example", "https://two.example")
        .withoutMetadata("bearer_methods_supported"));
    assertThat(Http.get(server.origin() + ROOT + "/mcp").body()).isEqualTo("{\"resource\":\"https://other.example\","
        + "\"authorization_servers\":[\"https://one.example\",\"https://two.example\"],"
        + "\"scopes_supported\":[\"mcp:basic\"]}");
  }

  @Test
  void canBeAnythingElse() throws Exception {
    server.adjust(mcp -> mcp.metadataResponse(Response.html(200, "<p>an app</p>")));
    assertThat(Http.get(server.origin() + ROOT + "/mcp").body()).isEqualTo("<p>an app</p>");
  }

  @Test
  void isAbsentWhereNothingIsProtected() throws Exception {
    try (var open = FakeMcpServer.open()) {
      assertThat(Http.get(open.origin() + ROOT + "/mcp").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void isServedAtTheOriginOfTheAuthorizationServerToo() throws Exception {
    try (var legacy = FakeMcpServer.atOriginOf(authorizationServer, mcp -> mcp.metadataResponse(Response.of(404)))) {
      assertThat(legacy.origin()).isEqualTo(authorizationServer.origin());
      assertThat(new McpClient(legacy.url(), "").initialize("2025-03-26").statusCode()).isEqualTo(401);
      assertThat(Http.get(legacy.origin() + ROOT).statusCode()).isEqualTo(404);
      String token = new TokenSource(authorizationServer, legacy.url()).accessToken();
      assertThat(new McpClient(legacy.url(), token).initialize("2025-03-26").statusCode()).isEqualTo(200);
      assertThat(legacy.metadataRequests()).hasSize(1);
    }
  }
}
