package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.registration.RequestCounter;
import social.avatarai.mcp.testkit.store.ServersContract;

class DynamoDbServersTest extends ServersContract {
  private final Servers servers = new DynamoDbServers(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final RequestCounter counter = new DynamoDbRequestCounter(Stores.client(), Stores.TABLES);

  @Override
  protected Servers servers() {
    return servers;
  }

  @Override
  protected RequestCounter counter() {
    return counter;
  }
}
