package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RefreshTest {

  @Test
  void rotatesRefreshTokens() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var first = client.tokens();
      var second = Http.body(client.refresh(refreshToken(first)));
      assertThat(refreshToken(second)).isNotEmpty().isNotEqualTo(refreshToken(first));
      assertThat(accessToken(second)).isNotEqualTo(accessToken(first));
      assertThat(server.accepts(accessToken(second))).isTrue();
      assertThat(client.refresh(refreshToken(second)).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void endsTheWholeFamilyWhenARefreshTokenIsUsedAgain() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var first = client.tokens();
      var second = Http.body(client.refresh(refreshToken(first)));
      assertThat(Http.error(client.refresh(refreshToken(first)))).isEqualTo("400 invalid_grant");
      assertThat(Http.error(client.refresh(refreshToken(second)))).isEqualTo("400 invalid_grant");
      assertThat(server.accepts(accessToken(second))).isFalse();
    }
  }

  @Test
  void leavesOtherFamiliesAloneWhenOneEnds() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var ended = client.tokens();
      var other = client.tokens();
      client.refresh(refreshToken(ended));
      client.refresh(refreshToken(ended));
      assertThat(server.accepts(accessToken(other))).isTrue();
      assertThat(client.refresh(refreshToken(other)).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void toleratesReuseWithinTheGrace() throws Exception {
    var clock = FixedClock.started();
    try (var server = FakeAuthorizationServer.start(as -> as.clock(clock).rotationGrace(Duration.ofSeconds(30)))) {
      var client = OAuthClient.registeredAt(server);
      var first = client.tokens();
      client.refresh(refreshToken(first));
      clock.advance(Duration.ofSeconds(29));
      assertThat(client.refresh(refreshToken(first)).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void rotatesBeforeItClosesWithoutAResponse() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var first = client.tokens();
      server.tokenEndpoint().closeAfterReading();
      assertThatThrownBy(() -> client.refresh(refreshToken(first))).isInstanceOf(IOException.class);
      assertThat(Http.error(client.refresh(refreshToken(first)))).isEqualTo("400 invalid_grant");
      assertThat(server.accepts(accessToken(first))).isFalse();
    }
  }

  @Test
  void playsAScriptedFaultWithoutTouchingTheGrant() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var first = client.tokens();
      server.tokenEndpoint().next(Response.error(429, "slow_down").with("Retry-After", "7"),
          Response.html(200, "<p>maintenance</p>"), Response.NONE);
      assertThat(Http.error(client.refresh(refreshToken(first)))).isEqualTo("429 slow_down");
      assertThat(client.refresh(refreshToken(first)).body()).isEqualTo("<p>maintenance</p>");
      assertThatThrownBy(() -> client.refresh(refreshToken(first))).isInstanceOf(IOException.class);
      assertThat(client.refresh(refreshToken(first)).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void refusesARefreshForAnotherResourceOrMoreScope() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var form = client.refreshment(refreshToken(client.tokens()));
      form.put("scope", "read write");
      assertThat(Http.error(client.token(form))).isEqualTo("400 invalid_scope");
      form.remove("scope");
      form.remove("resource");
      assertThat(Http.error(client.token(form))).isEqualTo("400 invalid_target");
      server.adjust(AuthorizationServerKnobs::refreshWithoutResource);
      assertThat(client.token(form).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void keepsTheRefreshTokenWhereItDoesNotRotate() throws Exception {
    try (var server = FakeAuthorizationServer.start(AuthorizationServerKnobs::withoutRotation)) {
      var client = OAuthClient.registeredAt(server);
      var first = client.tokens();
      assertThat(Http.body(client.refresh(refreshToken(first))).has("refresh_token")).isFalse();
      assertThat(client.refresh(refreshToken(first)).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void givesNoRefreshTokenWhereNoneIsEarned() throws Exception {
    try (var server = FakeAuthorizationServer.start(AuthorizationServerKnobs::refreshTokensOnlyForOfflineAccess)) {
      var client = OAuthClient.registeredAt(server);
      assertThat(client.tokens().has("refresh_token")).isFalse();
      server.adjust(as -> as.grantedScope("read offline_access"));
      assertThat(client.tokens().has("refresh_token")).isTrue();
      server.adjust(AuthorizationServerKnobs::withoutRefreshTokens);
      assertThat(client.tokens().has("refresh_token")).isFalse();
    }
  }

  @Test
  void expiresAccessTokensOnDemandAndKeepsTheGrant() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var tokens = client.tokens();
      server.expireAccessTokens();
      assertThat(server.accepts(accessToken(tokens))).isFalse();
      assertThat(client.refresh(refreshToken(tokens)).statusCode()).isEqualTo(200);
    }
  }

  private static String refreshToken(JsonNode tokens) {
    return tokens.path("refresh_token").asText();
  }

  private static String accessToken(JsonNode tokens) {
    return tokens.path("access_token").asText();
  }
}
