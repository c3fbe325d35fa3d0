package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.ClientAuthenticationMethod.CLIENT_SECRET_BASIC;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;

class RegistrationChoiceTest {

  @ParameterizedTest
  @CsvSource({"none client_secret_basic client_secret_post,CLIENT_SECRET_POST",
      "client_secret_post none,CLIENT_SECRET_POST",
      "none client_secret_basic,CLIENT_SECRET_BASIC", "client_secret_basic private_key_jwt,CLIENT_SECRET_BASIC",
      "none,NONE", "private_key_jwt none,NONE", "CLIENT_SECRET_POST none,NONE"})
  void asksForPostThenBasicThenNoneOfTheListed(String listed, ClientAuthenticationMethod chosen) {
    assertThat(RegistrationChoice.method(listing(listed.split(" ")), CLIENT_SECRET_BASIC)).isEqualTo(chosen);
  }

  @ParameterizedTest
  @CsvSource({"CLIENT_SECRET_BASIC", "NONE"})
  void takesTheDefaultWhereNothingThatWeSpeakIsListed(ClientAuthenticationMethod unlisted) {
    assertThat(RegistrationChoice.method(listing(), unlisted)).isEqualTo(unlisted);
    assertThat(RegistrationChoice.method(listing("private_key_jwt", "tls_client_auth"), unlisted)).isEqualTo(unlisted);
  }

  private static AuthorizationServerMetadata listing(String... methods) {
    var endpoint = new EndpointUrl("https://auth.example/x");
    return new AuthorizationServerMetadata(Examples.ISSUER, endpoint, endpoint, null, null,
        List.of(methods), Scopes.none(), false, false, HttpResponses.object("{}"));
  }
}
