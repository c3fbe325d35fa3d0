package social.avatarai.mcp.aws.dynamodb;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.WaitingGrant;
import social.avatarai.mcp.token.WaitingGrants;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The grants that wait for a decision in DynamoDB. Each is one item, in the table of the grants. */
public final class DynamoDbWaitingGrants implements WaitingGrants {
  private final Table table;
  private final WaitingItem items;

  public DynamoDbWaitingGrants(DynamoDbClient client, Tables tables, TokenCipher cipher) {
    this.table = new Table(client, tables.tokens());
    this.items = new WaitingItem(cipher);
  }

  @Override
  public void keep(WaitingGrant waiting) {
    table.put(items.of(waiting));
  }

  @Override
  public Optional<WaitingGrant> find(ConnectionKey connection, GrantId id) {
    return table.get(WaitingItem.key(connection, id)).flatMap(this::opened)
        .filter(one -> one.grant().key().equals(connection) && one.grant().id().equals(id));
  }

  @Override
  public List<ConnectionId> connections(UserId user) {
    return query(user, WaitingItem.SORT_PREFIX).stream().map(WaitingItem::connectionOf).distinct().toList();
  }

  @Override
  public void forget(ConnectionKey connection, GrantId id) {
    delete(WaitingItem.key(connection, id));
  }

  @Override
  public void forgetAll(ConnectionKey connection, Consumer<Grant> before) {
    for (var item : query(connection.user(), WaitingItem.prefix(connection.connection()))) {
      opened(item).map(WaitingGrant::grant).filter(grant -> grant.key().equals(connection)).ifPresent(before);
      delete(Values.key(item));
    }
  }

  /** A grant that waits; empty if it cannot be opened. */
  private Optional<WaitingGrant> opened(Map<String, AttributeValue> item) {
    try {
      return Optional.of(items.waiting(item));
    } catch (Failure.Misconfigured e) {
      return Optional.empty();
    }
  }

  private List<Map<String, AttributeValue>> query(UserId user, String prefix) {
    return table.query(Condition.range(GrantItem.partition(user), prefix));
  }

  private void delete(Map<String, AttributeValue> key) {
    var _ = table.delete(key, Condition.present());
  }
}
