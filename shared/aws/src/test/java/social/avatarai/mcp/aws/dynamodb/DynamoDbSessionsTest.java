package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.authorization.Sessions;
import social.avatarai.mcp.testkit.store.SessionsContract;

class DynamoDbSessionsTest extends SessionsContract {
  private final Sessions sessions = new DynamoDbSessions(Stores.client(), Stores.TABLES, Stores.CIPHER);

  @Override
  protected Sessions sessions() {
    return sessions;
  }
}
