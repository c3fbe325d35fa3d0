package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Status and headers of an HTTP response.
 *
 * @param status the HTTP status
 * @param headers names in lower case, values in the order they came
 */
public record ResponseHead(int status, Map<String, List<String>> headers) {
  private static final Pattern CHARSET = Pattern.compile("(?i);\\s*charset\\s*=\\s*\"?([a-z0-9._:+-]{1,40})");

  public boolean isSuccess() { return status >= 200 && status < 300; }

  /** Whether the server is unavailable now: it fails, is overloaded, or asks for a later retry (RFC 9110 §15). */
  public boolean isUnavailable() {
    return isUnavailable(status);
  }

  /** The same for a status alone. */
  public static boolean isUnavailable(int status) {
    return status >= 500 || status == 408 || status == 425 || status == 429;
  }

  /**
   * The time after which the server asks for a retry ({@code Retry-After}); empty if the header is absent or
   * unreadable.
   */
  public Optional<Instant> retryAt(Instant now) {
    return RetryAfter.delay(this, now).map(now::plus);
  }

  public List<String> headers(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }

  public Optional<String> header(String name) {
    return headers(name).stream().findFirst();
  }

  /** The media type without its parameters, in lower case; "" if there is none. */
  public String mediaType() {
    String type = header("content-type").orElse("");
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  /** The character set that the content type names; UTF-8 if there is none that is known here. */
  Charset charset() {
    var named = CHARSET.matcher(header("content-type").orElse(""));
    try {
      return named.find() ? Charset.forName(named.group(1)) : UTF_8;
    } catch (IllegalArgumentException e) {
      return UTF_8;
    }
  }

  @Override
  public String toString() {
    return "ResponseHead[" + status + "]";
  }
}
