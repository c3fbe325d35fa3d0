package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.token.Tokens;

/**
 * The live tokens of a server record ({@code authorization.credentials}): tokens that another deployment, or another
 * app, has got for the user.
 *
 * @param accessToken {@code access_token}, required
 * @param refreshToken {@code refresh_token}; null if there is none
 * @param scope {@code scope}; none if the record does not say
 * @param obtainedAt when the tokens were obtained: {@code expires_in} before their stated end; null if the record does
 *        not say. It may be wrong, and even after now
 * @param expiresAt when the access token expires: {@code expires_at}, else {@code authorization.expireAt}, else
 *        {@code expires_in} after {@code updatedAt}; null if the record does not say
 */
public record LiveCredentials(AccessToken accessToken, @Nullable RefreshToken refreshToken, Scopes scope,
    @Nullable Instant obtainedAt, @Nullable Instant expiresAt) {
  /** In characters. Tokens of real issuers have some thousands at most. */
  static final int MAX_TOKEN_LENGTH = 16 * 1024;

  /** In characters. */
  private static final int MAX_NUMBER_LENGTH = 40;

  /** A time after this is a mistake, such as milliseconds in place of seconds. */
  private static final Instant MAX_TIME = Instant.parse("9999-12-31T23:59:59Z");
  private static final Duration MAX_LIFE = Duration.ofDays(366);
  /** How long a token had lived at its end, if the record says only when it ends. */
  private static final Duration USUAL_LIFE = Duration.ofHours(1);
  private static final String MEMBER = "authorization.credentials";

  /** Stores keep whole milliseconds. */
  public LiveCredentials {
    obtainedAt = obtainedAt == null ? null : obtainedAt.truncatedTo(ChronoUnit.MILLIS);
    expiresAt = expiresAt == null ? null : expiresAt.truncatedTo(ChronoUnit.MILLIS);
  }

  /**
   * Reads the tokens of a record; empty if it has none.
   *
   * <p>The user's documents contain zero values: a time at or before 1970, {@code 0} and {@code ""} say nothing.
   *
   * @param separator what separates scopes in the responses of the issuer
   */
  static Optional<LiveCredentials> read(RecordFields record, String separator) {
    var authorization = record.object("authorization");
    var credentials = authorization.object("credentials");
    var accessToken = token(credentials, "access_token");
    var refreshToken = token(credentials, "refresh_token");
    // Read in any case: a member of the wrong type is an error even without a token.
    var expiresAt = moment(credentials.object().path("expires_at"), MEMBER + ".expires_at")
        .or(() -> moment(authorization.object().path("expireAt"), "authorization.expireAt"));
    var life = life(credentials.object().path("expires_in"));
    var updatedAt = moment(record.object().path("updatedAt"), "updatedAt");
    requireBearer(credentials);
    var scope = scope(credentials, separator);
    if (accessToken.isEmpty() && refreshToken.isEmpty()) return Optional.empty();
    if (accessToken.isEmpty())
      throw RecordFields.bad("The record's " + MEMBER + " has a refresh_token without an "
          + "access_token.");
    var obtainedAt = expiresAt.flatMap(end -> life.map(end::minus));
    // Every change of the record moves updatedAt, so it does not say when the tokens were obtained.
    var end = expiresAt.or(() -> updatedAt.flatMap(from -> life.map(from::plus)));
    return Optional.of(new LiveCredentials(new AccessToken(accessToken.get()),
        refreshToken.map(RefreshToken::new).orElse(null), scope, obtainedAt.orElse(null), end.orElse(null)));
  }

  /**
   * Whether these tokens take the place of tokens that the connection has already. They do if they are known to be
   * newer. Otherwise the held ones stay: they may have been renewed since these were written down, and then the refresh
   * token in the record is used up. Held tokens that work or can be renewed also stay where these have ended or would
   * end the renewal.
   *
   * <p>The end of a token does not say which one is newer: the record may state an end that is wrong, and would then win
   * each time.
   *
   * @param usable whether the held tokens still work or can be renewed
   * @param brought whether the record brings these tokens now; otherwise they have waited, and a consent may have come
   *        since
   */
  public boolean replace(Tokens held, boolean usable, boolean brought, Instant now) {
    boolean sameRefreshToken = held.refreshToken() != null && held.refreshToken().equals(refreshToken);
    if (sameRefreshToken || held.accessToken().equals(accessToken)) return false;
    if (!usable) return true;
    boolean ended = expiresAt != null && !now.isBefore(expiresAt);
    if (refreshToken == null && (ended || held.refreshToken() != null)) return false;
    if (obtainedAt != null && !obtainedAt.isAfter(now)) return obtainedAt.isAfter(held.obtainedAt());
    // Nothing that can be renewed is lost: the replaced token is kept.
    return brought && held.refreshToken() == null && !ended;
  }

  /**
   * The tokens as a grant keeps them.
   *
   * @param withRefreshToken whether the refresh token can be used, which needs a client
   * @param otherwise the scopes if the credentials name none
   */
  public Tokens tokens(Instant now, boolean withRefreshToken, Scopes otherwise) {
    return new Tokens(accessToken, withRefreshToken ? refreshToken : null, scope.isEmpty() ? otherwise : scope,
        obtained(now), expiresAt);
  }

  /** The schedule and the use of a token go by its life, so a token that ends soon must not look short-lived. */
  private Instant obtained(Instant now) {
    var known = obtainedAt != null ? obtainedAt : expiresAt == null ? now : expiresAt.minus(USUAL_LIFE);
    return known.isAfter(now) ? now : known;
  }

  private static Optional<String> token(RecordFields credentials, String member) {
    var token = credentials.text(member);
    token.ifPresent(text -> requireToken(text, MEMBER + "." + member));
    return token;
  }

  /** Refuses a secret that no issuer gives and no request can carry. The message does not repeat the text. */
  private static void requireToken(String text, String member) {
    if (text.length() > MAX_TOKEN_LENGTH)
      throw RecordFields.bad("The record's " + member + " is longer than " + MAX_TOKEN_LENGTH + " characters.");
    // RFC 6749 Appendix A: VSCHAR, without the blank.
    if (text.chars().allMatch(c -> c > 0x20 && c < 0x7f)) return;
    throw RecordFields.bad("The record's " + member + " has characters that no token has.");
  }

  private static void requireBearer(RecordFields credentials) {
    if (credentials.text("token_type").filter(type -> !type.equalsIgnoreCase("Bearer")).isEmpty()) return;
    throw RecordFields.bad("The record's " + MEMBER + ".token_type is not Bearer, and no other type is spoken here.");
  }

  private static Scopes scope(RecordFields credentials, String separator) {
    var text = credentials.text("scope").orElse("");
    return Scopes.lenient(Arrays.asList(text.strip().split(separator.equals(",") ? "[, ]+" : " +")));
  }

  /** Seconds since 1970, or a time as RFC 3339 writes it, with any offset and any fraction. */
  private static Optional<Instant> moment(JsonNode value, String member) {
    if (value.isMissingNode() || value.isNull() || "".equals(value.textValue())) return Optional.empty();
    try {
      var moment = value.isTextual()
          ? OffsetDateTime.parse(value.textValue()).toInstant()
          : Instant.ofEpochSecond(number(value, member).longValue());
      if (moment.isAfter(MAX_TIME)) throw wrongTime(member);
      return Optional.of(moment).filter(Instant.EPOCH::isBefore);
    } catch (DateTimeException e) {
      throw wrongTime(member);
    }
  }

  private static RuntimeException wrongTime(String member) {
    return RecordFields.bad("The record's " + member
        + " must be a time: as 2026-01-31T12:00:00Z, or in seconds since 1970.");
  }

  /** Seconds, as a number or a decimal string. */
  private static Optional<Duration> life(JsonNode value) {
    String member = MEMBER + ".expires_in";
    if (value.isMissingNode() || value.isNull() || "".equals(value.textValue())) return Optional.empty();
    var seconds = number(value, member);
    if (seconds.signum() <= 0) return Optional.empty();
    boolean tooLong = seconds.compareTo(BigDecimal.valueOf(MAX_LIFE.toSeconds())) > 0;
    return Optional.of(tooLong ? MAX_LIFE : Duration.ofSeconds(seconds.longValue()));
  }

  private static BigDecimal number(JsonNode value, String member) {
    try {
      // A number of a million digits would cost time.
      if ((value.isNumber() || value.isTextual()) && value.asText().length() <= MAX_NUMBER_LENGTH) {
        var number = new BigDecimal(value.asText().strip());
        if (Math.abs((long) number.precision() - number.scale()) <= 18) return number;
      }
    } catch (NumberFormatException e) {
      // Refused below.
    }
    throw RecordFields.bad("The record's " + member + " must be a number of seconds.");
  }
}
