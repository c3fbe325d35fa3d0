package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.DescribeStreamRequest;
import software.amazon.awssdk.services.dynamodb.model.DescribeStreamResponse;
import software.amazon.awssdk.services.dynamodb.model.ExpiredIteratorException;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsRequest;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.dynamodb.model.GetShardIteratorResponse;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** The stream of the embedded stores, whose iterators end when the test wants it. */
class LocalStreamOnDynamoDbTest implements DynamoDbStreamsClient {
  private final DynamoDbClient client = EmbeddedDynamoDb.inMemory().client();
  private final DynamoDbStreamsClient streams = EmbeddedDynamoDb.inMemory().streams();
  private final String table = "s" + Unguessable.text().replace("-", "x");
  private final List<String> delivered = new ArrayList<>();
  private boolean isAsleep;

  @BeforeEach
  void create() {
    client.createTable(create -> create.tableName(table).billingMode(BillingMode.PAY_PER_REQUEST)
        .attributeDefinitions(
            AttributeDefinition.builder().attributeName("pk").attributeType(ScalarAttributeType.S).build())
        .keySchema(KeySchemaElement.builder().attributeName("pk").keyType(KeyType.HASH).build())
        .streamSpecification(on -> on.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES)));
  }

  @AfterEach
  void delete() {
    client.deleteTable(gone -> gone.tableName(table));
  }

  private void put(String key) {
    client.putItem(put -> put.tableName(table).item(Map.of("pk", AttributeValue.fromS(key))));
  }

  @Test
  void afterASleepItReadsOnBehindTheLastChange() {
    put("before");
    String arn = client.describeTable(describe -> describe.tableName(table)).table().latestStreamArn();
    try (var stream = new LocalStream(this, arn, (input, output, _) -> {
      new ObjectMapper().readTree(input).path("Records")
          .forEach(record -> delivered.add(record.at("/dynamodb/Keys/pk/S").asText()));
      output.write("{\"batchItemFailures\":[]}".getBytes(UTF_8));
    })) {
      put("1");
      put("2");
      stream.turn();
      put("3");
      isAsleep = true;
      stream.turn();
      put("4");
      stream.turn();
    }
    assertThat(isAsleep).isFalse();
    assertThat(delivered).containsExactly("1", "2", "3", "4");
  }

  @Override
  public DescribeStreamResponse describeStream(DescribeStreamRequest request) {
    return streams.describeStream(request);
  }

  @Override
  public GetShardIteratorResponse getShardIterator(GetShardIteratorRequest request) {
    return streams.getShardIterator(request);
  }

  @Override
  public GetRecordsResponse getRecords(GetRecordsRequest request) {
    if (!isAsleep) return streams.getRecords(request);
    isAsleep = false;
    throw ExpiredIteratorException.builder().message("older than 15 minutes").build();
  }

  @Override
  public String serviceName() {
    return SERVICE_NAME;
  }

  @Override
  public void close() {}
}
