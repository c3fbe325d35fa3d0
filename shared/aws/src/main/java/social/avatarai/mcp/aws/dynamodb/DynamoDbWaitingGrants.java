package social.avatarai.mcp.aws.dynamodb;

import java.util.Optional;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.token.WaitingGrant;
import social.avatarai.mcp.token.WaitingGrants;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

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
  public Optional<WaitingGrant> find(ConnectionKey connection) {
    try {
      return table.get(WaitingItem.key(connection)).map(items::waiting);
    } catch (Failure.Misconfigured e) {
      return Optional.empty();
    }
  }

  @Override
  public void forget(WaitingGrant waiting) {
    var _ = table.delete(WaitingItem.key(waiting.grant().key()), WaitingItem.same(waiting));
  }

  @Override
  public void forgetAll(ConnectionKey connection) {
    var _ = table.delete(WaitingItem.key(connection), Condition.of("attribute_exists(#pk)"));
  }
}
