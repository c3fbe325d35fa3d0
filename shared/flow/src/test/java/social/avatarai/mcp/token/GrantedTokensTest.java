package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.token.TokenResponse.Granted;
import social.avatarai.mcp.token.TokenResponse.Refused;
import social.avatarai.mcp.token.TokenResponses.Requested;

/** Reads the tokens of a token response in all its spellings. */
class GrantedTokensTest {

  @ParameterizedTest
  @ValueSource(ints = {200, 201})
  void readsTokensWithAny2xx(int status) {
    assertThat(judge(HttpResponses.json(status, "{'access_token':'a-1','token_type':'Bearer','expires_in':3600,"
        + "'refresh_token':'r-1','scope':'read write','bot_id':'x'}"))).isEqualTo(
            new Granted(new Tokens(new AccessToken("a-1"), new RefreshToken("r-1"), Scopes.parse("read write"),
                Examples.NOW, Examples.NOW.plusSeconds(3600))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "text/plain", "text/html; charset=utf-8",
      "application/json, application/json", ""})
  void readsJsonWhateverItsMediaType(String mediaType) {
    assertThat(granted(HttpResponses.typed(200, mediaType, "\ufeff{\"access_token\":\"a\"}")).accessToken())
        .isEqualTo(new AccessToken("a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8",
      "Application/X-WWW-Form-Urlencoded"})
  void readsAForm(String mediaType) {
    var tokens = granted(HttpResponses.typed(200, mediaType,
        "access_token=a%2B1&expires_in=28800&refresh_token=r-1&scope=repo%2Cgist&token_type=bearer\n"));

    assertThat(tokens.accessToken()).isEqualTo(new AccessToken("a+1"));
    assertThat(tokens.refreshToken()).isEqualTo(new RefreshToken("r-1"));
    assertThat(tokens.expiresAt()).isEqualTo(Examples.NOW.plusSeconds(28800));
    assertThat(tokens.scope().values()).containsExactly("repo,gist");
  }

  @Test
  void passesOverFormParametersThatAreNone() {
    assertThat(granted(HttpResponses.typed(200, "application/x-www-form-urlencoded",
        "&=x&scope=%zz&noise&access_token=a")).accessToken()).isEqualTo(new AccessToken("a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",'token_type':null", ",'token_type':''", ",'token_type':'bearer'",
      ",'token_type':'Bearer'", ",'token_type':'bEaReR'"})
  void takesBearerAndNothingForBearer(String tokenType) {
    assertThat(judge(HttpResponses.json(200, "{'access_token':'a'" + tokenType + "}"))).isInstanceOf(Granted.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"'DPoP'", "'mac'", "'N_A'", "'user'", "'Bearer '", "'bearer,dpop'"})
  void refusesEveryOtherTokenType(String tokenType) {
    assertThat(judge(HttpResponses.json(200, "{'access_token':'a','token_type':" + tokenType + "}")))
        .isEqualTo(new Refused("unsupported_token_type", 200));
  }

  /** The bug: a value that is not a text counted as missing. */
  @ParameterizedTest
  @ValueSource(strings = {"5", "true", "['bearer']", "{}"})
  void refusesATokenTypeThatIsNoText(String tokenType) {
    assertThat(judge(HttpResponses.json(200, "{'access_token':'a','token_type':" + tokenType + "}")))
        .isEqualTo(new Refused("unsupported_token_type", 200));
  }

  @ParameterizedTest
  @CsvSource(quoteCharacter = '|', value = {"3600,3600", "'3600',3600", "' 3600 ',3600", "3599.9,3599", "'3599.9',3599",
      "3.6e3,3600", "0,0", "'0',0",
      "-3,0", "'-3',0", "0.4,0", "31622400,31622400", "31622401,31622400", "9223372036854775807,31622400",
      "99999999999999999999999,31622400", "'1e400',31622400", "1e300,31622400", "1e400,31622400", "'1e-999999999',0"})
  void readsALifeHoweverItIsWrittenAndAtMostAYear(String expiresIn, long seconds) {
    assertThat(life(expiresIn, true)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "''", "'soon'", "'3600abc'", "'0x10'", "'NaN'", "true", "[3600]", "{}"})
  void assumesAnHourOfAnUnknownLifeWhereItCanBeRenewed(String expiresIn) {
    assertThat(life(expiresIn, true)).isEqualTo(Duration.ofHours(1));
    assertThat(life(expiresIn, false)).isNull();
  }

  /** The bug: a number of 250,000 digits took seconds to parse. */
  @Test
  void takesALifeThatIsLongerWrittenThanAnyNumberForUnknown() {
    assertThat(life("'" + "0".repeat(40) + "60'", true)).isEqualTo(Duration.ofHours(1));
    assertThat(life("'" + "0".repeat(38) + "60'", true)).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void assumesAnHourOfAnUnsaidLifeWhereItCanBeRenewed() {
    assertThat(granted(HttpResponses.json(200, "{'access_token':'a','refresh_token':'r'}")).expiresAt())
        .isEqualTo(Examples.NOW.plusSeconds(3600));
    assertThat(granted(HttpResponses.json(200, "{'access_token':'a'}")).expiresAt()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",'refresh_token':null", ",'refresh_token':''", ",'refresh_token':7"})
  void knowsNoRefreshTokenWhereNoneIsGiven(String refreshToken) {
    assertThat(granted(HttpResponses.json(200, "{'access_token':'a'" + refreshToken + "}")).refreshToken()).isNull();
  }

  @ParameterizedTest
  @CsvSource(quoteCharacter = '|', delimiter = ';', value = {"'read write';read write", "' read  write ';read write",
      "'read';read", "['read','write'];read write",
      "['read','write','read'];read write"})
  void readsTheGrantedScope(String scope, String granted) {
    assertThat(scopeOf(scope, " ")).isEqualTo(Scopes.parse(granted));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "''", "' '", "[]", "7", "true"})
  void takesTheScopeAskedForWhereNoneIsNamed(String scope) {
    assertThat(scopeOf(scope, " ")).isEqualTo(Scopes.parse("asked for"));
  }

  /** The bug: null in a list became the scope "null", and a list with one text of several scopes was not split. */
  @Test
  void readsOnlyTheTextsOfAListOfScopes() {
    assertThat(scopeOf("[null,7,{'a':'b'},['c']]", " ")).isEqualTo(Scopes.parse("asked for"));
    assertThat(scopeOf("{'a':'b'}", " ")).isEqualTo(Scopes.parse("asked for"));
    assertThat(scopeOf("['read write',null,'admin']", " ")).isEqualTo(Scopes.parse("read write admin"));
  }

  @Test
  void takesTheRequestedScopeIfTheResponseHasNone() {
    assertThat(granted(HttpResponses.json(200, "{'access_token':'a'}")).scope()).isEqualTo(Scopes.parse("asked for"));
  }

  @ParameterizedTest
  @CsvSource(quoteCharacter = '|', delimiter = ';', value = {"'repo,gist'", "'repo, gist'", "'repo gist'",
      "['repo','gist']"})
  void dividesScopesAtCommasWhereTheProfileSaysSo(String scope) {
    assertThat(scopeOf(scope, ",")).isEqualTo(Scopes.parse("repo gist"));
  }

  @Test
  void dividesScopesAtCommasNowhereElse() {
    assertThat(scopeOf("'repo,gist'", " ").values()).containsExactly("repo,gist");
  }

  private static @Nullable Duration life(String expiresIn, boolean renewable) {
    var expiresAt = granted(HttpResponses.json(200, "{'access_token':'a','expires_in':" + expiresIn
        + (renewable ? ",'refresh_token':'r'" : "") + "}")).expiresAt();
    return expiresAt == null ? null : Duration.between(Examples.NOW, expiresAt);
  }

  private static Scopes scopeOf(String scope, String separator) {
    var response = HttpResponses.json(200, "{'access_token':'a','scope':" + scope + "}");
    return tokens(TokenResponses.judge(response, new Requested(Scopes.parse("asked for"), separator, Examples.NOW)))
        .scope();
  }

  private static Tokens granted(HttpResponse response) {
    return tokens(judge(response));
  }

  private static Tokens tokens(TokenResponse response) {
    assertThat(response).isInstanceOf(Granted.class);
    return ((Granted) response).tokens();
  }

  private static TokenResponse judge(HttpResponse response) {
    return TokenResponses.judge(response, new Requested(Scopes.parse("asked for"), " ", Examples.NOW));
  }
}
