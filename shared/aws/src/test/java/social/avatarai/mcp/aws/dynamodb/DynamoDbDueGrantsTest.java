package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.testkit.store.DueGrantsContract;
import social.avatarai.mcp.token.DueGrants;

class DynamoDbDueGrantsTest extends DueGrantsContract {
  private final DueGrants dueGrants = new DynamoDbDueGrants(Stores.client(), Stores.TABLES);

  @Override
  protected DueGrants dueGrants() {
    return dueGrants;
  }
}
