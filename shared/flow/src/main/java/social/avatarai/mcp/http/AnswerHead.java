package social.avatarai.mcp.http;

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
public record AnswerHead(int status, Map<String, List<String>> headers) {

  public boolean isSuccess() { return status >= 200 && status < 300; }

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
