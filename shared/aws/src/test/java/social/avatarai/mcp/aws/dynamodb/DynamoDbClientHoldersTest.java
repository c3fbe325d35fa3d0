package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.registration.ClientHolders;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.testkit.store.ClientHoldersContract;
import social.avatarai.mcp.testkit.store.Samples;

class DynamoDbClientHoldersTest extends ClientHoldersContract {
  private final ClientHolders holders = new DynamoDbClientHolders(Stores.client(), Stores.TABLES);

  @Override
  protected ClientHolders holders() {
    return holders;
  }

  /** A user may hold or share a client when everything of the user is deleted. */
  @Test
  void anItemNamesNoUser() {
    var user = Samples.user();
    holders.hold(Owner.of(user), Samples.ISSUER, new ClientId("client-of-one"), Samples.NOW);
    var items = Stores.client().scan(scan -> scan.tableName(Stores.TABLES.registrations()).consistentRead(true)).items()
        .stream()
        .map(Object::toString).collect(Collectors.joining());
    assertThat(items).contains("c#").doesNotContain(user.value());
  }
}
