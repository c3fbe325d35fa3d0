package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.http.Json;

/**
 * What a server says of itself and of the things that it offers, in the form in which it is stored: without a secret of
 * this invocation, without the query of the server's URL, and cut to a size.
 *
 * @param about {@code capabilities} as declared, {@code instructions} and {@code protocolVersion}
 * @param lists the lists, by {@link OfferKind#member}
 * @param tools a digest of each tool, also of tools that do not fit into the lists
 */
public record OfferedWords(ObjectNode about, ObjectNode lists, ToolDigests tools) {
  /** In bytes of JSON: all lists of a server. */
  private static final int MAX_BYTES = 128 * 1024;
  /** In characters. */
  private static final int MAX_INSTRUCTIONS = 8 * 1024;
  /** In bytes of JSON: the capabilities as declared, without lists. */
  private static final int MAX_DECLARED_BYTES = 8 * 1024;
  private static final int MAX_VERSION = 64;

  /**
   * The words of a server.
   *
   * @param description the server's description of itself, as a caller gets it
   * @param listed the lists of the kinds that the server declares
   */
  public static OfferedWords of(EndpointUrl server, JsonNode description, Map<OfferKind, ListedItems> listed) {
    var all = Json.newObject();
    all.set("about", about(description));
    var items = all.putObject("items");
    listed.forEach((kind, list) -> items.putArray(kind.member()).addAll(list.items()));
    var clean = InvocationSecrets.scrubForStore(HiddenQuery.ofOther(all.deepCopy(), server));
    return of((ObjectNode) clean, listed);
  }

  private static OfferedWords of(ObjectNode clean, Map<OfferKind, ListedItems> listed) {
    var lists = Json.newObject();
    int left = MAX_BYTES;
    var tools = ListedItems.NONE;
    for (var kind : OfferKind.values()) {
      var list = listed.get(kind);
      if (list == null) continue;
      var items = new ListedItems(items(clean, kind), list.truncated());
      if (kind == OfferKind.TOOLS) tools = items;
      left -= cut(items, left, lists.putObject(kind.member()));
    }
    return new OfferedWords((ObjectNode) clean.path("about"), lists, ToolDigests.of(tools));
  }

  private static List<JsonNode> items(ObjectNode clean, OfferKind kind) {
    return clean.path("items").path(kind.member()).valueStream().filter(JsonNode::isObject).toList();
  }

  /** Writes the items that fit into so many bytes, and returns how many bytes they take. */
  private static int cut(ListedItems items, int left, ObjectNode list) {
    int taken = 0;
    var fitting = new ArrayList<JsonNode>();
    for (JsonNode item : items.items()) {
      int bytes = bytes(item) + 1;
      if (taken + bytes > left) break;
      taken += bytes;
      fitting.add(item);
    }
    ServerOffer.items(list).addAll(fitting);
    if (items.truncated() || fitting.size() < items.items().size()) list.put(ServerOffer.TRUNCATED, true);
    return taken;
  }

  private static ObjectNode about(JsonNode description) {
    var about = Json.newObject().put("protocolVersion", cut(description.path("version").asText(), MAX_VERSION));
    about.set("capabilities", declared(description.path("capabilities")));
    Json.text(description, "instructions").ifPresent(text -> about.put("instructions", cut(text, MAX_INSTRUCTIONS)));
    return about;
  }

  /** The capabilities as declared. Of a declaration that no record could have, only the kinds of things stay. */
  private static ObjectNode declared(JsonNode capabilities) {
    var declared = capabilities instanceof ObjectNode object ? object.deepCopy() : Json.newObject();
    ServerOffer.removeLists(declared);
    declared.removeIf(JsonNode::isNull);
    for (var kind : OfferKind.values())
      if (declared.has(kind.capability()) && !declared.path(kind.capability()).isObject()) {
        declared.putObject(kind.capability());
      }
    // A record with such a member would be refused when its user sends it back.
    boolean unusual = PlainSecrets.firstIn(Json.newObject().set("capabilities", declared)).isPresent();
    if (!unusual && bytes(declared) <= MAX_DECLARED_BYTES) return declared;
    var kinds = Json.newObject();
    for (var kind : OfferKind.values())
      if (declared.has(kind.capability())) kinds.putObject(kind.capability());
    return kinds;
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length) + "…";
  }

  private static int bytes(JsonNode value) {
    return JsonText.bytes(value).length;
  }
}
