package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RevocationEndpointTest {

  @Test
  void endsTheFamilyOfARefreshToken() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var tokens = client.tokens();
      assertThat(revoke(server, client, tokens.path("refresh_token").asText()).statusCode()).isEqualTo(200);
      assertThat(server.accepts(tokens.path("access_token").asText())).isFalse();
      assertThat(Http.error(client.refresh(tokens.path("refresh_token").asText()))).isEqualTo("400 invalid_grant");
      assertThat(server.revocations()).hasSize(1);
    }
  }

  @Test
  void endsAnAccessTokenAlone() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var tokens = client.tokens();
      revoke(server, client, tokens.path("access_token").asText());
      assertThat(server.accepts(tokens.path("access_token").asText())).isFalse();
      assertThat(client.refresh(tokens.path("refresh_token").asText()).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void endsEverythingOfTheClientWhereTheKnobSaysSo() throws Exception {
    try (var server = FakeAuthorizationServer.start(knobs -> knobs.revocationEndsEverythingOfTheClient())) {
      var client = OAuthClient.registeredAt(server);
      var other = OAuthClient.registeredAt(server).tokens();
      var first = client.tokens();
      var second = client.tokens();
      revoke(server, client, first.path("refresh_token").asText());
      assertThat(server.accepts(second.path("access_token").asText())).isFalse();
      assertThat(server.accepts(other.path("access_token").asText())).isTrue();
    }
  }

  @Test
  void takesAnUnknownTokenForARevokedOne() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      assertThat(revoke(server, OAuthClient.registeredAt(server), "unknown").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void refusesTheTokenOfAnotherClient() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      String token = OAuthClient.registeredAt(server).tokens().path("access_token").asText();
      assertThat(revoke(server, OAuthClient.registeredAt(server), token).statusCode()).isEqualTo(400);
      assertThat(server.accepts(token)).isTrue();
    }
  }

  @Test
  void wantsTheClientAuthenticated() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      assertThat(Http.error(Http.form(server.issuer() + "/revoke", Map.of("token", "x"))))
          .isEqualTo("401 invalid_client");
    }
  }

  private static HttpResponse<String> revoke(FakeAuthorizationServer server, OAuthClient client, String token)
      throws Exception {
    return Http.form(server.issuer() + "/revoke", Map.of("token", token, "client_id", client.id()));
  }
}
