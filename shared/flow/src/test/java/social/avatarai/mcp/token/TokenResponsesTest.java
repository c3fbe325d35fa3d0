package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.DeadTokenError;
import social.avatarai.mcp.discovery.ProviderResponses;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.token.TokenResponse.Granted;
import social.avatarai.mcp.token.TokenResponse.Refused;
import social.avatarai.mcp.token.TokenResponse.TryAgain;
import social.avatarai.mcp.token.TokenResponse.Unknown;
import social.avatarai.mcp.token.TokenResponses.Requested;

/** Judges responses without tokens. {@link GrantedTokensTest} is about responses with tokens. */
class TokenResponsesTest {

  @ParameterizedTest
  @ValueSource(ints = {200, 400, 401, 403, 500, 503})
  void believesInvalidGrantWhateverTheStatus(int status) {
    var response = judge(HttpResponses.json(status, "{'error':'invalid_grant','error_description':'Grant not found'}"));

    assertThat(response).isEqualTo(new Refused("invalid_grant", status));
    assertThat(((Refused) response).isDeadGrant()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bad_refresh_token", "invalid_refresh_token", "refresh_token_not_found", "token_inactive",
      "bad_verification_code"})
  void knowsTheOtherWordsForADeadGrant(String word) {
    var response = judge(HttpResponses.json(400, "{'error':'" + word + "'}"));

    assertThat(response).isEqualTo(new Refused(word, 400));
    assertThat(((Refused) response).isDeadGrant()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"invalid_request", "invalid_client", "unauthorized_client", "invalid_target", "not_allowed",
      "INVALID_GRANT"})
  void takesNoOtherWordForADeadGrant(String word) {
    var response = judge(HttpResponses.json(400, "{'error':'" + word + "'}"));

    assertThat(response).isEqualTo(new Refused(word, 400));
    assertThat(((Refused) response).isDeadGrant()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401})
  void knowsAnUnknownClientWhateverTheStatus(int status) {
    assertThat(((Refused) judge(HttpResponses.json(status, "{'error':'invalid_client'}"))).isUnknownClient()).isTrue();
    assertThat(((Refused) judge(HttpResponses.json(status, "{'error':'invalid_client_metadata'}"))).isUnknownClient())
        .isFalse();
  }

  @Test
  void believesAnErrorThatComesWith200() {
    assertThat(
        judge(HttpResponses.json(200, "{'error':'incorrect_client_credentials','error_uri':'https://docs.example'}")))
        .isEqualTo(new Refused("incorrect_client_credentials", 200));
  }

  @Test
  void believesAnErrorBesideAnAccessToken() {
    assertThat(judge(HttpResponses.json(200, "{'access_token':'a','token_type':'bearer','error':'access_denied'}")))
        .isEqualTo(new Refused("access_denied", 200));
  }

  @Test
  void takesNoEmptyErrorForOne() {
    assertThat(judge(HttpResponses.json(200, "{'access_token':'a','token_type':'bearer','error':null,'ok':true}")))
        .isInstanceOf(TokenResponse.Granted.class);
    assertThat(judge(HttpResponses.json(200, "{'access_token':'a','token_type':'bearer','error':''}")))
        .isInstanceOf(TokenResponse.Granted.class);
  }

  @Test
  void believesOkFalse() {
    assertThat(judge(HttpResponses.json(200, "{'ok':false,'error':'invalid_code'}")))
        .isEqualTo(new Refused("invalid_code", 200));
    assertThat(judge(HttpResponses.json(200, "{'ok':false,'access_token':'a'}"))).isEqualTo(new Refused("not_ok", 200));
  }

  @Test
  void readsAnErrorCodeWhereThereIsNoErrorWord() {
    assertThat(judge(HttpResponses.json(400, "{'code':400,'error_code':'refresh_token_not_found','msg':'…'}")))
        .isEqualTo(new Refused("refresh_token_not_found", 400));
  }

  @Test
  void readsAnErrorInAForm() {
    assertThat(judge(HttpResponses.typed(200, "application/x-www-form-urlencoded",
        "error=bad_verification_code&error_description=The+code+passed+is+incorrect")))
        .isEqualTo(new Refused("bad_verification_code", 200));
  }

