package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.testkit.store.LeasesContract;
import social.avatarai.mcp.token.Leases;

class DynamoDbLeasesTest extends LeasesContract {
  private final Leases leases = new DynamoDbLeases(Stores.client(), Stores.TABLES);

  @Override
  protected Leases leases() {
    return leases;
  }
}
