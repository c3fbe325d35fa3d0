package social.avatarai.mcp.http;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * The wait before a retry that a server asks for: {@code Retry-After} in seconds or as a date (RFC 9110 §10.2.3). A
 * pure function.
 */
public final class RetryAfter {
  /** The maximum wait. A server must not stop the refresh of a grant for a year. */
  private static final Duration MAX_WAIT = Duration.ofHours(1);

  private RetryAfter() {}

  /** The wait, from zero to an hour; empty if the header is absent or unreadable. */
  public static Optional<Duration> delay(ResponseHead head, Instant now) {
    return head.header("retry-after").map(String::strip).flatMap(text -> parse(text, now)).map(RetryAfter::bounded);
  }

  private static Optional<Duration> parse(String text, Instant now) {
    if (text.matches("\\d{1,9}")) return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
    try {
      var date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Optional.of(Duration.between(now, date));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static Duration bounded(Duration wait) {
    if (wait.isNegative()) return Duration.ZERO;
    return wait.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : wait;
  }
}