  @ParameterizedTest
  @CsvSource({"application/json,[]", "application/json,'[{\"error\":\"invalid_grant\"}]'", "text/plain,Forbidden",
      "text/html,<html>", "application/json,''", "application/json,'{\"error\":{\"code\":\"invalid_grant\"}}'",
      "application/json,'{\"error\":'"})
  void isRefusedByA4xxThatSaysNothing(String mediaType, String body) {
    assertThat(judge(HttpResponses.typed(403, mediaType, body))).isEqualTo(new Refused("", 403));
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307})
  void isRefusedByARedirect(int status) {
    assertThat(judge(HttpResponses.html(status))).isEqualTo(new Refused("", status));
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 503})
  void triesAgainAfterAStatusThatSaysNotNow(int status) {
    assertThat(judge(HttpResponses.json(status, "{'error':'server_error','error_description':'please retry'}")))
        .isEqualTo(new TryAgain(Duration.ZERO, status));
    assertThat(judge(HttpResponses.html(status))).isEqualTo(new TryAgain(Duration.ZERO, status));
  }

  @ParameterizedTest
  @CsvSource({"temporarily_unavailable,400", "temporarily_unavailable,500", "slow_down,400", "slow_down,200"})
  void triesAgainAfterAWordThatSaysNotNow(String word, int status) {
    assertThat(judge(HttpResponses.json(status, "{'error':'" + word + "'}")))
        .isEqualTo(new TryAgain(Duration.ZERO, status));
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 501, 502, 504, 520})
  void doesNotKnowWhatCameOfA5xx(int status) {
    assertThat(judge(HttpResponses.json(status, "{'error':'server_error'}")))
        .isEqualTo(new Unknown("status " + status, status));
    assertThat(judge(HttpResponses.html(status))).isEqualTo(new Unknown("status " + status, status));
  }

  @ParameterizedTest
  @CsvSource({"text/html,<html>", "application/json,{}", "application/json,''", "application/json,[]",
      "application/json,'{\"access_token\":null}'", "application/json,'{\"access_token\":\"\"}'",
      "application/json,'{\"access_token\":5}'",
      "text/plain,nonsense", "application/x-www-form-urlencoded,''",
      "application/json,'{\"data\":{\"access_token\":\"a\"}}'"})
  void doesNotKnowWhatCameOfASuccessWithoutAToken(String mediaType, String body) {
    assertThat(judge(HttpResponses.typed(200, mediaType, body)))
        .isEqualTo(new Unknown("a success without an access token", 200));
  }

  @ParameterizedTest
  @CsvSource({"application/json,'{\"access_token\":\"a\",\"access_token\":\"b\"}',two values for one name",
      "application/json,'{\"access_token\":\"a\"}{\"access_token\":\"b\"}',two values for one name",
      "application/x-www-form-urlencoded,access_token=a&access_token=b,two values for one name"})
  void doesNotKnowWhatCameOfASuccessThatSaysTwoThings(String mediaType, String body, String why) {
    assertThat(judge(HttpResponses.typed(200, mediaType, body)))
        .isEqualTo(new Unknown(why, 200, "The response has " + why + "."));
    assertThat(judge(HttpResponses.typed(400, mediaType, body)))
        .isEqualTo(new Unknown(why, 400, "The response has " + why + "."));
    assertThat(judge(HttpResponses.typed(503, mediaType, body))).isEqualTo(new TryAgain(Duration.ZERO, 503));
  }

  @Test
  void namesTheLimitOfAResponseThatIsNestedTooDeep() {
    String body = "{\"a\":".repeat(Json.MAX_DEPTH + 1) + "1" + "}".repeat(Json.MAX_DEPTH + 1);

    String why = "JSON nested deeper than " + Json.MAX_DEPTH + " levels";
    assertThat(judge(HttpResponses.typed(200, "application/json", body)))
        .isEqualTo(new Unknown(why, 200, "The response has " + why + "."));
  }

  @ParameterizedTest
  @CsvSource({"text/html,access_token=a&expires_in=60", "'',access_token=a&token_type=bearer",
      "application/json,access_token=a&scope=read%20write",
      "application/x-www-form-urlencoded,access_token=a&access_token=a"})
  void takesAFormWhateverItsMediaType(String mediaType, String body) {
    assertThat(judge(HttpResponses.typed(200, mediaType, body))).isInstanceOf(TokenResponse.Granted.class);
  }

  @ParameterizedTest
  @CsvSource({"0,0", "7,7", "' 7 ',7", "3600,3600", "3601,3600", "999999999,3600",
      "'Wed, 25 Nov 2026 12:00:30 GMT',30", "'Wed, 25 Nov 2026 11:59:00 GMT',0", "'Thu, 25 Nov 2027 12:00:00 GMT',3600",
      "-7,0", "1.5,0", "soon,0", "'',0", "٧,0", "2026-11-25T12:00:30Z,0"})
  void waitsAsLongAsTheServerSaysButNoLongerThanAnHour(String retryAfter, long seconds) {
    var response = HttpResponses.with(429, Map.of("retry-after", retryAfter), "");

    assertThat(judge(response)).isEqualTo(new TryAgain(Duration.ofSeconds(seconds), 429));
  }

  @ParameterizedTest
  @CsvSource({"invalid_request,Spent.,true", "invalid_request,spent.,false", "invalid_request,,false",
      "gone,,true", "gone,Any text.,true", "other,Spent.,false"})
  void profilesErrorIsADeadRefreshTokenOnlyWithTheDescriptionThatTheProfileDemands(String error,
      @Nullable String description,
      boolean dead) {
    var known = List.of(new DeadTokenError("gone"), new DeadTokenError("invalid_request", "Spent."));
    var body = description == null
        ? "{'error':'" + error + "'}"
        : "{'error':'" + error + "','error_description':'" + description + "'}";
    var judged = TokenResponses.judge(HttpResponses.json(400, body),
        new Requested(Scopes.none(), " ", Examples.NOW, known, true, ProviderResponses.STANDARD));

    assertThat(judged).isEqualTo(new Refused(error, 400, dead));
    assertThat(judge(HttpResponses.json(400, body))).as("without a profile").isEqualTo(new Refused(error, 400));
  }

  @Test
  void tokenOfUnknownLifeLivesAnHourUnlessTheProviderIsAskedOnlyAfterARefusal() {
    var body = "{'access_token':'a','refresh_token':'r'}";

    assertThat(expiry(body, true)).isEqualTo(Examples.NOW.plusSeconds(3600));
    assertThat(expiry(body, false)).isNull();
    assertThat(expiry("{'access_token':'a','refresh_token':'r','expires_in':60}", false))
        .isEqualTo(Examples.NOW.plusSeconds(60));
    assertThat(expiry("{'access_token':'a','refresh_token':null}", true)).isNull();
  }

  private static @Nullable Instant expiry(String body, boolean assumesLife) {
    var judged = TokenResponses.judge(HttpResponses.json(200, body),
        new Requested(Scopes.none(), " ", Examples.NOW, List.of(), assumesLife, ProviderResponses.STANDARD));
    return ((Granted) judged).tokens().expiresAt();
  }

  private static TokenResponse judge(HttpResponse response) {
    return TokenResponses.judge(response, new Requested(Scopes.parse("read"), " ", Examples.NOW));
  }
}
