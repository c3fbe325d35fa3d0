package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.http.Json;

/**
 * A request as it came, nothing left out.
 *
 * @param path the path as written, never decoded
 * @param rawQuery what stood behind the question mark; "" when nothing did
 * @param headers names in lower case, values in the order they came
 * @param body the body as UTF-8
 */
public record Received(String method, String path, String rawQuery, Map<String, List<String>> headers, String body) {

  public Optional<String> header(String name) {
    return headers(name).stream().findFirst();
  }

  public List<String> headers(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }

  /** The parameters in the order they came: of the form, when the body is one, otherwise of the query. */
  public Map<String, String> parameters() {
    var first = new LinkedHashMap<String, String>();
    pairs().forEach(pair -> first.putIfAbsent(pair.getKey(), pair.getValue()));
    return first;
  }

  /** The names that came more than once, which RFC 6749 §3.1 and §3.2 forbid. */
  public Set<String> repeatedParameters() {
    var seen = new LinkedHashSet<String>();
    var repeated = new LinkedHashSet<String>();
    pairs().stream().map(Map.Entry::getKey).filter(name -> !seen.add(name)).forEach(repeated::add);
    return repeated;
  }

  /** The body as a JSON object; an empty one when it is none. */
  public ObjectNode json() {
    return Json.object(body.getBytes(UTF_8)).orElseGet(Json::newObject);
  }

  boolean isForm() { return hasContentType("application/x-www-form-urlencoded"); }

  boolean isJson() { return hasContentType("application/json"); }

  /** Whether one of the media types that are accepted is this one, named in full. */
  boolean accepts(String mediaType) {
    return headers("accept").stream().anyMatch(value -> value.contains(mediaType));
  }

  private boolean hasContentType(String mediaType) {
    return header("content-type").orElse("").toLowerCase(Locale.ROOT).startsWith(mediaType);
  }

  private List<Map.Entry<String, String>> pairs() {
    var pairs = new ArrayList<Map.Entry<String, String>>();
    for (String pair : (isForm() ? body : rawQuery).split("&", -1)) {
      if (pair.isEmpty()) continue;
      int equals = pair.indexOf('=');
      pairs.add(equals < 0
          ? Map.entry(decode(pair), "")
          : Map.entry(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1))));
    }
    return pairs;
  }

  /** Decoded, or as it is where it is not encoded as it should be: a record must not fail. */
  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
