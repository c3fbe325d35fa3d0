package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenEndpointTest {

  @Test
  void redeemsACodeForALiveTokenAndARefreshToken() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var tokens = OAuthClient.registeredAt(server).tokens();
      assertThat(tokens.path("token_type").asText()).isEqualTo("Bearer");
      assertThat(tokens.path("expires_in").isInt()).isTrue();
      assertThat(tokens.path("expires_in").asInt()).isEqualTo(3600);
      assertThat(tokens.path("scope").asText()).isEqualTo("read");
      assertThat(tokens.path("refresh_token").asText()).isNotEmpty();
      assertThat(server.accepts(tokens.path("access_token").asText())).isTrue();
      assertThat(server.subjectOf(tokens.path("access_token").asText())).contains("owner-1");
      assertThat(server.tokenRequests().getFirst().parameters()).containsEntry("resource", OAuthClient.RESOURCE);
    }
  }

  @Test
  void endsTheGrantOfACodeThatIsUsedTwice() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var form = client.redemption(client.code());
      form.put("client_id", client.id());
      String accessToken = Http.body(client.token(form)).path("access_token").asText();
      assertThat(Http.error(client.token(form))).isEqualTo("400 invalid_grant");
      assertThat(server.accepts(accessToken)).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({"code_verifier,verifier-11111111111111111111111111111111111,invalid_grant",
      "redirect_uri,https://client.example/other,invalid_grant", "code,unknown,invalid_grant",
      "resource,https://mcp.example/mcp/,invalid_target", "grant_type,password,unsupported_grant_type",
      "grant_type,'',invalid_request"})
  void refusesACodeWithAnythingElseThanWasAuthorized(String parameter, String value, String error) throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var form = client.redemption(client.code());
      form.put("client_id", client.id());
      form.put(parameter, value);
      assertThat(Http.error(client.token(form))).isEqualTo("400 " + error);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"code_verifier", "redirect_uri", "resource"})
  void refusesACodeWithoutAnyOfWhatWasAuthorized(String parameter) throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var form = client.redemption(client.code());
      form.put("client_id", client.id());
      form.remove(parameter);
      assertThat(client.token(form).statusCode()).isEqualTo(400);
    }
  }

  @Test
  void refusesTheCodeOfAnotherClientWithoutBurningIt() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server);
      var form = client.redemption(client.code());
      form.put("client_id", OAuthClient.registeredAt(server).id());
      assertThat(Http.error(client.token(form))).isEqualTo("400 invalid_grant");
      form.put("client_id", client.id());
      assertThat(client.token(form).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void refusesACodeAfterAMinute() throws Exception {
    var clock = FixedClock.started();
    try (var server = FakeAuthorizationServer.start(as -> as.clock(clock))) {
      var client = OAuthClient.registeredAt(server);
      var form = client.redemption(client.code());
      form.put("client_id", client.id());
      clock.advance(Duration.ofMinutes(1));
      assertThat(Http.error(client.token(form))).isEqualTo("400 invalid_grant");
    }
  }

  @Test
  void refusesWhatIsNoForm() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      assertThat(Http.json(server.issuer() + "/token", "{}").statusCode()).isEqualTo(400);
      assertThat(Http.get(server.issuer() + "/token").statusCode()).isEqualTo(405);
      var form = Map.of("grant_type", "refresh_token");
      assertThat(Http.error(Http.form(server.issuer() + "/token?refresh_token=x", form)))
          .isEqualTo("400 invalid_request");
    }
  }

  @Test
  void failsAtCloseWhenAScriptedFaultWentUnused() {
    var server = FakeAuthorizationServer.start();
    server.tokenEndpoint().closeAfterReading();
    assertThatThrownBy(server::close).isInstanceOf(AssertionError.class).hasMessageContaining("token endpoint");
  }

  @Test
  void letsAccessTokensExpireByTheClock() throws Exception {
    var clock = FixedClock.started();
    try (var server = FakeAuthorizationServer.start(as -> as.clock(clock).accessTokenLifetime(Duration.ofMinutes(5)))) {
      String token = accessToken(OAuthClient.registeredAt(server).tokens());
      clock.advance(Duration.ofMinutes(5).minusNanos(1));
      assertThat(server.accepts(token)).isTrue();
      clock.advance(Duration.ofNanos(1));
      assertThat(server.accepts(token)).isFalse();
    }
  }

  @Test
  void shapesAccessTokensAsJwts() throws Exception {
    try (var server = FakeAuthorizationServer.start(as -> as.jwtAccessTokens("https://mcp.example"))) {
      String token = accessToken(OAuthClient.registeredAt(server).tokens());
      assertThat(token.split("\\.", -1)).hasSize(3);
      byte[] claims = Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]);
      assertThat(new String(claims, UTF_8)).contains("\"aud\":\"https://mcp.example\"");
      assertThat(server.accepts(token)).isTrue();
    }
  }

  @Test
  void respondsAsATestWantsItTo() throws Exception {
    try (var server = FakeAuthorizationServer.start(as -> as.tokenStatus(201).tokenErrorStatus(200)
        .withoutTokenResponse("token_type", "scope").tokenResponse("expires_in", "3600"))) {
      var client = OAuthClient.registeredAt(server);
      var form = client.redemption(client.code());
      form.put("client_id", client.id());
      var response = client.token(form);
      assertThat(response.statusCode()).isEqualTo(201);
      assertThat(Http.body(response).path("expires_in").isTextual()).isTrue();
      assertThat(Http.body(response).has("token_type")).isFalse();
      assertThat(Http.error(client.token(form))).isEqualTo("200 invalid_grant");
    }
  }

  @Test
  void formEncodesItsResponsesOnDemand() throws Exception {
    try (var server = FakeAuthorizationServer.start(AuthorizationServerKnobs::formEncodedTokenResponses)) {
      var client = OAuthClient.registeredAt(server);
      var form = client.redemption(client.code());
      form.put("client_id", client.id());
      assertThat(client.token(form).body()).matches("access_token=[^&]+&token_type=Bearer&expires_in=3600&.*");
      assertThat(client.token(form).body()).startsWith("error=invalid_grant&");
    }
  }

  private static String accessToken(JsonNode tokens) {
    return tokens.path("access_token").asText();
  }
}
