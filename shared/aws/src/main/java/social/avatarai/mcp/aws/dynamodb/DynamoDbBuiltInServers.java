package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;
import static social.avatarai.mcp.aws.dynamodb.Values.textOrNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.BuiltInServers;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.ServerSummary;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The built-in servers in DynamoDB: one item each, in the deployment's partition of the servers' table. What is noted for
 * a user is in the partition of that user, see {@link BuiltInNotes}.
 */
public final class DynamoDbBuiltInServers implements BuiltInServers {
  private static final String PARTITION = Owner.deployment().key();
  /** Sorts before every id. */
  private static final String FIRST = " ";

  private final Table table;
  private final TokenCipher cipher;
  private final BuiltInNotes notes;

  public DynamoDbBuiltInServers(DynamoDbClient client, Tables tables, TokenCipher cipher) {
    this.table = new Table(client, tables.servers());
    this.cipher = cipher;
    this.notes = new BuiltInNotes(cipher);
  }

  @Override
  public Optional<McpServer> find(ConnectionKey key) {
    var found = read(key, List.of());
    return found.server().map(item -> server(item, found.notes().orElse(null), key.user()));
  }

  @Override
  public List<McpServer> all(UserId user) {
    var items = partition();
    if (items.isEmpty()) return List.of();
    var noted = BuiltInNotes.byConnection(notesOf(user));
    return items.stream().map(item -> server(item, noted.get(new ConnectionId(Listing.sort(item))), user)).toList();
  }

  private McpServer server(Map<String, AttributeValue> item, @Nullable Map<String, AttributeValue> noted,
      UserId user) {
    var server = ServerItem.ofBuiltIns(cipher, user).server(item);
    return notes.over(server.seenBy(user), noted);
  }

  @Override
  public Optional<Listed<ServerSummary>> summary(ConnectionKey key) {
    var found = read(key, summarized());
    return found.server().map(item -> listed(item, found.notes().orElse(null), key.user()));
  }

  /** A built-in server and what is noted for one user, as items. */
  private record Found(Optional<Map<String, AttributeValue>> server, Optional<Map<String, AttributeValue>> notes) {}

  private Found read(ConnectionKey key, List<String> attributes) {
    var items = table.getAll(List.of(key(key.connection()), BuiltInNotes.key(key)), attributes);
    return new Found(items.stream().filter(DynamoDbBuiltInServers::isBuiltIn).findFirst(),
        items.stream().filter(item -> !isBuiltIn(item)).findFirst());
  }

  private static boolean isBuiltIn(Map<String, AttributeValue> item) {
    return PARTITION.equals(item.getOrDefault(Tables.PARTITION, text("")).s());
  }

  private static List<String> summarized() {
    return Stream.concat(ServerItem.SUMMARY.stream(), BuiltInNotes.SUMMARY.stream()).distinct().toList();
  }

  @Override
  public List<Listed<ServerSummary>> page(UserId user, @Nullable ConnectionId after, int limit) {
    var range = Condition.of("#pk = :pk AND #sk > :last").with("pk", text(PARTITION)).with("last",
        text(after == null ? FIRST : after.value()));
    var items = table.query(range, limit, ServerItem.SUMMARY).stream().filter(Listing::isConnection).toList();
    var noted = BuiltInNotes.byConnection(notesAbout(items, user));
    return items.stream().map(item -> listed(item, noted.get(new ConnectionId(Listing.sort(item))), user)).toList();
  }

  private List<Map<String, AttributeValue>> notesAbout(List<Map<String, AttributeValue>> servers, UserId user) {
    var keys = servers.stream().map(item -> BuiltInNotes.key(new ConnectionKey(user, new ConnectionId(
        Listing.sort(item))))).toList();
    var found = new ArrayList<Map<String, AttributeValue>>();
    for (int from = 0; from < keys.size(); from += Table.MAX_KEYS)
      found.addAll(table.getAll(keys.subList(from, Math.min(keys.size(), from + Table.MAX_KEYS)),
          BuiltInNotes.SUMMARY));
    return found;
  }

  private static Listed<ServerSummary> listed(Map<String, AttributeValue> item,
      @Nullable Map<String, AttributeValue> noted, UserId user) {
    return Listing.of(ServerItem.TABLE, item, row -> BuiltInNotes.over(ServerItem.summary(row, user), noted));
  }

  @Override
  public List<ConnectionId> ids() {
    return partition().stream().map(item -> new ConnectionId(Listing.sort(item))).toList();
  }

  private List<Map<String, AttributeValue>> partition() {
    return table.query(Condition.of("#pk = :pk").with("pk", text(PARTITION))).stream().filter(Listing::isConnection)
        .toList();
  }

  private static Map<String, AttributeValue> key(ConnectionId id) {
    return Values.key(PARTITION, id.value());
  }

  @Override
  public void put(McpServer server) {
    table.put(ServerItem.ofBuiltIns(cipher, server.key().user()).of(server.noted(Status.DISCONNECTED, null, null)));
  }

  @Override
  public void delete(ConnectionId id) {
    table.delete(key(id), Condition.of("attribute_exists(#pk)"));
  }

  @Override
  public void note(McpServer server, Status status, @Nullable ConnectionError error) {
    var attributes = new LinkedHashMap<>(ServerItem.error(error));
    attributes.put("status", text(status.name()));
    var _ = write(server, BuiltInNotes.about(server), attributes);
  }

  /** Updates the notes about this server, or begins new ones in place of those about a server that is no more. */
  private WriteResult write(McpServer server, Condition condition, Map<String, @Nullable AttributeValue> attributes) {
    var about = BuiltInNotes.about(server);
    var updated = table.update(BuiltInNotes.key(server.key()),
        ItemUpdate.when(about.and(condition)).set(attributes));
    if (updated.applied()) return updated;
    var begun = table.put(BuiltInNotes.of(server, attributes), BuiltInNotes.outdated(server));
    return begun.applied() ? begun : updated;
  }

  @Override
  public boolean keepProtocol(McpServer server, NegotiatedProtocol protocol) {
    return notes.protocol(server).keep(protocol, server.protocol(), (session, attributes) -> {
      var all = new LinkedHashMap<>(attributes);
      all.put(ServerQuery.DIGEST, textOrNull(notes.digest(server)));
      return write(server, notes.otherQuery(server).or(session), all);
    });
  }

  @Override
  public void forgetProtocol(McpServer server) {
    notes.protocol(server).forget(server.protocol(),
        (session, attributes) -> table.update(BuiltInNotes.key(server.key()),
            ItemUpdate.when(BuiltInNotes.about(server).and(session)).set(attributes)));
  }

  @Override
  public List<ConnectionId> noted(UserId user) {
    return notesOf(user).stream().map(BuiltInNotes::connection).toList();
  }

  private List<Map<String, AttributeValue>> notesOf(UserId user) {
    var range = Condition.of("#pk = :pk AND begins_with(#sk, :prefix)")
        .with("pk", text(ServerItem.partition(user))).with("prefix", text(BuiltInNotes.PREFIX));
    return table.query(range);
  }

  @Override
  public void forgetNotes(ConnectionKey key) {
    table.delete(BuiltInNotes.key(key), Condition.of("attribute_exists(#pk)"));
  }
}
