package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.Golden;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.token.TokenResponse.Granted;
import social.avatarai.mcp.token.TokenResponse.Refused;
import social.avatarai.mcp.token.TokenResponse.TryAgain;
import social.avatarai.mcp.token.TokenResponse.Unknown;
import social.avatarai.mcp.token.TokenResponses.Requested;

/** Judges the token responses of real providers. */
class GoldenTokenResponsesTest {
  private static final GrantTarget TARGET = new GrantTarget(Examples.ISSUER, Examples.TOKEN_ENDPOINT,
      new ResourceUri("https://mcp.example"), new EndpointUrl("https://mcp.example/mcp"));

  @Test
  void takesTheEndlessTokenOfAGithubOauthApp() {
    var tokens = granted("github-token-oauth-app", ",");

    assertThat(tokens.scope()).isEqualTo(Scopes.parse("repo gist"));
    assertThat(tokens.refreshToken()).isNull();
    assertThat(tokens.expiresAt()).isNull();
    assertThat(tokens.isLongLived()).isTrue();
  }

  @Test
  void takesTheTokensOfAGithubApp() {
    var tokens = granted("github-token-app", ",");

    assertThat(tokens.refreshToken()).isNotNull();
    assertThat(life(tokens)).isEqualTo(Duration.ofHours(8));
    assertThat(tokens.scope()).isEqualTo(Scopes.parse("asked"));
  }

  @Test
  void takesTheTokensOfNotion() {
    var tokens = granted("notion-token", " ");

    assertThat(life(tokens)).isEqualTo(Duration.ofHours(1));
    assertThat(tokens.scope()).isEqualTo(Scopes.parse("asked"));
    assertThat(Audience.fits(tokens.accessToken(), TARGET)).isTrue();
  }

  @Test
  void takesTheEndlessTokenOfNotionsRestApi() {
    var tokens = granted("notion-token-rest", " ");

    assertThat(tokens.refreshToken()).isNull();
    assertThat(tokens.expiresAt()).isNull();
  }

  @Test
  void takesTheTokensOfNeonThoughTheyHaveEndedWhenReplayed() {
    assertThat(life(granted("neon-token", " "))).isEqualTo(Duration.ofHours(1));

    var replayed = granted("neon-token-replayed", " ");
    assertThat(life(replayed)).isZero();
    assertThat(replayed.refreshToken()).isNotNull();
    assertThat(replayed.scope()).isEqualTo(Scopes.parse("read write"));
  }

  @Test
  void takesTheTokensOfX() {
    var tokens = granted("x-token", " ");

    assertThat(life(tokens)).isEqualTo(Duration.ofHours(2));
    assertThat(tokens.scope().values()).hasSize(9).contains("offline.access");
    assertThat(life(granted("x-token-refreshed-without-life", " "))).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void takesTheTokensOfGoogleWhichKeepsItsRefreshToken() {
    var tokens = granted("google-token-refreshed", " ");

    assertThat(tokens.refreshToken()).isNull();
    assertThat(life(tokens)).isEqualTo(Duration.ofSeconds(3599));
    assertThat(Audience.fits(tokens.accessToken(), TARGET)).isTrue();
  }

  @Test
  void takesTheTokensOfEntraWithTheirLifeAsAText() {
    assertThat(life(granted("entra-token-v1", " "))).isEqualTo(Duration.ofSeconds(3599));
  }

  @Test
  void takesTheTokensOfKeycloakForTheResource() {
    var tokens = granted("keycloak-token", " ");

    assertThat(life(tokens)).isEqualTo(Duration.ofMinutes(5));
    assertThat(Audience.fits(tokens.accessToken(), TARGET)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"entra-token-other-audience", "keycloak-token-account-audience"})
  void sendsNoTokenOfAnotherAudienceToTheResource(String name) {
    assertThat(Audience.fits(granted(name, " ").accessToken(), TARGET)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
      // name, status, word, dead grant
      "github-token-bad-code,200,bad_verification_code,true", "github-token-bad-refresh,200,bad_refresh_token,true",
      "github-token-bad-client,200,incorrect_client_credentials,false",
      "notion-token-grant-not-found,400,invalid_grant,true", "notion-token-two-methods,400,invalid_request,false",
      "neon-token-bad-client,400,invalid_client,false", "x-token-spent-refresh,400,invalid_request,false",
      "x-token-secret-in-body,401,unauthorized_client,false", "google-token-revoked,400,invalid_grant,true",
      "entra-token-resource-refused,400,invalid_target,false", "slack-token-refused,200,invalid_code,false",
      "keycloak-token-not-allowed,400,not_allowed,false"})
  void isRefused(String name, int status, String word, boolean deadGrant) {
    var response = TokenResponses.judge(Golden.response(status, name), requested(" "));

    assertThat(response).isEqualTo(new Refused(word, status));
    assertThat(((Refused) response).isDeadGrant()).isEqualTo(deadGrant);
  }

  @ParameterizedTest
  @CsvSource({"neon-token-locked", "neon-token-upstream-down"})
  void triesAgainAtNeonWhichCannotRespondNow(String name) {
    assertThat(TokenResponses.judge(Golden.response(503, name), requested(" ")))
        .isEqualTo(new TryAgain(Duration.ZERO, 503));
  }

  @Test
  void doesNotLookForATokenInsideSlacksResponse() {
    assertThat(TokenResponses.judge(Golden.response(200, "slack-token-nested"), requested(",")))
        .isInstanceOf(Unknown.class);
  }

  private static Tokens granted(String name, String scopeSeparator) {
    var response = TokenResponses.judge(Golden.response(200, name), requested(scopeSeparator));
    assertThat(response).isInstanceOf(Granted.class);
    return ((Granted) response).tokens();
  }

  private static Requested requested(String scopeSeparator) {
    return new Requested(Scopes.parse("asked"), scopeSeparator, Examples.NOW);
  }

  private static Duration life(Tokens tokens) {
    return Duration.between(tokens.obtainedAt(), Objects.requireNonNull(tokens.expiresAt()));
  }
}
