package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.testkit.store.GrantAccountsContract;
import social.avatarai.mcp.token.Grants;

class DynamoDbGrantAccountsTest extends GrantAccountsContract {
  private final Grants grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);

  @Override
  protected Grants grants() {
    return grants;
  }
}
