package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.proxy.EndedSessions;
import social.avatarai.mcp.testkit.store.EndedSessionsContract;

class DynamoDbEndedSessionsTest extends EndedSessionsContract {
  private final EndedSessions sessions = new DynamoDbEndedSessions(Stores.client(), Stores.TABLES);

  @Override
  protected EndedSessions sessions() {
    return sessions;
  }
}
