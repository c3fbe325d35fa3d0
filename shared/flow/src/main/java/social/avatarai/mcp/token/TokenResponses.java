package social.avatarai.mcp.token;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.DeadTokenError;
import social.avatarai.mcp.discovery.ProviderResponses;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.ResponseHead;
import social.avatarai.mcp.http.RetryAfter;

/**
 * Judges the responses of token endpoints (RFC 6749 §5). Pure.
 *
 * <p>The {@code error} word comes first, the status second: {@code invalid_grant} comes with 400, 401 and 200.
 */
final class TokenResponses {
  private static final Set<Integer> NOT_NOW = Set.of(408, 425, 429, 503);
  private static final Set<String> NOT_NOW_WORDS = Set.of("temporarily_unavailable", "slow_down");
  private static final Duration MAX_LIFE = Duration.ofDays(366);
  /** In characters. A longer number has no meaning and costs time to parse. */
  private static final int MAX_NUMBER_LENGTH = 40;

  private TokenResponses() {}

  /**
   * What was requested, and when the response came.
   *
   * @param requested the requested scopes; they count as granted if the response names none (RFC 6749 §5.1)
   * @param scopeSeparator what separates scopes in this issuer's responses
   * @param now when the response came
   * @param deadTokenErrors the errors that say here that the refresh token is dead, beside those that say it everywhere
   * @param assumesLife whether an access token that can be refreshed is taken to live an hour if its life is unknown
   * @param provider how responses of this issuer differ
   */
  record Requested(Scopes requested, String scopeSeparator, Instant now, List<DeadTokenError> deadTokenErrors,
      boolean assumesLife, ProviderResponses provider) {
    /** At an issuer without a profile. */
    Requested(Scopes requested, String scopeSeparator, Instant now) {
      this(requested, scopeSeparator, now, List.of(), true, ProviderResponses.STANDARD);
    }
  }

  static TokenResponse judge(HttpResponse response, Requested requested) {
    return judge(response.head(), TokenBody.of(response), requested);
  }

  static TokenResponse judge(ResponseHead head, TokenBody body, Requested requested) {
    String error = error(body.members());
    int status = head.status();
    if (TokenResponse.Refused.isDeadGrant(error)) return new TokenResponse.Refused(error, status);
    if (NOT_NOW.contains(status) || NOT_NOW_WORDS.contains(error)) {
      return new TokenResponse.TryAgain(RetryAfter.delay(head, requested.now()).orElse(Duration.ZERO), status);
    }
    if (status >= 500) return new TokenResponse.Unknown("status " + status, status);
    if (!body.unreadable().isEmpty()) {
      return new TokenResponse.Unknown(body.unreadable(), status, "The response has " + body.unreadable() + ".");
    }
    if (!error.isEmpty() || !head.isSuccess()) {
      String description = Json.text(body.members(), "error_description").orElse("");
      boolean dead = requested.deadTokenErrors().stream().anyMatch(known -> known.fits(error, description));
      return new TokenResponse.Refused(error, status, dead);
    }
    return granted(body.members(), status, requested);
  }

  private static TokenResponse granted(ObjectNode response, int status, Requested requested) {
    var body = tokens(response, requested.provider());
    var accessToken = Json.text(body, "access_token");
    // A success without a token may have used up the code or the refresh token: its outcome is unknown.
    if (accessToken.isEmpty()) return new TokenResponse.Unknown("a success without an access token", status);
    if (!isBearer(body, requested.provider())) return new TokenResponse.Refused("unsupported_token_type", status);
    var refreshToken = Json.text(body, "refresh_token").map(RefreshToken::new).orElse(null);
    var life = life(body.path("expires_in")).or(() -> Optional.ofNullable(requested.provider().accessTokenLife()))
        .or(() -> Optional.ofNullable(refreshToken).filter(_ -> requested.assumesLife())
            .map(_ -> Duration.ofHours(1)));
    return new TokenResponse.Granted(
        new Tokens(new AccessToken(accessToken.get()), refreshToken, scope(body, requested),
            requested.now(), life.map(requested.now()::plus).orElse(null)));
  }

  /*
   * Rule: the tokens are members of the response (RFC 6749 §5.1).
   * Deviation: a profile may name one member of the response which is an object with the tokens.
   * Forced by: Slack, whose tokens of users are in authed_user beside a token of the app.
   * Still strict: the one member, at the issuer of the profile; tokens are searched for nowhere else.
   */
  private static ObjectNode tokens(ObjectNode response, ProviderResponses provider) {
    return Optional.ofNullable(provider.tokensIn()).map(response::get).filter(ObjectNode.class::isInstance)
        .map(ObjectNode.class::cast).filter(object -> Json.text(object, "access_token").isPresent()).orElse(response);
  }

  /*
   * Rule: a token response has a token_type (RFC 6749 §5.1).
   * Deviation: if the token_type is missing, we assume Bearer.
   * Forced by: several MCP authorization servers, which leave the token_type out.
   * Still strict: a token_type that is present and is not Bearer is refused, unless a profile has it as a word of its
   * provider for Bearer (Slack: user).
   */
  private static boolean isBearer(ObjectNode body, ProviderResponses provider) {
    JsonNode type = body.path("token_type");
    boolean missing = type.isMissingNode() || type.isNull() || "".equals(type.textValue());
    return missing || "Bearer".equalsIgnoreCase(type.textValue())
        || (type.isTextual() && provider.tokenTypes().contains(type.textValue().toLowerCase(Locale.ROOT)));
  }

  /** Seconds as a number or a decimal string, rounded down, never below zero. Any other value counts as unknown. */
  private static Optional<Duration> life(JsonNode expiresIn) {
    if (!expiresIn.isNumber() && !expiresIn.isTextual()) return Optional.empty();
    String text = expiresIn.asText().strip();
    if (text.length() > MAX_NUMBER_LENGTH) return Optional.empty();
    try {
      var seconds = new BigDecimal(text);
      if (seconds.signum() <= 0) return Optional.of(Duration.ZERO);
      boolean tooLong = seconds.compareTo(BigDecimal.valueOf(MAX_LIFE.toSeconds())) > 0;
      return Optional.of(tooLong ? MAX_LIFE : Duration.ofSeconds(seconds.longValue()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Scopes scope(ObjectNode body, Requested requested) {
    JsonNode scope = body.path("scope");
    var texts = scope.isArray() ? scope.valueStream() : Stream.of(scope);
    var granted = Scopes.lenient(texts.filter(JsonNode::isTextual)
        .flatMap(text -> split(text.textValue(), requested.scopeSeparator()).stream()).toList());
    return granted.isEmpty() ? requested.requested() : granted;
  }

  private static List<String> split(String scope, String separator) {
    return List.of(scope.strip().split(separator.equals(",") ? "[, ]+" : " +"));
  }

  private static String error(ObjectNode body) {
    return Json.text(body, "error").or(() -> Json.text(body, "error_code"))
        .orElse(body.path("ok").isBoolean() && !body.path("ok").booleanValue() ? "not_ok" : "");
  }
}
