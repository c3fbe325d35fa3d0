package social.avatarai.mcp.aws.dynamodb;

import java.util.List;
import java.util.stream.Stream;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveSpecification;
import software.amazon.awssdk.services.dynamodb.model.UpdateTimeToLiveRequest;

/**
 * The names of the five tables in this deployment, and their shapes for whoever makes them outside a template.
 *
 * @param sessions authorization sessions and the answers parked on them
 * @param tokens grants and their leases
 * @param due the due markers of the scheduled refresh, and how far each shard has been read
 * @param registrations client registrations, by owner
 * @param servers the users' servers and counters
 */
public record Tables(String sessions, String tokens, String due, String registrations, String servers) {

  static final String PARTITION = "pk";
  static final String SORT = "sk";
  /** The second after which DynamoDB may clean an item away: cleaning only, nothing is over because of it. */
  static final String TTL = "ttl";

  /** Tables named as in a template, behind a prefix such as {@code local-}. */
  public static Tables withPrefix(String prefix) {
    return new Tables(prefix + "mcp_oauth_sessions", prefix + "mcp_oauth_tokens", prefix + "mcp_oauth_due",
        prefix + "mcp_client_registrations", prefix + "mcp_servers");
  }

  /** What makes them. */
  public List<CreateTableRequest> creations() {
    return List.of(creation(sessions, PARTITION), creation(tokens, PARTITION, SORT),
        creation(due, PARTITION, SORT), creation(registrations, PARTITION, SORT), creation(servers, PARTITION, SORT));
  }

  /** What switches their cleaning on. */
  public List<UpdateTimeToLiveRequest> timesToLive() {
    var cleaning = TimeToLiveSpecification.builder().attributeName(TTL).enabled(true).build();
    return Stream.of(sessions, tokens, due, registrations, servers)
        .map(table -> UpdateTimeToLiveRequest.builder().tableName(table).timeToLiveSpecification(cleaning).build())
        .toList();
  }

  private static CreateTableRequest creation(String table, String... keys) {
    return CreateTableRequest.builder().tableName(table).billingMode(BillingMode.PAY_PER_REQUEST)
        .attributeDefinitions(Stream.of(keys)
            .map(key -> AttributeDefinition.builder().attributeName(key).attributeType(ScalarAttributeType.S).build())
            .toList())
        .keySchema(Stream.of(keys)
            .map(key -> KeySchemaElement.builder().attributeName(key)
                .keyType(key.equals(PARTITION) ? KeyType.HASH : KeyType.RANGE).build())
            .toList())
        .build();
  }
}
