package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.store.Registrations;
import social.avatarai.mcp.testkit.store.RegistrationsContract;

class DynamoDbRegistrationsTest extends RegistrationsContract {
  private final Registrations registrations = new DynamoDbRegistrations(Stores.client(), Stores.TABLES);

  @Override
  protected Registrations registrations() {
    return registrations;
  }
}
