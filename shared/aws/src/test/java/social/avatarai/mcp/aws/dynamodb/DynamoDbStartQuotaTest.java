package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.registration.StartQuota;
import social.avatarai.mcp.testkit.store.StartQuotaContract;

class DynamoDbStartQuotaTest extends StartQuotaContract {
  private final StartQuota quota = new DynamoDbStartQuota(Stores.client(), Stores.TABLES);

  @Override
  protected StartQuota quota() {
    return quota;
  }
}
