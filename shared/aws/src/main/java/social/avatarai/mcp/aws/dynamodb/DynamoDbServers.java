package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.resource.McpWire;
import social.avatarai.mcp.server.McpServer;
import social.avatarai.mcp.store.Servers;
import social.avatarai.mcp.store.TokenCipher;
import social.avatarai.mcp.token.GrantKey;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** Servers in DynamoDB: all of a user's in one partition, an item for each, the user's counters beside them. */
public final class DynamoDbServers implements Servers {
  private final Table table;
  private final ServerItem items;

  public DynamoDbServers(DynamoDbClient client, Tables tables, TokenCipher cipher) {
    this.table = new Table(client, tables.servers());
    this.items = new ServerItem(cipher);
  }

  @Override
  public Optional<McpServer> find(GrantKey key) {
    return table.get(ServerItem.key(key)).map(items::server);
  }

  @Override
  public List<McpServer> all(UserId user) {
    var partition = Condition.of("#pk = :pk").with("pk", text(ServerItem.partition(user)));
    return table.query(partition).stream().filter(ServerItem::isServer).map(items::server).toList();
  }

  @Override
  public void put(McpServer server) {
    table.put(items.of(server));
  }

  @Override
  public void delete(GrantKey key) {
    table.delete(ServerItem.key(key), Condition.of("attribute_exists(#pk)"));
  }

  @Override
  public void noteStatus(GrantKey key, McpServer.Status status) {
    table.update(ServerItem.key(key),
        Change.when(Condition.of("attribute_exists(#pk)")).set("status", text(status.name())));
  }

  @Override
  public void keepWire(McpServer server, McpWire wire) {
    var change = Change.when(Condition.of("#url = :here").with("here", text(server.url().value())));
    items.wire(server, wire).forEach(change::set);
    table.update(ServerItem.key(server.key()), change);
  }
}
