package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;

/** The guard around all tests of the adapters refuses inconsistent reads. */
class ConsistentReadsTest {
  private static final Map<String, AttributeValue> KEY = Values
      .key("invented");
  private static final String TABLE = Stores.TABLES.sessions();

  private final DynamoDbClient client = client();

  private static DynamoDbClient client() {
    Stores.client();
    return Stores.clientWith();
  }

  @Test
  void refusesAReadThatMayBeStale() {
    var keys = KeysAndAttributes.builder().keys(List.of(KEY)).build();
    assertThatThrownBy(() -> client.getItem(get -> get.tableName(TABLE).key(KEY))).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> client.batchGetItem(get -> get.requestItems(Map.of(TABLE, keys))))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> client.query(query -> query.tableName(TABLE).keyConditionExpression("pk = :pk")
        .expressionAttributeValues(Map.of(":pk", Values.text("invented"))))).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> client.scan(scan -> scan.tableName(TABLE))).isInstanceOf(AssertionError.class);
  }

  @Test
  void letsAConsistentReadThrough() {
    assertThatCode(() -> client.getItem(get -> get.tableName(TABLE).key(KEY).consistentRead(true)))
        .doesNotThrowAnyException();
  }
}
