package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.RegistrationAccessToken;
import social.avatarai.mcp.http.Json;

class RegistrationManagementTest {
  private static final EndpointUrl ENDPOINT = new EndpointUrl("https://as.example/register");
  private static final String URL = "https://as.example/register/client-1";

  private static ObjectNode response(String url, String token) {
    return Json.newObject().put("registration_client_uri", url).put("registration_access_token", token);
  }

  @Test
  void readsWhereAndWithWhatARegistrationIsEnded() {
    assertThat(RegistrationManagement.of(response(URL, "invented-token"), ENDPOINT)).contains(
        new RegistrationManagement(new EndpointUrl(URL), new RegistrationAccessToken("invented-token")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://other.example/register/client-1", "https://as.example:8443/register/client-1",
      "http://as.example/register/client-1", "/register/client-1", "https://as.example@other.example/", ""})
  void sendsTheTokenToNoOtherOrigin(String url) {
    assertThat(RegistrationManagement.of(response(url, "invented-token"), ENDPOINT)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two words", "line\r\nX-Header: forged", "\u00e4"})
  void takesNoTokenThatAHeaderCannotCarry(String token) {
    assertThat(RegistrationManagement.of(response(URL, token), ENDPOINT)).isEmpty();
  }

  @Test
  void isNotOfferedWhereOneOfTheTwoIsMissing() {
    var withoutUrl = response(URL, "invented-token");
    withoutUrl.remove("registration_client_uri");
    var withoutToken = response(URL, "invented-token");
    withoutToken.remove("registration_access_token");
    assertThat(RegistrationManagement.of(withoutUrl, ENDPOINT)).isEmpty();
    assertThat(RegistrationManagement.of(withoutToken, ENDPOINT)).isEmpty();
  }
}
