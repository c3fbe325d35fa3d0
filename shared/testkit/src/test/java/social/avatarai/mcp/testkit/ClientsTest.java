package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientsTest {

  @ParameterizedTest
  @CsvSource({"none,none,200", "none,post,401", "none,basic,401", "client_secret_post,post,200",
      "client_secret_post,basic,401", "client_secret_post,none,401", "client_secret_basic,basic,200",
      "client_secret_basic,post,401", "client_secret_basic,none,401", "client_secret_basic,both,400",
      "client_secret_basic,id beside basic,400"})
  void takesTheRegisteredClientAuthenticationAndNoOther(String registered, String used, int status) throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      var client = OAuthClient.registeredAt(server, registered);
      var form = client.redemption(client.code());
      if (!used.equals("basic")) form.put("client_id", client.id());
      if (used.equals("post") || used.equals("both")) form.put("client_secret", client.secret());
      var headers = used.contains("basic") || used.equals("both")
          ? new String[]{"Authorization", client.basic()}
          : new String[0];
      assertThat(client.token(form, headers).statusCode()).isEqualTo(status);
    }
  }

  @Test
  void refusesAWrongOrAnExpiredSecret() throws Exception {
    var clock = FixedClock.started();
    try (var server = FakeAuthorizationServer.start(as -> as.clock(clock).secretLifetime(Duration.ofSeconds(30)))) {
      var client = OAuthClient.registeredAt(server, "client_secret_post");
      var form = client.redemption(client.code());
      form.put("client_id", client.id());
      form.put("client_secret", "wrong");
      var response = client.token(form);
      assertThat(Http.error(response)).isEqualTo("401 invalid_client");
      assertThat(response.headers().firstValue("www-authenticate")).isPresent();
      clock.advance(Duration.ofSeconds(30));
      form.put("client_secret", client.secret());
      assertThat(Http.error(client.token(form))).isEqualTo("401 invalid_client");
    }
  }

  @Test
  void readsBasicCredentialsFormEncoded() throws Exception {
    try (var server = FakeAuthorizationServer.start()) {
      server.preRegister(FakeClient.confidential("a:b", "p%20 s+", OAuthClient.REDIRECT_URI));
      var client = OAuthClient.registeredAt(server);
      var authorization = client.authorization();
      authorization.put("client_id", "a:b");
      var form = client.redemption(client.callback(authorization).getOrDefault("code", ""));
      String pair = Base64.getEncoder().encodeToString("a%3Ab:p%2520+s%2B".getBytes(US_ASCII));
      assertThat(client.token(form, "Authorization", "Basic " + pair).statusCode()).isEqualTo(200);
    }
  }
}
