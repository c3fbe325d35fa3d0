package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Duration;
import java.util.Map;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.token.TokenResponses.Requested;

/** Every token response of a stranger has one of five meanings, and never causes an exception. */
class TokenResponsesFuzzTest {
  /** An input has one line each for status, media type, Retry-After and scope separator. The rest is the body. */
  @FuzzTest
  void judgesEveryResponse(byte[] bytes) {
    String[] parts = new String(bytes, UTF_8).split("\n", 5);
    if (parts.length < 5 || !parts[0].matches("[1-5][0-9]{2}")) return;
    int status = Integer.parseInt(parts[0]);
    var response = HttpResponses.with(status, Map.of("content-type", parts[1], "retry-after", parts[2]), parts[4]);
    String separator = parts[3].equals(",") ? "," : " ";

    switch (TokenResponses.judge(response, new Requested(Scopes.parse("asked"), separator, Examples.NOW))) {
      case TokenResponse.Granted(var tokens) -> {
        require(status / 100 == 2, "tokens come with a success");
        require(!tokens.isExpired(Examples.NOW.minusSeconds(1)), "a token ends after it came");
        require(tokens.expiresAt() == null
            || !tokens.expiresAt().isAfter(Examples.NOW.plus(Duration.ofDays(366))), "a token ends within a year");
        Audience.fits(tokens.accessToken(), Examples.TARGET);
        RefreshTiming.isFresh(tokens, Examples.NOW);
        RefreshTiming.standard().dueMinute(tokens, Examples.NOW, Examples.NOW);
      }
      case TokenResponse.TryAgain(var after, _) ->
        require(!after.isNegative() && after.compareTo(Duration.ofHours(1)) <= 0,
            "a wait is an hour at most");
      case TokenResponse.Refused refused -> require(status < 500 || refused.isDeadGrant(), "a 5xx refuses nothing");
      case TokenResponse.Unknown _,TokenResponse.Misdirected _ -> {
      }
    }
  }

  private static void require(boolean holds, String claim) {
    if (!holds) throw new AssertionError("broken: " + claim);
  }
}
