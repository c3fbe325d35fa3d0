package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.registration.RequestCounter;
import social.avatarai.mcp.testkit.store.RequestCounterContract;

class DynamoDbRequestCounterTest extends RequestCounterContract {
  private final RequestCounter counter = new DynamoDbRequestCounter(Stores.client(), Stores.TABLES);

  @Override
  protected RequestCounter counter() {
    return counter;
  }
}
