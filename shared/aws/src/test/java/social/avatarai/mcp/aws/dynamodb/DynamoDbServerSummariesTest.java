package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.record.ServerSummaries;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.registration.RequestCounter;
import social.avatarai.mcp.testkit.store.ServerSummariesContract;

class DynamoDbServerSummariesTest extends ServerSummariesContract {
  private final ServerSummaries summaries = new DynamoDbServerSummaries(Stores.client(), Stores.TABLES);
  private final Servers servers = new DynamoDbServers(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final RequestCounter counter = new DynamoDbRequestCounter(Stores.client(), Stores.TABLES);

  @Override
  protected ServerSummaries summaries() {
    return summaries;
  }

  @Override
  protected Servers servers() {
    return servers;
  }

  @Override
  protected RequestCounter counter() {
    return counter;
  }

  @Override
  protected void spoil(ConnectionKey key) {
    Stores.spoilServer(ServerItem.key(key));
  }
}
