package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.http.SlowCallSlots;
import social.avatarai.mcp.testkit.store.SlowCallSlotsContract;

class DynamoDbSlowCallSlotsTest extends SlowCallSlotsContract {
  private final SlowCallSlots slots = new DynamoDbSlowCallSlots(Stores.client(), Stores.TABLES);

  @Override
  protected SlowCallSlots slots() {
    return slots;
  }
}
