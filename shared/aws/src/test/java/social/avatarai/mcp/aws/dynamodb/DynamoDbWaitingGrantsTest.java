package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.testkit.store.WaitingGrantsContract;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.ReplacedTokens;
import social.avatarai.mcp.token.WaitingGrant;
import social.avatarai.mcp.token.WaitingGrants;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class DynamoDbWaitingGrantsTest extends WaitingGrantsContract {
  private final WaitingGrants waiting = new DynamoDbWaitingGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final Grants grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);

  @Override
  protected WaitingGrants waiting() {
    return waiting;
  }

  @Override
  protected Grants grants() {
    return grants;
  }

  @Override
  protected ReplacedTokens tokens() {
    return new DynamoDbReplacedTokens(Stores.client(), Stores.TABLES, Stores.CIPHER);
  }

  private static Map<String, AttributeValue> row(WaitingGrant one) {
    return Stores.client().getItem(get -> get.tableName(Stores.TABLES.tokens()).consistentRead(true)
        .key(WaitingItem.key(one.grant().key(), one.grant().id()))).item();
  }

  @Test
  void nothingThatWaitsIsInTheClearAndTheTableCleansItUp() {
    var one = new WaitingGrant(Samples.grantOf(Samples.key(), "bob"), NOW.plusSeconds(600));
    waiting.keep(one);
    var row = row(one);
    assertThat(row.toString()).doesNotContain("bob", one.grant().tokens().accessToken().reveal(),
        Objects.requireNonNull(one.grant().tokens().refreshToken()).reveal());
    assertThat(Objects.requireNonNull(row.get("ttl")).n())
        .isEqualTo(Long.toString(NOW.plusSeconds(900).getEpochSecond()));
    assertThat(row).doesNotContainKeys("accessToken", "status", "resourceKey");
  }

  /** Otherwise who can write to the table could decide for the user. */
  @Test
  void rowThatIsMovedIntoTheConnectionDoesNotOpenAsItsGrant() {
    var one = new WaitingGrant(Samples.grantOf(Samples.key(), "bob"), NOW.plusSeconds(600));
    waiting.keep(one);
    var moved = new HashMap<>(Objects.requireNonNull(row(one).get("waiting")).m());
    Stores.client().putItem(put -> put.tableName(Stores.TABLES.tokens()).item(moved));
    assertThatThrownBy(() -> grants.read(one.grant().key())).isInstanceOf(Failure.Misconfigured.class);
  }

  @Test
  void rowThatIsCopiedToAnotherConnectionOrIdIsNone() {
    var one = new WaitingGrant(Samples.grantOf(Samples.key(), "bob"), NOW.plusSeconds(600));
    waiting.keep(one);
    var key = one.grant().key();
    var elsewhere = new ConnectionKey(key.user(), new ConnectionId("another"));
    var otherId = GrantId.fresh();
    for (var place : List.of(WaitingItem.key(elsewhere, one.grant().id()), WaitingItem.key(key, otherId))) {
      var copied = new HashMap<>(row(one));
      copied.putAll(place);
      Stores.client().putItem(put -> put.tableName(Stores.TABLES.tokens()).item(copied));
    }
    assertThat(waiting.find(elsewhere, one.grant().id())).isEmpty();
    assertThat(waiting.find(key, otherId)).isEmpty();
    assertThat(waiting.find(key, one.grant().id())).contains(one);
  }

  @Test
  void rowThatCannotBeOpenedIsNone() {
    var one = new WaitingGrant(Samples.grantOf(Samples.key(), "bob"), NOW.plusSeconds(600));
    waiting.keep(one);
    var edited = new HashMap<>(row(one));
    var inner = new HashMap<>(Objects.requireNonNull(edited.get("waiting")).m());
    inner.put("tokenEndpoint", AttributeValue.fromS("https://collector.example/token"));
    edited.put("waiting", AttributeValue.fromM(inner));
    Stores.client().putItem(put -> put.tableName(Stores.TABLES.tokens()).item(edited));
    assertThat(waiting.find(one.grant().key(), one.grant().id())).isEmpty();
  }
}
