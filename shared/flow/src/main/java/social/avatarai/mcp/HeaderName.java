package social.avatarai.mcp;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The name of a request header that a user may set. Headers of the connection, of the framing and of the MCP transport
 * are refused, because this service sets them itself.
 *
 * @param value the name as it was written; its case does not count
 */
public record HeaderName(String value) {
  private static final int MAX_LENGTH = 128;
  // RFC 9110 §5.1 and §5.6.2: a name is a token.
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
  /** The headers of a connection (RFC 9110 §7.6.1), and others that this service sets or does not use. */
  private static final Set<String> REFUSED = Set.of("connection", "keep-alive", "te", "trailer", "transfer-encoding",
      "upgrade", "http2-settings", "expect", "host", "user-agent", "cookie2", "origin", "last-event-id");
  private static final List<String> REFUSED_BEGINNINGS = List.of("accept", "content-", "mcp-", "proxy-");

  public HeaderName {
    if (value.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("names a header of more than " + MAX_LENGTH + " characters");
    }
    if (!TOKEN.matcher(value).matches()) {
      throw new IllegalArgumentException("names a header with a character that no header name may have");
    }
    if (isRefused(value.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException("names " + value + ", which this service sets itself or does not send");
    }
  }

  private static boolean isRefused(String name) {
    return REFUSED.contains(name) || REFUSED_BEGINNINGS.stream().anyMatch(name::startsWith);
  }

  /** Whether both are names of one header: the case does not count (RFC 9110 §5.1). */
  public boolean isSame(HeaderName other) {
    return value.equalsIgnoreCase(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
