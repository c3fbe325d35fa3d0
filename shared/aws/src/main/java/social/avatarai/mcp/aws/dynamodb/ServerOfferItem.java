package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static social.avatarai.mcp.aws.dynamodb.Values.flag;
import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.seconds;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.ServerOffer;
import social.avatarai.mcp.record.ToolChange;
import social.avatarai.mcp.record.ToolDigests;
import social.avatarai.mcp.token.GrantId;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * What a server offers, as an item of the servers table. The items of a user are in a partition of their own, so that
 * reading the user's records does not read them. Nothing in an item is a secret, and nothing decides where one goes.
 */
final class ServerOfferItem {
  private static final String SORT = "offer#";
  /** An offer that was not listed again for so long may be cleaned up. */
  private static final Duration OFFER_LIFE = Duration.ofDays(400);
  /** All attributes without the lists and the digests. */
  static final List<String> WITHOUT_LISTS = List.of(Tables.PARTITION, Tables.SORT, "url", "grantId", "listedAtMillis",
      "about", "changes", "changed");

  private ServerOfferItem() {}

  static String partition(UserId user) {
    return "o#" + user.value();
  }

  static Map<String, AttributeValue> key(ConnectionKey key) {
    return Values.key(partition(key.user()), SORT + key.connection().value());
  }

  static ConnectionId connection(Map<String, AttributeValue> item) {
    return new ConnectionId(Listing.sort(item).substring(SORT.length()));
  }

  /** An offer of a list, whether it is readable or not. */
  static Listed<ServerOffer> listed(Map<String, AttributeValue> item) {
    return Listing.of(connection(item), () -> offer(item));
  }

  /** The attributes without the key; null stands for an attribute that the item does not have. */
  static Map<String, @Nullable AttributeValue> of(ServerOffer offer) {
    var attributes = new HashMap<String, @Nullable AttributeValue>();
    attributes.put("url", text(offer.url().value()));
    attributes.put("grantId", offer.grant() == null ? null : text(offer.grant().value()));
    attributes.put("listedAtMillis", millis(offer.listedAt()));
    attributes.put("about", text(JsonText.of(offer.about())));
    attributes.put("lists", text(JsonText.of(offer.lists())));
    attributes.put("tools", text(JsonText.of(json(offer.tools()))));
    attributes.put("changes", text(JsonText.of(json(offer.changes()))));
    attributes.put("changed", flag(offer.isChanged()));
    attributes.put(Tables.TTL, seconds(offer.listedAt().plus(OFFER_LIFE)));
    return attributes;
  }

  /** Holds if the item has this offer; where the offer is null, if there is no item. */
  static Condition has(@Nullable ServerOffer offer) {
    return offer == null ? Condition.absent() : Condition.is("listedAtMillis", millis(offer.listedAt()));
  }

  static boolean isListedAt(Instant time, Map<String, AttributeValue> item) {
    return millis(time).equals(item.get("listedAtMillis"));
  }

  static ServerOffer offer(Map<String, AttributeValue> item) {
    return ItemReader.map(ServerItem.TABLE, item, row -> {
      String grant = row.textOrNull("grantId");
      return new ServerOffer(new EndpointUrl(row.text("url")), grant == null ? null : new GrantId(grant),
          row.instant("listedAtMillis"), object(row, "about"), object(row, "lists"), tools(object(row, "tools")),
          changes(object(row, "changes")), row.flag("changed"));
    });
  }

  /** An attribute that was not read counts as empty. */
  private static ObjectNode object(ItemReader row, String attribute) {
    String json = row.textOrNull(attribute);
    return json == null
        ? Json.newObject()
        : Json.object(json.getBytes(UTF_8))
            .orElseThrow(() -> new IllegalArgumentException("attribute " + attribute + " is no JSON object"));
  }

  private static ObjectNode json(ToolDigests tools) {
    var json = Json.newObject().put("partial", tools.partial());
    var digests = json.putObject("digests");
    tools.byName().forEach(digests::put);
    return json;
  }

  private static ToolDigests tools(ObjectNode json) {
    var digests = new HashMap<String, String>();
    json.path("digests").properties().forEach(tool -> digests.put(tool.getKey(), tool.getValue().asText()));
    return new ToolDigests(digests, json.path("partial").asBoolean());
  }

  private static ObjectNode json(List<ToolChange> changes) {
    var json = Json.newObject();
    var list = json.putArray("changes");
    changes.forEach(change -> list.addObject().put("at", change.at().toEpochMilli()).put("kind", change.kind().name())
        .put("name", change.name()));
    return json;
  }

  private static List<ToolChange> changes(ObjectNode json) {
    return json.path("changes").valueStream().map(ServerOfferItem::change).toList();
  }

  private static ToolChange change(JsonNode json) {
    var kind = Stream.of(ToolChange.Kind.values()).filter(known -> known.name().equals(json.path("kind").asText()))
        .findFirst().orElseThrow(() -> new IllegalArgumentException("attribute changes names no kind"));
    return new ToolChange(Instant.ofEpochMilli(json.path("at").asLong()), kind, json.path("name").asText());
  }
}
