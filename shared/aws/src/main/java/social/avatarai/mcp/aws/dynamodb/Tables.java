package social.avatarai.mcp.aws.dynamodb;

import java.util.List;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.LocalSecondaryIndex;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveSpecification;
import software.amazon.awssdk.services.dynamodb.model.UpdateTimeToLiveRequest;

/**
 * The names of the five tables of this deployment, and their shapes for code that creates them without a template.
 *
 * @param sessions authorization sessions and the responses parked on them
 * @param tokens grants and their leases
 * @param due the due markers of the scheduled refresh, and how far each shard has been read
 * @param registrations client registrations, by owner
 * @param servers the users' servers and counters
 */
public record Tables(String sessions, String tokens, String due, String registrations, String servers) {

  static final String PARTITION = "pk";
  static final String SORT = "sk";
  /** The local index of the tokens table: the grants of a user by their resource, with their keys only. */
  static final String BY_RESOURCE = "byResource";
  /**
   * The sort key of the index, see {@link ResourceKey}. Only grants have this attribute, so no other item is in the
   * index.
   */
  static final String RESOURCE_KEY = "resourceKey";
  /**
   * The second after which DynamoDB may clean an item up. It is for cleaning only: no item expires by this attribute.
   */
  static final String TTL = "ttl";

  /** Tables named as in the template, with a prefix such as {@code local-}. */
  public static Tables withPrefix(String prefix) {
    return new Tables(prefix + "mcp_oauth_sessions", prefix + "mcp_oauth_tokens", prefix + "mcp_oauth_due",
        prefix + "mcp_client_registrations", prefix + "mcp_servers");
  }

  /** The requests that create the tables. */
  public List<CreateTableRequest> creations() {
    return List.of(creation(sessions, PARTITION).build(), withIndex(creation(tokens, PARTITION, SORT)),
        creation(due, PARTITION, SORT).build(), creation(registrations, PARTITION, SORT).build(),
        creation(servers, PARTITION, SORT).build());
  }

  /** The requests that switch the cleaning on. */
  public List<UpdateTimeToLiveRequest> timesToLive() {
    var cleaning = TimeToLiveSpecification.builder().attributeName(TTL).enabled(true).build();
    return Stream.of(sessions, tokens, due, registrations, servers)
        .map(table -> UpdateTimeToLiveRequest.builder().tableName(table).timeToLiveSpecification(cleaning).build())
        .toList();
  }

  private static CreateTableRequest.Builder creation(String table, String... keys) {
    return CreateTableRequest.builder().tableName(table).billingMode(BillingMode.PAY_PER_REQUEST)
        .attributeDefinitions(definitions(keys)).keySchema(schema(keys));
  }

  /** A local index can only be created together with its table. */
  private static CreateTableRequest withIndex(CreateTableRequest.Builder creation) {
    var index = LocalSecondaryIndex.builder().indexName(BY_RESOURCE).keySchema(schema(PARTITION, RESOURCE_KEY))
        .projection(projection -> projection.projectionType(ProjectionType.KEYS_ONLY)).build();
    return creation.attributeDefinitions(definitions(PARTITION, SORT, RESOURCE_KEY)).localSecondaryIndexes(index)
        .build();
  }

  private static List<AttributeDefinition> definitions(String... keys) {
    return Stream.of(keys)
        .map(key -> AttributeDefinition.builder().attributeName(key).attributeType(ScalarAttributeType.S).build())
        .toList();
  }

  private static List<KeySchemaElement> schema(String... keys) {
    return Stream.of(keys).map(key -> KeySchemaElement.builder().attributeName(key)
        .keyType(key.equals(PARTITION) ? KeyType.HASH : KeyType.RANGE).build()).toList();
  }
}
