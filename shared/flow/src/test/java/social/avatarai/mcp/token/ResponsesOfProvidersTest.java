package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.ProviderResponses;
import social.avatarai.mcp.token.TokenResponses.Requested;

/** Token responses that are shaped otherwise, as the profile of their provider says. */
class ResponsesOfProvidersTest {

  private static TokenResponse of(String body, ProviderResponses provider) {
    return TokenResponses.judge(HttpResponses.json(200, body),
        new Requested(Scopes.none(), ",", Examples.NOW, List.of(), true, provider));
  }

  @Test
  void takesTheTypesThatTheProfileKnows() {
    var provider = new ProviderResponses(List.of("user"), null, null);

    assertThat(of("{'access_token':'a','token_type':'User'}", provider)).isInstanceOf(TokenResponse.Granted.class);
    assertThat(of("{'access_token':'a','token_type':'bearer'}", provider)).isInstanceOf(TokenResponse.Granted.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"'bot'", "'DPoP'", "1", "['user']", "'user '"})
  void refusesATypeThatNeitherTheSpecificationNorTheProfileKnows(String type) {
    assertThat(of("{'access_token':'a','token_type':" + type + "}",
        new ProviderResponses(List.of("user"), null, null))).isInstanceOf(TokenResponse.Refused.class);
    assertThat(of("{'access_token':'a','token_type':'user'}", ProviderResponses.STANDARD))
        .isInstanceOf(TokenResponse.Refused.class);
  }

  @Test
  void takesTheTokensOfTheOneMemberThatTheProfileNames() {
    var provider = new ProviderResponses(List.of(), "authed_user", null);
    String nested = "{'ok':true,'access_token':'of-the-app','scope':'app','authed_user':"
        + "{'access_token':'of-the-user','refresh_token':'r','scope':'a,b'}}";

    assertThat(of(nested, provider)).isInstanceOfSatisfying(TokenResponse.Granted.class, granted -> {
      assertThat(granted.tokens().accessToken().reveal()).isEqualTo("of-the-user");
      assertThat(granted.tokens().scope().toString()).isEqualTo("a b");
    });
    assertThat(of(nested, ProviderResponses.STANDARD)).isInstanceOfSatisfying(TokenResponse.Granted.class,
        granted -> assertThat(granted.tokens().accessToken().reveal()).isEqualTo("of-the-app"));
    assertThat(of("{'access_token':'alone','authed_user':{'id':'u'}}", provider)).isInstanceOfSatisfying(
        TokenResponse.Granted.class,
        granted -> assertThat(granted.tokens().accessToken().reveal()).isEqualTo("alone"));
    assertThat(of("{'ok':true,'other':{'access_token':'x'}}", provider)).isInstanceOf(TokenResponse.Unknown.class);
  }

  /** Slack says so with 200. A token beside an error is none. */
  @Test
  void refusesTheTokensOfAMemberBesideAnError() {
    assertThat(of("{'ok':false,'error':'invalid_code','authed_user':{'access_token':'x'}}",
        new ProviderResponses(List.of(), "authed_user", null))).isInstanceOf(TokenResponse.Refused.class);
  }

  @Test
  void takesTheLifeThatTheProfileKnowsWhereTheResponseSaysNone() {
    var provider = new ProviderResponses(List.of(), null, Duration.ofMinutes(20));

    assertThat(of("{'access_token':'a'}", provider)).isInstanceOfSatisfying(TokenResponse.Granted.class,
        granted -> assertThat(granted.tokens().expiresAt()).isEqualTo(Examples.NOW.plus(Duration.ofMinutes(20))));
    assertThat(of("{'access_token':'a','expires_in':60}", provider)).isInstanceOfSatisfying(
        TokenResponse.Granted.class,
        granted -> assertThat(granted.tokens().expiresAt()).isEqualTo(Examples.NOW.plusSeconds(60)));
  }
}
