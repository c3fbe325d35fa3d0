package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.token.GrantTarget;

/** RFC 9207 §2.4, as in the table of the MCP specification. */
class IssCheckTest {

  @ParameterizedTest
  @CsvSource(nullValues = "-", value = {
      // announced, iss, passes
      "true,https://auth.example,true", "true,-,false", "true,https://evil.example,false",
      "false,https://auth.example,true", "false,-,true", "false,https://evil.example,false", "true,'',false",
      "false,'',false"})
  void followsTheTableForCodesAndForErrors(boolean announced, @Nullable String iss, boolean passes) {
    var session = Examples.session(Examples.TARGET, announced);

    assertThat(IssCheck.passes(session, new AuthorizationResponse(new AuthorizationCode("c"), null, iss, null)))
        .isEqualTo(passes);
    assertThat(IssCheck.passes(session, new AuthorizationResponse(null, "access_denied", iss, null))).isEqualTo(passes);
  }

  @ParameterizedTest
  @CsvSource({"https://auth.example/x,https://auth.example/x/", "https://auth.example/x/,https://auth.example/x",
      "https://auth.example/x,https://AUTH.example/x", "https://auth.example/x,HTTPS://auth.example/x",
      "https://auth.example/x,https://auth.example:443/x", "https://auth.example/x,https://auth.example/%78",
      "https://auth.example/x,' https://auth.example/x'", "https://auth.example/x,https://auth.example/X",
      "https://auth.example/x,https%3A%2F%2Fauth.example%2Fx"})
  void normalisesNothing(String issuer, String iss) {
    var target = new GrantTarget(new Issuer(issuer), Examples.TOKEN_ENDPOINT, Examples.RESOURCE, Examples.SERVER);

    for (boolean announced : new boolean[]{true, false})
      assertThat(IssCheck.passes(Examples.session(target, announced),
          new AuthorizationResponse(new AuthorizationCode("c"), null, iss, null))).isFalse();
  }

  @Test
  void comparesWithTheSessionsIssuerAndNotWithTheResource() {
    var session = Examples.session(Examples.TARGET, true);

    assertThat(IssCheck.passes(session,
        new AuthorizationResponse(new AuthorizationCode("c"), null, Examples.RESOURCE.value(), null))).isFalse();
  }
}
