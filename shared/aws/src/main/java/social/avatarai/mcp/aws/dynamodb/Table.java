package social.avatarai.mcp.aws.dynamodb;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;

/**
 * One table, with the few operations that we use. Reads are consistent, and a conditional write returns the item that
 * it found.
 */
final class Table {
  /** The most keys that BatchGetItem takes. */
  private static final int MAX_KEYS = 100;
  private static final int BATCH_TRIES = 6;
  private static final long FIRST_PAUSE_MILLIS = 25;

  private final DynamoDbClient client;
  private final String name;

  Table(DynamoDbClient client, String name) {
    this.client = client;
    this.name = name;
  }

  Optional<Map<String, AttributeValue>> get(Map<String, AttributeValue> key) {
    var response = client.getItem(get -> get.tableName(name).key(key).consistentRead(true));
    return response.hasItem() ? Optional.of(response.item()) : Optional.empty();
  }

  /** Those of these items that exist, in no particular order. A call reads up to {@value #MAX_KEYS} of them. */
  List<Map<String, AttributeValue>> getAll(List<Map<String, AttributeValue>> keys) {
    return getAll(keys, List.of());
  }

  /** The same, but only these attributes of each item; all attributes if none are named. */
  List<Map<String, AttributeValue>> getAll(List<Map<String, AttributeValue>> keys, List<String> attributes) {
    var items = new ArrayList<Map<String, AttributeValue>>();
    for (int from = 0; from < keys.size(); from += MAX_KEYS)
      items.addAll(getBatch(keys.subList(from, Math.min(keys.size(), from + MAX_KEYS)), attributes));
    return items;
  }

  private List<Map<String, AttributeValue>> getBatch(List<Map<String, AttributeValue>> keys,
      List<String> attributes) {
    var items = new ArrayList<Map<String, AttributeValue>>();
    var left = keys.stream().distinct().toList();
    for (int tries = 0; !left.isEmpty(); tries++) {
      if (tries == BATCH_TRIES) throw new IllegalStateException("DynamoDB leaves keys of a batch unread");
      if (tries > 0) pause(tries);
      var wanted = Map.of(name, batch(left, attributes));
      var response = client.batchGetItem(get -> get.requestItems(wanted));
      items.addAll(response.responses().getOrDefault(name, List.of()));
      var unread = response.unprocessedKeys().get(name);
      left = unread == null ? List.of() : unread.keys();
    }
    return items;
  }

  /** The items that a key condition names, in the order of their sort key, page by page. */
  List<Map<String, AttributeValue>> query(Condition keys) {
    return query(keys, Integer.MAX_VALUE);
  }

  List<Map<String, AttributeValue>> query(Condition keys, int limit) {
    var query = querying(keys);
    if (limit != Integer.MAX_VALUE) query.limit(limit);
    return pages(query, limit);
  }

  /** The first items that a key condition names, and only these attributes of each. */
  List<Map<String, AttributeValue>> query(Condition keys, int limit, List<String> attributes) {
    String projection = projection(attributes);
    var names = new HashMap<>(keys.names());
    names.putAll(Condition.names(projection));
    return pages(querying(keys).limit(limit).projectionExpression(projection).expressionAttributeNames(names), limit);
  }

  private static KeysAndAttributes batch(List<Map<String, AttributeValue>> keys, List<String> attributes) {
    var batch = KeysAndAttributes.builder().keys(keys).consistentRead(true);
    if (attributes.isEmpty()) return batch.build();
    String projection = projection(attributes);
    return batch.projectionExpression(projection).expressionAttributeNames(Condition.names(projection)).build();
  }

  private static String projection(List<String> attributes) {
    return attributes.stream().map(attribute -> "#" + attribute).collect(Collectors.joining(", "));
  }

  /** What a local index holds of the items that a key condition names, in the order of the index, page by page. */
  List<Map<String, AttributeValue>> queryIndex(String index, Condition keys) {
    return pages(querying(keys).indexName(index), Integer.MAX_VALUE);
  }

  private QueryRequest.Builder querying(Condition keys) {
    return QueryRequest.builder().tableName(name).consistentRead(true).keyConditionExpression(keys.expression())
        .expressionAttributeNames(keys.names()).expressionAttributeValues(keys.values());
  }

