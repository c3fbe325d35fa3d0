package social.avatarai.mcp.benchmarks.schedule;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.stream.Stream;
import social.avatarai.mcp.aws.dynamodb.Tables;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The tables that a run of the schedule reads and writes. They are created for a benchmark, and dropped at its end. */
final class ScheduledTables implements AutoCloseable {
  private static final int AT_ONCE = 16;

  private final DynamoDbClient client;
  private final Tables tables;

  ScheduledTables(DynamoDbClient client, Tables tables) {
    this.client = client;
    this.tables = tables;
    tables.creations().forEach(creation -> {
      client.createTable(creation);
      client.waiter().waitUntilTableExists(table -> table.tableName(creation.tableName()));
    });
  }

  /** All items, by table. */
  Map<String, List<Map<String, AttributeValue>>> contents() {
    var contents = new HashMap<String, List<Map<String, AttributeValue>>>();
    Stream.of(tables.tokens(), tables.due()).forEach(name -> contents.put(name, items(name)));
    return contents;
  }

  private List<Map<String, AttributeValue>> items(String table) {
    var items = new ArrayList<Map<String, AttributeValue>>();
    client.scanPaginator(scan -> scan.tableName(table).consistentRead(true)).items().forEach(items::add);
    return items;
  }

  /** Puts the tables back into this state. */
  void restore(Map<String, List<Map<String, AttributeValue>>> contents) {
    contents.forEach((table, items) -> {
      together(items(table), item -> client.deleteItem(delete -> delete.tableName(table)
          .key(Map.of("pk", item.get("pk"), "sk", item.get("sk")))));
      together(items, item -> client.putItem(put -> put.tableName(table).item(item)));
    });
  }

  static <T> void together(Collection<T> all, Consumer<T> each) {
    together(AT_ONCE, all, each);
  }

  /** Works with all of them, with this many threads at once. */
  static <T> void together(int atOnce, Collection<T> all, Consumer<T> each) {
    var places = new Semaphore(atOnce);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var one : all) {
        places.acquireUninterruptibly();
        threads.execute(() -> {
          try {
            each.accept(one);
          } finally {
            places.release();
          }
        });
      }
    }
  }

  @Override
  public void close() {
    tables.creations().forEach(creation -> client.deleteTable(table -> table.tableName(creation.tableName())));
  }
}
