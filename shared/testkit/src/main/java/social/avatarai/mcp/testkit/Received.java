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
import java.util.TreeMap;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundRequest;

/**
 * A complete request, as received.
 *
 * @param path the path as written, never decoded
 * @param rawQuery the text after the question mark; "" if there is none
 * @param headers names in lower case, values in the order of arrival
 * @param body the body as UTF-8
 */
public record Received(String method, String path, String rawQuery, Map<String, List<String>> headers, String body) {

  public Optional<String> header(String name) {
    return headers(name).stream().findFirst();
  }

  public List<String> headers(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }

  /** The parameters in the order of arrival: from the body if it is a form, otherwise from the query. */
  public Map<String, String> parameters() {
    var first = new LinkedHashMap<String, String>();
    pairs().forEach(pair -> first.putIfAbsent(pair.getKey(), pair.getValue()));
    return first;
  }

  /** The parameters of the query, whatever the body is. */
  Map<String, String> parametersOfQuery() {
    return new Received(method, path, rawQuery, Map.of(), "").parameters();
  }

  /** The names of repeated parameters, which RFC 6749 §3.1 and §3.2 forbid. */
  public Set<String> repeatedParameters() {
    var seen = new LinkedHashSet<String>();
    var repeated = new LinkedHashSet<String>();
    pairs().stream().map(Map.Entry::getKey).filter(name -> !seen.add(name)).forEach(repeated::add);
    return repeated;
  }

  /** The body as a JSON object; an empty object if the body is not a JSON object. */
  public ObjectNode json() {
    return Json.object(body.getBytes(UTF_8)).orElseGet(Json::newObject);
  }

  /** This request with the texts of its JSON body as a form. */
  Received jsonAsForm() {
    var parameters = new LinkedHashMap<String, String>();
    json().properties().forEach(member -> parameters.put(member.getKey(), member.getValue().asText()));
    var changed = new TreeMap<>(headers);
    changed.put("content-type", List.of("application/x-www-form-urlencoded"));
    return new Received(method, path, rawQuery, changed, OutboundRequest.formBody(parameters));
  }

  boolean isForm() { return hasContentType("application/x-www-form-urlencoded"); }

  boolean isJson() { return hasContentType("application/json"); }

  /** Whether the accepted media types contain exactly this media type. */
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

  /** The decoded text, or the text itself if its encoding is invalid, because recording a request must not fail. */
  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
