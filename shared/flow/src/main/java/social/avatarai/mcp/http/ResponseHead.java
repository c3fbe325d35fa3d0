package social.avatarai.mcp.http;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Status and headers of an answer.
 *
 * @param status the HTTP status
 * @param headers names in lower case, values in the order they came
 */
public record ResponseHead(int status, Map<String, List<String>> headers) {

  public boolean isSuccess() { return status >= 200 && status < 300; }

  /** Whether the server cannot answer now: it fails, is overloaded, or wants to be asked later (RFC 9110 §15). */
  public boolean isUnavailable() {
    return status >= 500 || status == 408 || status == 425 || status == 429;
  }

  /** When the server wants to be asked again ({@code Retry-After}); empty when it does not say. */
  public Optional<Instant> retryAt(Instant now) {
    return RetryAfter.delay(this, now).map(now::plus);
  }

  public List<String> headers(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }

  public Optional<String> header(String name) {
    return headers(name).stream().findFirst();
  }

  /** The media type without its parameters, lower case; "" when there is none. */
  public String mediaType() {
    String type = header("content-type").orElse("");
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return "AnswerHead[" + status + "]";
  }
}
