package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Listed;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Maps the items of a list one by one. */
final class Listing {
  private Listing() {}

  /** Whether an item belongs to a connection. Leases, counters and the like have other keys. */
  static boolean isConnection(Map<String, AttributeValue> item) {
    return ConnectionId.isValid(sort(item));
  }

  /** The sort key; "" if there is none. */
  static String sort(Map<String, AttributeValue> item) {
    return item.getOrDefault(Tables.SORT, text("")).s();
  }

  /** The item of a connection, whether it is readable or not. */
  static <T> Listed<T> of(String table, Map<String, AttributeValue> item, Function<ItemReader, T> mapping) {
    return of(new ConnectionId(sort(item)), () -> ItemReader.map(table, item, mapping));
  }

  /** The same of an item whose sort key is not the connection alone. */
  static <T> Listed<T> of(ConnectionId connection, Supplier<T> mapped) {
    try {
      return Listed.readable(connection, mapped.get());
    } catch (Failure.Misconfigured unreadable) {
      return Listed.unreadable(connection, unreadable.detail());
    }
  }
}
