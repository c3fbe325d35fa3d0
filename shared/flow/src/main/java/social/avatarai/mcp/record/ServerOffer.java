package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.token.GrantId;

/**
 * What a server offers to a user: its tools, resources and prompts, and what it says of itself, as it was listed last.
 *
 * <p>All of it is the server's own words, attacker-controlled. It is stored and shown as data, and nothing follows from
 * it. See {@link OfferedWords} for what is left out.
 *
 * @param url the URL without its query at which it was listed; it says nothing about a server at another URL
 * @param grant the consent under which it was listed; null without a grant
 * @param listedAt when it was listed
 * @param about {@code capabilities} as declared, {@code instructions} and {@code protocolVersion}
 * @param lists the lists, by {@link OfferKind#member}; empty where only the rest was read
 * @param tools a digest of each tool; empty where only the rest was read
 * @param changes the last changes of its tools, the oldest first
 * @param isChanged whether tools have changed since the user consented, or stored the record
 */
public record ServerOffer(EndpointUrl url, @Nullable GrantId grant, Instant listedAt, ObjectNode about,
    ObjectNode lists, ToolDigests tools, List<ToolChange> changes, boolean isChanged) {
  private static final int MAX_CHANGES = 20;
  /** While a server is in use, it is listed again after this time. */
  private static final Duration MAX_AGE = Duration.ofHours(24);
  /** The member of a record that shows the changes. */
  static final String CHANGES = "toolChanges";
  private static final String LISTED_AT = "lastSyncResourcesAt";
  /** The warning of a record while its user has not acknowledged the changes. */
  private static final String TOOLS_CHANGED = "tools_changed";
  static final String TRUNCATED = "truncated";
  static final String ITEMS = "items";

  public ServerOffer {
    url = url.withoutQuery();
    changes = List.copyOf(changes);
  }

  /**
   * What a server has just been found to offer.
   *
   * @param grant the consent whose token was used; null without a token
   */
  public static ServerOffer listed(McpServer server, @Nullable GrantId grant, Instant now, OfferedWords words) {
    return new ServerOffer(server.url(), grant, now, words.about(), words.lists(), words.tools(), List.of(), false);
  }

  public boolean isOf(McpServer server) {
    return url.equals(server.url().withoutQuery());
  }

  /** Whether this is what the server offers under this consent; null for a server without a grant. */
  public boolean isOf(McpServer server, @Nullable GrantId consent) {
    return isOf(server) && Objects.equals(grant, consent);
  }

  /**
   * Whether the user who stores this document has seen the last change. A document that was shown before the change, and
   * is sent back after it, names an earlier time.
   */
  public boolean isSeenIn(ObjectNode document) {
    long shown = document.path(LISTED_AT).asLong();
    return shown <= 0 || changes.isEmpty() || shown >= changes.getLast().at().getEpochSecond();
  }

  public boolean isOld(Instant now) {
    return !listedAt.plus(MAX_AGE).isAfter(now);
  }

  /** What has changed since an earlier list under the same consent. A new consent is for the tools as they are then. */
  public List<ToolChange> changesSince(@Nullable ServerOffer before) {
    return before != null && before.url.equals(url) && Objects.equals(before.grant, grant)
        ? before.tools.changesTo(tools, listedAt)
        : List.of();
  }

  /** The same offer with the history of an earlier one, and with what has changed since. */
  public ServerOffer after(@Nullable ServerOffer before) {
    if (before == null || !before.url.equals(url)) return this;
    var found = changesSince(before);
    var all = new ArrayList<>(before.changes);
    all.addAll(found);
    boolean changed = !found.isEmpty() || (before.isChanged && Objects.equals(before.grant, grant));
    return new ServerOffer(url, grant, listedAt, about, lists, tools,
        all.subList(Math.max(0, all.size() - MAX_CHANGES), all.size()), changed);
  }

  /** The same offer after its user has stored the record again, with the changes in view. */
  public ServerOffer acknowledged() {
    return new ServerOffer(url, grant, listedAt, about, lists, tools, changes, false);
  }

  /** Shows the offer in the record's document, in the place of what the user has written there. */
  public void showIn(ObjectNode document) {
    document.set("capabilities", capabilities());
    document.set("instructions", about.path("instructions").isTextual()
        ? about.get("instructions")
        : NullNode.getInstance());
    document.put("protocolVersion", about.path("protocolVersion").asText())
        .put(LISTED_AT, listedAt.getEpochSecond());
    if (!changes.isEmpty()) document.putArray(CHANGES).addAll(changes.stream().map(ToolChange::json).toList());
    if (isChanged) document.withArray("warnings").add(TOOLS_CHANGED);
  }

  /** The capabilities as declared, with the list of each kind in its capability. */
  private ObjectNode capabilities() {
    var capabilities = about.get("capabilities") instanceof ObjectNode declared
        ? declared.deepCopy()
        : Json.newObject();
    for (var kind : OfferKind.values()) {
      if (!(lists.get(kind.member()) instanceof ObjectNode list)
          || !(capabilities.get(kind.capability()) instanceof ObjectNode capability)) {
        continue;
      }
      capability.set(kind.member(), list.path(ITEMS));
      if (list.path(TRUNCATED).asBoolean()) capability.put(TRUNCATED, true);
    }
    return capabilities;
  }

  /** Removes the lists from a document that its user sends back as it was shown: they do not belong to the user. */
  static void removeListsFrom(ObjectNode document) {
    if (document.get("capabilities") instanceof ObjectNode capabilities) removeLists(capabilities);
  }

  static void removeLists(ObjectNode capabilities) {
    for (var kind : OfferKind.values()) {
      JsonNode capability = capabilities.get(kind.capability());
      if (!(capability instanceof ObjectNode object)) continue;
      Stream.of(kind.member(), TRUNCATED).forEach(object::remove);
    }
  }

  static ArrayNode items(ObjectNode list) {
    return list.withArray(ITEMS);
  }
}
