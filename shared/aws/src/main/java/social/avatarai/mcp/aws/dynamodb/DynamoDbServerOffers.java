package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.ServerOffer;
import social.avatarai.mcp.record.ServerOffers;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** What servers offer, in the table of the servers. */
public final class DynamoDbServerOffers implements ServerOffers {
  private final Table table;

  public DynamoDbServerOffers(DynamoDbClient client, Tables tables) {
    this.table = new Table(client, tables.servers());
  }

  @Override
  public Optional<ServerOffer> find(ConnectionKey key) {
    return table.get(ServerOfferItem.key(key)).map(ServerOfferItem::offer);
  }

  @Override
  public List<Listed<ServerOffer>> withoutLists(UserId user, List<ConnectionId> servers) {
    var keys = servers.stream().map(server -> ServerOfferItem.key(new ConnectionKey(user, server))).toList();
    return table.getAll(keys, ServerOfferItem.WITHOUT_LISTS).stream().map(ServerOfferItem::listed).toList();
  }

  @Override
  public boolean keep(ConnectionKey key, ServerOffer offer, @Nullable ServerOffer before) {
    var change = ItemUpdate.when(ServerOfferItem.has(before)).set(ServerOfferItem.of(offer));
    var written = table.update(ServerOfferItem.key(key), change);
    // A first try whose response got lost has stored the offer.
    return written.applied() || ServerOfferItem.isListedAt(offer.listedAt(), written.before());
  }

  @Override
  public void delete(ConnectionKey key) {
    table.delete(ServerOfferItem.key(key), Condition.present());
  }

  @Override
  public void deleteAll(UserId user) {
    var partition = Condition.of("#pk = :pk").with("pk", text(ServerOfferItem.partition(user)));
    table.query(partition, Integer.MAX_VALUE, List.of(Tables.PARTITION, Tables.SORT))
        .forEach(item -> table.delete(item, Condition.present()));
  }
}
