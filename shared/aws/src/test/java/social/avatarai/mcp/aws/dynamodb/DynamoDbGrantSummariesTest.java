package social.avatarai.mcp.aws.dynamodb;

import java.util.HashMap;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.testkit.store.GrantSummariesContract;
import social.avatarai.mcp.token.GrantSummaries;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Leases;

class DynamoDbGrantSummariesTest extends GrantSummariesContract {
  private final GrantSummaries summaries = new DynamoDbGrantSummaries(Stores.client(), Stores.TABLES,
      () -> Stores.CIPHER);
  private final Grants grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final Leases leases = new DynamoDbLeases(Stores.client(), Stores.TABLES);

  @Override
  protected GrantSummaries summaries() {
    return summaries;
  }

  @Override
  protected Grants grants() {
    return grants;
  }

  @Override
  protected Leases leases() {
    return leases;
  }

  @Override
  protected void spoil(ConnectionKey key) {
    var item = new HashMap<>(Stores.raw(Stores.TABLES.tokens(), GrantItem.key(key)));
    item.put("issuer", Values.text("nonsense"));
    Stores.put(Stores.TABLES.tokens(), item);
  }
}
