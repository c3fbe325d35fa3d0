package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.http.OutboundRequest;

/**
 * Hides the query of the server's URL in a record's document. The query may hold a key, so it is stored apart from the
 * document, and sealed. Users also repeat the URL in members of their own.
 *
 * <p>The URL is hidden in texts and in member names. A query of at least {@value #MIN_LENGTH} characters is hidden
 * wherever it stands, also behind another spelling of the URL and as a form encodes it. Other forms are not found, such
 * as the key alone.
 */
public final class HiddenQuery {
  /** A shorter query is found with its URL only, because words would be hidden with it. */
  private static final int MIN_LENGTH = 8;
  private static final String HIDDEN = EndpointUrl.HIDDEN_QUERY.substring(1);

  private static final Pattern HEX = Pattern.compile("%[0-9A-F]{2}");

  private HiddenQuery() {}

  /** Hides the query of the record's own URL. Changes the document, and returns it. */
  public static ObjectNode in(ObjectNode document, EndpointUrl url) {
    if (url.queryPart().isEmpty()) return document;
    if (document.get("endpoint") instanceof ObjectNode endpoint) endpoint.put("url", url.redacted());
    return ofOther(document, url);
  }

  /**
   * Hides the query of a URL that the record had before, or has where the document shows it hidden. Changes the
   * document, and returns it.
   */
  public static ObjectNode ofOther(ObjectNode document, EndpointUrl url) {
    if (!url.queryPart().isEmpty() && !url.isRedacted()) hide(document, texts(url));
    return document;
  }

  /** What is hidden, and what stands in its place. */
  private static Map<String, String> texts(EndpointUrl url) {
    var texts = new LinkedHashMap<String, String>();
    texts.put(url.value(), url.redacted());
    String query = url.queryPart().substring(1);
    if (query.length() < MIN_LENGTH) return texts;
    texts.put(query, HIDDEN);
    String encoded = OutboundRequest.formEncode(query);
    texts.put(encoded, HIDDEN);
    texts.put(HEX.matcher(encoded).replaceAll(hex -> hex.group().toLowerCase(Locale.ROOT)), HIDDEN);
    return texts;
  }

  private static void hide(JsonNode node, Map<String, String> texts) {
    if (node instanceof ObjectNode object) {
      var members = new LinkedHashMap<String, JsonNode>();
      object.properties().forEach(member -> members.put(hidden(member.getKey(), texts),
          hidden(member.getValue(), texts)));
      object.removeAll().setAll(members);
    }
    if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++)
        array.set(i, hidden(array.get(i), texts));
    }
  }

  private static JsonNode hidden(JsonNode value, Map<String, String> texts) {
    if (value.isTextual()) return new TextNode(hidden(value.textValue(), texts));
    hide(value, texts);
    return value;
  }

  private static String hidden(String text, Map<String, String> texts) {
    String clean = text;
    for (var one : texts.entrySet())
      clean = clean.replace(one.getKey(), one.getValue());
    return clean;
  }
}
