package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import social.avatarai.mcp.EndpointUrl;

/**
 * Hides the query of the server's URL in a record's document. The query may hold a key, so it is stored apart from the
 * document, and sealed. Users also repeat the URL in members of their own.
 */
public final class HiddenQuery {
  private HiddenQuery() {}

  /** Changes the document, and returns it. */
  public static ObjectNode in(ObjectNode document, EndpointUrl url) {
    if (url.queryPart().isEmpty()) return document;
    if (document.get("endpoint") instanceof ObjectNode endpoint) endpoint.put("url", url.redacted());
    hide(document, url);
    return document;
  }

  private static void hide(JsonNode node, EndpointUrl url) {
    if (node instanceof ObjectNode object)
      object.properties().forEach(member -> member.setValue(hidden(member.getValue(), url)));
    if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++)
        array.set(i, hidden(array.get(i), url));
    }
  }

  private static JsonNode hidden(JsonNode value, EndpointUrl url) {
    if (value.isTextual()) return new TextNode(value.textValue().replace(url.value(), url.redacted()));
    hide(value, url);
    return value;
  }
}
