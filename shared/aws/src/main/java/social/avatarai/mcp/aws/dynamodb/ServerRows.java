package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.UserId;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The rows of a user's servers, page by page. The counters in the same partition are passed over. */
final class ServerRows {
  /** Sorts before every id. */
  private static final String FIRST = " ";

  private final Table table;

  ServerRows(DynamoDbClient client, Tables tables) {
    this.table = new Table(client, tables.servers());
  }

  /**
   * The next rows in the order of their ids.
   *
   * @param attributes the attributes to read; all if none are named
   */
  List<Map<String, AttributeValue>> page(UserId user, @Nullable ConnectionId after, int limit,
      List<String> attributes) {
    var found = new ArrayList<Map<String, AttributeValue>>();
    String last = after == null ? FIRST : after.value();
    while (true) {
      var range = Condition.of("#pk = :pk AND #sk > :last").with("pk", text(ServerItem.partition(user)))
          .with("last", text(last));
      int wanted = limit - found.size();
      var items = attributes.isEmpty() ? table.query(range, wanted) : table.query(range, wanted, attributes);
      items.stream().filter(Listing::isConnection).forEach(found::add);
      if (found.size() == limit || items.size() < wanted) return found;
      last = Listing.sort(items.getLast());
    }
  }
}
