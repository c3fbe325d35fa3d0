package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class McpSessionsTest {

  @Test
  void wantsAKnownSessionForEverythingButInitialize() throws Exception {
    try (var server = FakeMcpServer.open()) {
      var client = new McpClient(server.url(), "").handshake();
      assertThat(client.withSession("unknown").request("ping", "{}").statusCode()).isEqualTo(404);
      assertThat(client.withSession("").request("ping", "{}").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void endsWithDelete() throws Exception {
    try (var server = FakeMcpServer.open()) {
      var client = new McpClient(server.url(), "").handshake();
      assertThat(client.delete().statusCode()).isEqualTo(204);
      assertThat(client.request("ping", "{}").statusCode()).isEqualTo(404);
      assertThat(client.delete().statusCode()).isEqualTo(404);
    }
  }

  @Test
  void wantsTheNotificationBeforeRequests() throws Exception {
    try (var server = FakeMcpServer.open()) {
      var client = new McpClient(server.url(), "");
      client.initialize("2025-11-25");
      assertThat(client.request("tools/list", "{}").statusCode()).isEqualTo(400);
      assertThat(client.request("ping", "{}").statusCode()).isEqualTo(200);
      assertThat(client.notifyInitialized().statusCode()).isEqualTo(202);
      assertThat(client.request("tools/list", "{}").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void wantsTheAgreedVersionInItsHeader() throws Exception {
    try (var server = FakeMcpServer.open()) {
      var client = new McpClient(server.url(), "").handshake();
      assertThat(client.withVersion("2025-06-18").request("ping", "{}").statusCode()).isEqualTo(400);
      assertThat(client.withVersion("").request("ping", "{}").statusCode()).isEqualTo(400);
      assertThat(client.withVersion("2025-11-25").request("ping", "{}").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void asksNoVersionHeaderOfTheVersionWithoutOne() throws Exception {
    try (var server = FakeMcpServer.open()) {
      var client = new McpClient(server.url(), "");
      client.initialize("2025-03-26");
      assertThat(client.withVersion("").request("ping", "{}").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void belongsToTheGrantThatOpenedIt() throws Exception {
    try (var authorizationServer = FakeAuthorizationServer.start();
        var server = FakeMcpServer.protectedBy(authorizationServer)) {
      var client = new TokenSource(authorizationServer, server.url());
      var first = client.tokens();
      var session = new McpClient(server.url(), first.path("access_token").asText()).handshake();
      String another = client.tokens().path("access_token").asText();
      assertThat(session.withToken(another).request("ping", "{}").statusCode()).isEqualTo(404);
      assertThat(session.withToken(another).delete().statusCode()).isEqualTo(404);
      String refreshed = client.refreshed(first);
      assertThat(session.withToken(refreshed).request("ping", "{}").statusCode()).isEqualTo(200);
      server.adjust(McpServerKnobs::sessionsEndWithToken);
      assertThat(session.withToken(refreshed).request("ping", "{}").statusCode()).isEqualTo(404);
      assertThat(session.request("ping", "{}").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void areNotThereWhereTheServerHasNone() throws Exception {
    try (var server = FakeMcpServer.open(McpServerKnobs::withoutSessions)) {
      var client = new McpClient(server.url(), "");
      assertThat(client.initialize("2025-11-25").headers().firstValue("mcp-session-id")).isEmpty();
      assertThat(new McpClient(server.url(), "").request("tools/list", "{}").statusCode()).isEqualTo(200);
      assertThat(client.withVersion("2026-07-28").request("ping", "{}").statusCode()).isEqualTo(400);
      assertThat(client.delete().statusCode()).isEqualTo(405);
    }
  }
}
