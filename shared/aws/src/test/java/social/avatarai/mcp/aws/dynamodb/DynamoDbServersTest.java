package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.registration.StartQuota;
import social.avatarai.mcp.testkit.store.ServersContract;

class DynamoDbServersTest extends ServersContract {
  private final Servers servers = new DynamoDbServers(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final StartQuota quota = new DynamoDbStartQuota(Stores.client(), Stores.TABLES);

  @Override
  protected Servers servers() {
    return servers;
  }

  @Override
  protected StartQuota quota() {
    return quota;
  }
}
