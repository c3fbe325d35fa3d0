package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.ServerOffer;
import social.avatarai.mcp.record.ServerOffers;

/** Shows in records what their servers offer, where the records say {@code syncResources}. Others cost nothing. */
public final class RecordOffers {
  private final ServerOffers offers;
  private final Journal journal;

  public RecordOffers(ServerOffers offers, Journal journal) {
    this.offers = offers;
    this.journal = journal;
  }

  /** The record's document with the server's offer. Changes the document, and returns it. */
  ObjectNode shown(McpServer server, ObjectNode document) {
    if (server.showsOffer()) find(server.key()).filter(offer -> offer.isOf(server)).ifPresent(o -> o.showIn(document));
    return document;
  }

  /**
   * The same for all records of a list, without the lists of tools, resources and prompts. Changes the documents.
   *
   * @param documents a document for each of the servers
   */
  void showIn(List<ObjectNode> documents, List<McpServer> servers, UserId user) {
    var wanted = servers.stream().filter(McpServer::showsOffer).map(server -> server.key().connection()).toList();
    if (wanted.isEmpty()) return;
    var found = offers.withoutLists(user, wanted).stream()
        .flatMap(listed -> readable(listed).map(offer -> Map.entry(listed.connection(), offer)).stream())
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    for (int i = 0; i < servers.size(); i++) {
      var offer = found.get(servers.get(i).key().connection());
      if (offer != null && offer.isOf(servers.get(i))) offer.showIn(documents.get(i));
    }
  }

  /**
   * The document of a record that its user has just stored, and so has acknowledged the changes that were shown. Where
   * the record does not show an offer any more, the offer is deleted.
   *
   * @param before the record that was replaced; empty if there was none
   */
  ObjectNode stored(McpServer server, Optional<McpServer> before, ObjectNode document) {
    if (!server.showsOffer()) {
      if (before.filter(McpServer::showsOffer).isPresent()) offers.delete(server.key());
      return document;
    }
    var found = find(server.key()).filter(offer -> offer.isOf(server));
    var seen = found.filter(offer -> offer.isChanged() && offer.isSeenIn(server.document()));
    seen.ifPresent(changed -> offers.keep(server.key(), changed.acknowledged(), changed));
    seen.map(ServerOffer::acknowledged).or(() -> found).ifPresent(offer -> offer.showIn(document));
    return document;
  }

  /**
   * Deletes the offer of a record that is deleted.
   *
   * @param server the record; empty where it cannot be read
   */
  void delete(ConnectionKey key, Optional<McpServer> server) {
    if (server.isEmpty() || server.get().showsOffer()) offers.delete(key);
  }

  /** An offer that cannot be read is not shown; the record is. */
  private Optional<ServerOffer> find(ConnectionKey key) {
    try {
      return offers.find(key);
    } catch (Failure.Misconfigured e) {
      noteUnreadable(key.connection(), e.detail());
      return Optional.empty();
    }
  }

  private Optional<ServerOffer> readable(Listed<ServerOffer> listed) {
    if (listed.value() == null) noteUnreadable(listed.connection(), listed.fault());
    return listed.read();
  }

  private void noteUnreadable(ConnectionId connection, String fault) {
    journal.write("offer_unreadable", Map.of("connection", connection, "detail", fault));
  }
}
