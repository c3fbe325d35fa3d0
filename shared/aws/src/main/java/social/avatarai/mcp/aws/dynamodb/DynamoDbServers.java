package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.seconds;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.Revision;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.record.StoredServer;
import social.avatarai.mcp.record.UnboundSecrets;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Servers in DynamoDB. All servers of a user are in one partition, one item each, together with the user's counters.
 */
public final class DynamoDbServers implements Servers {
  /** How long the note lives that a user is being deleted. */
  private static final Duration FORGETTING = Duration.ofDays(1);

  private final Table table;
  private final ServerRows rows;
  private final ServerItem items;

  public DynamoDbServers(DynamoDbClient client, Tables tables, TokenCipher cipher) {
    this.table = new Table(client, tables.servers());
    this.rows = new ServerRows(client, tables);
    this.items = new ServerItem(cipher);
  }

  @Override
  public Optional<StoredServer> stored(ConnectionKey key) {
    return table.get(ServerItem.key(key)).map(item -> new StoredServer(items.server(item), ServerItem.revision(item)));
  }

  @Override
  public List<McpServer> all(UserId user) {
    return partition(user).map(items::server).toList();
  }

  @Override
  public List<McpServer> page(UserId user, @Nullable ConnectionId after, int limit) {
    return rows.page(user, after, limit, List.of()).stream().map(items::server).toList();
  }

  @Override
  public List<ConnectionId> connections(UserId user) {
    return partition(user)
        .map(item -> ItemReader.map(ServerItem.TABLE, item, row -> new ConnectionId(row.text(Tables.SORT))))
        .toList();
  }

  private Stream<Map<String, AttributeValue>> partition(UserId user) {
    var partition = Condition.of("#pk = :pk").with("pk", text(ServerItem.partition(user)));
    return table.query(partition).stream().filter(ServerItem::isServer);
  }

  @Override
  public Instant forgettingSince(UserId user, Instant now) {
    var fresh = Condition.of("attribute_not_exists(#sinceMillis) OR #sinceMillis < :aDayAgo").with("aDayAgo",
        millis(now.minus(FORGETTING)));
    var written = table.update(forgetting(user),
        ItemUpdate.when(fresh).set("sinceMillis", millis(now)).set(Tables.TTL, seconds(now.plus(FORGETTING))));
    return written.applied()
        ? now
        : ItemReader.map(ServerItem.TABLE, written.before(), row -> row.instant("sinceMillis"));
  }

  @Override
  public void endForgetting(UserId user) {
    table.delete(forgetting(user), Condition.present());
  }

  private static Map<String, AttributeValue> forgetting(UserId user) {
    return Values.key(ServerItem.partition(user), "forgetting#");
  }

  @Override
  public Optional<Revision> put(McpServer server, Precondition precondition) {
    var row = RevisedServer.of(items.of(server));
    return row.ifApplied(table.put(row.item(), ServerItem.condition(precondition)));
  }

  @Override
  public boolean relocate(McpServer server, EndpointUrl url) {
    // Writes the secrets that are not in use from this copy, so the row must still have them.
    return table.get(ServerItem.key(server.key())).filter(item -> items.holdsSame(item, server))
        .filter(item -> relocate(item, server, url)).isPresent();
  }

  private boolean relocate(Map<String, AttributeValue> row, McpServer server, EndpointUrl url) {
    var change = ItemUpdate.when(items.unchanged(server).and(ServerItem.sameWrite(row)))
        .set(items.relocated(server, url)).set(ProtocolItem.none())
        .set(ServerItem.REVISION, text(Revision.fresh().value()));
    return table.update(ServerItem.key(server.key()), change).applied();
  }

  @Override
  public boolean delete(ConnectionKey key, Precondition precondition) {
    return table.delete(ServerItem.key(key), ServerItem.deletion(precondition));
  }

  @Override
  public boolean note(ConnectionKey key, McpServer.Status status, @Nullable ConnectionError error) {
    var change = ItemUpdate.when(Condition.present()).set("status", text(status.name()))
        .set(ServerItem.error(error));
    return table.update(ServerItem.key(key), change).applied();
  }

  @Override
  public Disconnection noteDisconnected(ConnectionKey key) {
    var bound = Condition.present().and(Condition.is(UnboundItem.ATTRIBUTE, null));
    var written = table.update(ServerItem.key(key), ItemUpdate.when(bound)
        .set("status", text(McpServer.Status.DISCONNECTED.name())).set(ServerItem.noError()));
    if (written.applied()) return Disconnection.NOTED;
    return written.before().isEmpty() ? Disconnection.ABSENT : Disconnection.HAS_SECRETS;
  }

  @Override
  public void keepUnbound(McpServer server, @Nullable UnboundSecrets left) {
    // A sealed text differs each time, so the row is read, and the update demands the text that was read.
    table.get(ServerItem.key(server.key())).filter(item -> items.holdsSame(item, server)).ifPresent(
        item -> table.update(ServerItem.key(server.key()),
            ItemUpdate.when(ServerItem.sameUnbound(item)).set(UnboundItem.ATTRIBUTE,
                items.unbound(server.keeping(left)))));
  }

  @Override
  public boolean keepProtocol(McpServer server, NegotiatedProtocol protocol) {
    return items.protocol(server).keep(protocol, server.protocol(), updating(server));
  }

  @Override
  public void forgetProtocol(McpServer server) {
    items.protocol(server).forget(server.protocol(), updating(server));
  }

  private ProtocolItem.Update updating(McpServer server) {
    return (session, attributes) -> table.update(ServerItem.key(server.key()),
        ItemUpdate.when(items.sameUrlAndCredentials(server).and(session)).set(attributes));
  }
}