  private List<Map<String, AttributeValue>> pages(QueryRequest.Builder query, int limit) {
    var items = new ArrayList<Map<String, AttributeValue>>();
    while (true) {
      var page = client.query(query.build());
      items.addAll(page.items());
      if (items.size() >= limit) return items.subList(0, limit);
      if (!page.hasLastEvaluatedKey()) return items;
      query.exclusiveStartKey(page.lastEvaluatedKey());
    }
  }

  /**
   * A page of a scan.
   *
   * @param items the items of the page that have one of the attributes
   * @param last the key of the last item that was read; null at the end of the table
   */
  record Page(List<Map<String, AttributeValue>> items, @Nullable Map<String, AttributeValue> last) {}

  /** The next items that have one of these attributes, among so many items that are read. */
  Page scan(List<String> attributes, @Nullable Map<String, AttributeValue> after, int limit) {
    String wanted = attributes.stream().map(attribute -> "attribute_exists(#" + attribute + ")")
        .collect(Collectors.joining(" OR "));
    var page = client.scan(scan -> scan.tableName(name).consistentRead(true).limit(limit).exclusiveStartKey(after)
        .filterExpression(wanted).expressionAttributeNames(Condition.names(wanted)));
    return new Page(page.items(), page.hasLastEvaluatedKey() ? page.lastEvaluatedKey() : null);
  }

  void put(Map<String, AttributeValue> item) {
    client.putItem(put -> put.tableName(name).item(item));
  }

  /**
   * Stores an item.
   *
   * @param condition what must hold of the item before; null for nothing. The item before is then not returned.
   */
  WriteResult put(Map<String, AttributeValue> item, @Nullable Condition condition) {
    if (condition == null) {
      put(item);
      return new WriteResult(true, Map.of());
    }
    try {
      var response = client.putItem(put -> put.tableName(name).item(item).conditionExpression(condition.expression())
          .expressionAttributeNames(condition.names()).expressionAttributeValues(condition.valuesOrNull())
          .returnValues(ReturnValue.ALL_OLD)
          .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD));
      return new WriteResult(true, response.attributes());
    } catch (ConditionalCheckFailedException e) {
      return new WriteResult(false, e.item());
    }
  }

  WriteResult update(Map<String, AttributeValue> key, ItemUpdate change) {
    try {
      var response = client.updateItem(update -> update.tableName(name).key(key).updateExpression(change.expression())
          .conditionExpression(change.conditionExpression()).expressionAttributeNames(change.names())
          .expressionAttributeValues(change.values()).returnValues(ReturnValue.ALL_OLD)
          .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD));
      return new WriteResult(true, response.attributes());
    } catch (ConditionalCheckFailedException e) {
      return new WriteResult(false, e.item());
    }
  }

  /**
   * Deletes an item if the condition holds. The result says whether the item is gone; a second try finds no item and
   * says so too.
   */
  boolean delete(Map<String, AttributeValue> key, Condition condition) {
    try {
      client.deleteItem(delete -> delete.tableName(name).key(key).conditionExpression(condition.expression())
          .expressionAttributeNames(condition.names()).expressionAttributeValues(condition.valuesOrNull()));
      return true;
    } catch (ConditionalCheckFailedException e) {
      // The item belongs to another process by now, or is gone. In both cases it is not ours to delete.
      return false;
    }
  }

  /** The same, with the item that was deleted. */
  WriteResult remove(Map<String, AttributeValue> key, Condition condition) {
    try {
      var response = client.deleteItem(delete -> delete.tableName(name).key(key)
          .conditionExpression(condition.expression()).expressionAttributeNames(condition.names())
          .expressionAttributeValues(condition.valuesOrNull()).returnValues(ReturnValue.ALL_OLD));
      return new WriteResult(true, response.attributes());
    } catch (ConditionalCheckFailedException e) {
      return new WriteResult(false, Map.of());
    }
  }

  /** Waits before reading the rest of a throttled batch, because DynamoDB needs time. */
  private static void pause(int tries) {
    try {
      MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(FIRST_PAUSE_MILLIS << tries));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading a batch", e);
    }
  }
}
