package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.ClientAuthenticationMethod.CLIENT_SECRET_POST;
import static social.avatarai.mcp.ClientAuthenticationMethod.NONE;
import static social.avatarai.mcp.FailureAssert.assertFails;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Golden;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.registration.RegistrationResponse.Requested;

/** Judges the registration responses of real providers. */
class GoldenRegistrationTest {

  @Test
  void takesThe200OfNeonAndKeepsTheSecretItGivesToAPublicClient() {
    var response = judge(Golden.response(200, "neon-registration"), NONE);

    assertThat(response.method()).isEqualTo(NONE);
    assertThat(response.secret()).isEqualTo(new ClientSecret("invented00000000000000000000000x"));
    assertThat(response.expiresAt()).isNull();
    assertThat(response.scope()).isEqualTo(Scopes.parse("read"));
  }

  @Test
  void isRefusedByNeonInItsOwnWord() {
    assertFails(Failure.Refused.class, ErrorCode.REGISTRATION_REFUSED,
        () -> judge(Golden.response(400, "neon-registration-refused"), NONE));
  }

  @Test
  void knowsThatASecretOfNotionEnds() {
    var response = judge(Golden.response(201, "notion-registration"), CLIENT_SECRET_POST);

    assertThat(response.method()).isEqualTo(CLIENT_SECRET_POST);
    assertThat(response.expiresAt()).isEqualTo(Instant.ofEpochSecond(1803384000));
  }

  @Test
  void knowsThatASecretOfKeycloakDoesNotEnd() {
    var response = judge(Golden.response(201, "keycloak-registration"), CLIENT_SECRET_POST);

    assertThat(response.expiresAt()).isNull();
    assertThat(response.scope()).isEqualTo(Scopes.parse("address phone offline_access"));
  }

  private static RegistrationResponse judge(HttpResponse response, ClientAuthenticationMethod requested) {
    return RegistrationResponse.judge(response, new Requested(Examples.REDIRECT_URI, requested, Scopes.parse("read")));
  }
}
