package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.Revision;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The rows of a user's servers, page by page. The counters in the same partition are passed over. */
final class ServerRows {
  /** Sorts before every id. */
  private static final String FIRST = " ";

  private ServerRows() {}

  /**
   * The next rows in the order of their ids.
   *
   * @param attributes the attributes to read; all if none are named
   */
  static List<Map<String, AttributeValue>> page(Table table, UserId user, @Nullable ConnectionId after, int limit,
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

  /**
   * Writes a server's item with a fresh revision, if the precondition holds. A second try, after a lost response, finds
   * the revision of the first one.
   */
  static Optional<Revision> put(Table table, Map<String, AttributeValue> server, Precondition precondition) {
    var revision = Revision.fresh();
    var item = new HashMap<>(server);
    item.put(ServerItem.REVISION, text(revision.value()));
    var condition = ServerItem.condition(precondition);
    if (condition == null) {
      table.put(item);
      return Optional.of(revision);
    }
    var written = table.put(item, condition);
    boolean put = written.applied()
        || written.text(ServerItem.REVISION).filter(revision.value()::equals).isPresent();
    return put ? Optional.of(revision) : Optional.empty();
  }
}
