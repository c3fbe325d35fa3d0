package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RegistrationEndpointTest {

  @Test
  void makesEveryRegistrationAClientOfItsOwn() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var first = OAuthClient.registeredAt(server, "client_secret_post");
      var second = OAuthClient.registeredAt(server, "client_secret_post");
      assertThat(first.id()).isNotEqualTo(second.id());
      assertThat(first.secret()).isNotEmpty().isNotEqualTo(second.secret());
      assertThat(first.registration.path("client_secret_expires_at").asLong()).isZero();
      assertThat(first.registration.path("client_name").asText()).isEqualTo("A test client");
      assertThat(server.registrations()).hasSize(2);
      assertThat(server.registrations().getFirst().json().path("client_name").asText()).isEqualTo("A test client");
    }
  }

  @Test
  void givesAPublicClientNoSecret() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      assertThat(OAuthClient.registeredAt(server, "none").registration.has("client_secret")).isFalse();
    }
  }

  @Test
  void takesBasicForTheMethodThatIsNotNamed() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var response = register(server, "{\"redirect_uris\":[\"https://client.example/callback\"]}");
      assertThat(response.statusCode()).isEqualTo(201);
      assertThat(Http.body(response).path("token_endpoint_auth_method").asText()).isEqualTo("client_secret_basic");
      assertThat(Http.body(response).has("client_secret")).isTrue();
    }
  }

  @Test
  void refusesWhatIsNoRegistration() throws Exception {
    try (var server = FakeAuthorizationServer.start(as -> as.authMethods("client_secret_basic"))) {
      assertThat(Http.error(register(server, "{}"))).isEqualTo("400 invalid_redirect_uri");
      assertThat(Http.error(register(server, "{\"redirect_uris\":[\"/callback\"]}")))
          .isEqualTo("400 invalid_redirect_uri");
      assertThat(Http.error(register(server, "{\"redirect_uris\":[\"https://client.example/#f\"]}")))
          .isEqualTo("400 invalid_redirect_uri");
      assertThat(Http.error(register(server, OAuthClient.registration("none"))))
          .isEqualTo("400 invalid_client_metadata");
      assertThat(Http.error(Http.send("POST", server.issuer() + "/register", "x=y")))
          .isEqualTo("400 invalid_client_metadata");
    }
  }

  @Test
  void refusesOnDemand() throws Exception {
    try (var server = FakeAuthorizationServer.start(as -> as.refuseRegistration(403, "access_denied"))) {
      assertThat(Http.error(register(server, OAuthClient.registration("none")))).isEqualTo("403 access_denied");
    }
  }

  @Test
  void refusesAScopeOnDemandAndTakesTheSameWithout() throws Exception {
    try (var server = FakeAuthorizationServer.start(AuthorizationServerKnobs::refuseRegistrationWithScope)) {
      String without = OAuthClient.registration("none");
      String with = without.replace("{\"client_name\"", "{\"scope\":\"read\",\"client_name\"");
      assertThat(Http.error(register(server, with))).isEqualTo("400 invalid_scope");
      assertThat(register(server, without).statusCode()).isEqualTo(201);
    }
  }

  @Test
  void respondsAsATestWantsItTo() throws Exception {
    var clock = FixedClock.started();
    try (var server = FakeAuthorizationServer.start(as -> as.clock(clock).registrationStatus(200)
        .secretLifetime(Duration.ofDays(90)).withoutRegistrationResponse("token_endpoint_auth_method")
        .registrationResponse("grant_types", null))) {
      var response = register(server, OAuthClient.registration("client_secret_post"));
      assertThat(response.statusCode()).isEqualTo(200);
      var body = Http.body(response);
      assertThat(body.path("client_secret_expires_at").asLong())
          .isEqualTo(clock.instant().plus(Duration.ofDays(90)).getEpochSecond());
      assertThat(body.has("token_endpoint_auth_method")).isFalse();
      assertThat(body.path("grant_types").isNull()).isTrue();
    }
  }

  @Test
  void isNotThereWhereRegistrationIsOff() throws Exception {
    try (var server = FakeAuthorizationServer.start(AuthorizationServerKnobs::withoutRegistration)) {
      assertThat(register(server, OAuthClient.registration("none")).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void forgetsTheClientsThatRegisteredThemselves() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var registered = OAuthClient.registeredAt(server);
      String refreshToken = registered.tokens().path("refresh_token").asText();
      server.forgetRegisteredClients();
      assertThat(Http.error(registered.refresh(refreshToken))).isEqualTo("401 invalid_client");
    }
  }

  private static HttpResponse<String> register(FakeAuthorizationServer server, String body) throws Exception {
    return Http.json(server.issuer() + "/register", body);
  }
}
