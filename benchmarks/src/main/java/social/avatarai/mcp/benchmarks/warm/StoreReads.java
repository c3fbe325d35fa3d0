package social.avatarai.mcp.benchmarks.warm;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.Map;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;

/**
 * The embedded store alone, in a process of its own: the consistent read of one item of 1.1 KB in 22 attributes, as a
 * grant has them. Each line {@code THREADS SECONDS} of standard input is one measurement, whose result is one line.
 */
public final class StoreReads {
  private static final Map<String, AttributeValue> KEY = Map.of("pk", text("user#someone"), "sk", text("warm"));

  private StoreReads() {}

  public static void main(String[] arguments) throws IOException {
    var client = EmbeddedDynamoDb.inMemory().client();
    var tables = Tables.withPrefix("warm-");
    tables.creations().forEach(client::createTable);
    client.putItem(put -> put.tableName(tables.tokens()).item(item()));
    var read = GetItemRequest.builder().tableName(tables.tokens()).key(KEY).consistentRead(true).build();
    var lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      var words = line.split(" ");
      System.out.println(measure(client, read, Integer.parseInt(words[0]), Double.parseDouble(words[1])));
    }
    System.exit(0);
  }

  private static String measure(DynamoDbClient client, GetItemRequest read, int threads, double seconds) {
    var load = Load.run(threads, seconds, _ -> () -> client.getItem(read), ProcessHandle.current());
    return load.toLine();
  }

  private static Map<String, AttributeValue> item() {
    var item = new HashMap<>(KEY);
    for (int i = 0; i < 20; i++)
      item.put("attribute" + i, text("v".repeat(42)));
    return item;
  }

  private static AttributeValue text(String value) {
    return AttributeValue.fromS(value);
  }
}
