package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;
import static social.avatarai.mcp.aws.dynamodb.Values.textOrNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.BuiltInServers;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.Revision;
import social.avatarai.mcp.record.StoredServer;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The built-in servers in DynamoDB: one item each, in the deployment's partition of the servers' table. What is noted for
 * a user is in the partition of that user, see {@link BuiltInNotes}.
 */
public final class DynamoDbBuiltInServers implements BuiltInServers {
  private final Table table;
  private final TokenCipher cipher;
  private final BuiltInNotes notes;

  public DynamoDbBuiltInServers(DynamoDbClient client, Tables tables, TokenCipher cipher) {
    this.table = new Table(client, tables.servers());
    this.cipher = cipher;
    this.notes = new BuiltInNotes(cipher);
  }

  @Override
  public Optional<StoredServer> stored(ConnectionKey key) {
    var found = BuiltInRows.of(table.getAll(BuiltInRows.keys(key)));
    return found.server()
        .map(item -> new StoredServer(server(item, found.notes(), key.user()), ServerItem.revision(item)));
  }

  @Override
  public List<McpServer> all(UserId user) {
    var items = partition();
    if (items.isEmpty()) return List.of();
    var noted = BuiltInNotes.byConnection(notesOf(user));
    return items.stream()
        .flatMap(item -> readable(item, noted.get(new ConnectionId(Listing.sort(item))), user).stream())
        .toList();
  }

  private Optional<McpServer> readable(Map<String, AttributeValue> item, @Nullable Map<String, AttributeValue> noted,
      UserId user) {
    try {
      return Optional.of(server(item, noted, user));
    } catch (Failure.Misconfigured e) {
      return Optional.empty();
    }
  }

  private McpServer server(Map<String, AttributeValue> item, @Nullable Map<String, AttributeValue> noted,
      UserId user) {
    var server = ServerItem.ofBuiltIns(cipher, user).server(item);
    return notes.over(server.seenBy(user), noted);
  }

  @Override
  public List<ConnectionId> ids() {
    return partition().stream().map(item -> new ConnectionId(Listing.sort(item))).toList();
  }

  private List<Map<String, AttributeValue>> partition() {
    return table.query(Condition.of("#pk = :pk").with("pk", text(BuiltInRows.PARTITION))).stream()
        .filter(Listing::isConnection)
        .toList();
  }

  @Override
  public Optional<Revision> put(McpServer server, Precondition precondition) {
    var item = ServerItem.ofBuiltIns(cipher, server.key().user()).of(server.noted(Status.DISCONNECTED, null, null));
    var row = RevisedServer.of(item);
    return row.ifApplied(table.put(row.item(), ServerItem.condition(precondition)));
  }

  @Override
  public boolean delete(ConnectionId id, Precondition precondition) {
    return table.delete(BuiltInRows.key(id), ServerItem.deletion(precondition));
  }

  @Override
  public void note(McpServer server, Status status, @Nullable ConnectionError error) {
    var attributes = new LinkedHashMap<String, @Nullable AttributeValue>(ServerItem.error(error));
    attributes.put("status", text(status.name()));
    var _ = write(server, notes.about(server), attributes);
  }

  /**
   * Updates the notes about this server, or begins new ones in place of those about a server that is no more. Another
   * call, or an earlier try whose response was lost, may begin them first. So the update is then tried once more.
   */
  private WriteResult write(McpServer server, Condition condition, Map<String, @Nullable AttributeValue> attributes) {
    var about = notes.about(server);
    Supplier<WriteResult> update = () -> table.update(BuiltInNotes.key(server.key()),
        ItemUpdate.when(about.and(condition)).set(attributes));
    var updated = update.get();
    if (updated.applied()) return updated;
    var begun = table.update(BuiltInNotes.key(server.key()),
        ItemUpdate.when(notes.outdated(server)).set(notes.begun(server, attributes)));
    return begun.applied() ? begun : update.get();
  }

  @Override
  public boolean keepProtocol(McpServer server, NegotiatedProtocol protocol) {
    return notes.protocol(server).keep(protocol, server.protocol(), (session, attributes) -> {
      var all = new LinkedHashMap<String, @Nullable AttributeValue>(attributes);
      all.put(ServerQuery.DIGEST, textOrNull(notes.digest(server)));
      return write(server, notes.otherQuery(server).or(session), all);
    });
  }

  @Override
  public void forgetProtocol(McpServer server) {
    notes.protocol(server).forget(server.protocol(),
        (session, attributes) -> table.update(BuiltInNotes.key(server.key()),
            ItemUpdate.when(notes.about(server).and(session)).set(attributes)));
  }

  @Override
  public List<ConnectionId> noted(UserId user) {
    return notesOf(user).stream().map(BuiltInNotes::connection).toList();
  }

  private List<Map<String, AttributeValue>> notesOf(UserId user) {
    return table.query(Condition.range(ServerItem.partition(user), BuiltInNotes.PREFIX));
  }

  @Override
  public void forgetNotes(ConnectionKey key) {
    table.delete(BuiltInNotes.key(key), Condition.present());
  }
}
