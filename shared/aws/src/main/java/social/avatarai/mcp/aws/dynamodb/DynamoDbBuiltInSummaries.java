package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.ServerSummaries;
import social.avatarai.mcp.record.ServerSummary;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The built-in servers in DynamoDB, as lists show them to a user. A page costs one query, and one more read if there are
 * built-in servers, for what is noted about them for the user.
 */
public final class DynamoDbBuiltInSummaries implements ServerSummaries {
  /** Sorts before every id. */
  private static final String FIRST = " ";
  private static final List<String> ATTRIBUTES = Stream.of(ServerItem.SUMMARY, BuiltInNotes.SUMMARY)
      .flatMap(List::stream).distinct().toList();

  private final Table table;

  public DynamoDbBuiltInSummaries(DynamoDbClient client, Tables tables) {
    this.table = new Table(client, tables.servers());
  }

  @Override
  public Optional<Listed<ServerSummary>> find(ConnectionKey key) {
    var found = BuiltInRows.of(table.getAll(BuiltInRows.keys(key), ATTRIBUTES));
    return found.server().map(item -> listed(item, found.notes(), key.user()));
  }

  @Override
  public List<Listed<ServerSummary>> page(UserId user, @Nullable ConnectionId after, int limit) {
    var range = Condition.of("#pk = :pk AND #sk > :last").with("pk", text(BuiltInRows.PARTITION)).with("last",
        text(after == null ? FIRST : after.value()));
    var items = table.query(range, limit, ATTRIBUTES);
    var noted = BuiltInNotes.byConnection(notesAbout(items.stream().map(DynamoDbBuiltInSummaries::id).toList(), user));
    return items.stream().map(item -> listed(item, noted.get(id(item)), user)).toList();
  }

  private static ConnectionId id(Map<String, AttributeValue> item) {
    return new ConnectionId(Listing.sort(item));
  }

  private List<Map<String, AttributeValue>> notesAbout(List<ConnectionId> servers, UserId user) {
    return table.getAll(servers.stream().map(id -> BuiltInNotes.key(new ConnectionKey(user, id))).toList(),
        BuiltInNotes.SUMMARY);
  }

  private static Listed<ServerSummary> listed(Map<String, AttributeValue> item,
      @Nullable Map<String, AttributeValue> noted, UserId user) {
    return Listing.of(ServerItem.TABLE, item,
        row -> BuiltInNotes.over(ServerItem.summary(row, user), row.textOrNull(EnteredItem.DIGEST), noted));
  }
}
