package social.avatarai.mcp.aws.dynamodb;

import social.avatarai.mcp.record.ServerOffers;
import social.avatarai.mcp.testkit.store.ServerOffersContract;

class DynamoDbServerOffersTest extends ServerOffersContract {
  private final ServerOffers offers = new DynamoDbServerOffers(Stores.client(), Stores.TABLES);

  @Override
  protected ServerOffers offers() {
    return offers;
  }
}
