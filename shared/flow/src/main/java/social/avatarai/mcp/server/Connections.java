package social.avatarai.mcp.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.ServerSummaries;
import social.avatarai.mcp.record.ServerSummary;
import social.avatarai.mcp.token.GrantSummaries;
import social.avatarai.mcp.token.GrantSummary;

/**
 * Lists a user's connections: first those of server records, with or without a grant, in the order of their ids; then
 * those of resources without a record. No encrypted attribute is read except the account.
 */
public final class Connections {
  private final ServerSummaries servers;
  private final GrantSummaries grants;
  private final ConnectionViews views;
  private final Journal journal;

  public Connections(ServerSummaries servers, GrantSummaries grants, ConnectionViews views, Journal journal) {
    this.servers = servers;
    this.grants = grants;
    this.views = views;
    this.journal = journal;
  }

  /**
   * A page of a user's connections.
   *
   * @param connections the connections
   * @param next the last connection of this page, where more follow; null at the end
   */
  public record Page(List<ConnectionView> connections, @Nullable ConnectionId next) {}

  /**
   * One page of a user's connections.
   *
   * @param after the connection before the first one; null to begin
   * @param limit the maximum number of connections
   */
  public Page page(UserId user, @Nullable ConnectionId after, int limit) {
    // Reads one more than the page shows, to know whether another page follows.
    int wanted = limit + 1;
    boolean inServers = after == null || !after.isOfResource();
    List<Listed<ServerSummary>> records = inServers ? servers.page(user, after, wanted) : List.of();
    List<Listed<GrantSummary>> resources = records.size() == wanted
        ? List.of()
        : grants.ofResources(user, inServers ? null : after, wanted - records.size());
    var shown = new ArrayList<ConnectionView>();
    shown.addAll(ofServers(user, records.subList(0, Math.min(limit, records.size()))));
    resources.stream().limit(limit - shown.size()).forEach(grant -> shown.add(ofResource(grant)));
    boolean more = records.size() + resources.size() > limit;
    return new Page(List.copyOf(shown), more ? shown.getLast().id() : null);
  }

  /** One connection; {@code not_found} where there is none. */
  public ConnectionView one(ConnectionKey key) {
    var id = key.connection();
    var found = id.isOfResource()
        ? grants.read(key.user(), List.of(id)).stream().findFirst().map(this::ofResource)
        : servers.find(key).map(record -> ofServers(key.user(), List.of(record)).getFirst());
    return found.orElseThrow(() -> new Failure.Unknown(ErrorCode.NOT_FOUND, "There is no such connection."));
  }

  private List<ConnectionView> ofServers(UserId user, List<Listed<ServerSummary>> records) {
    if (records.isEmpty()) return List.of();
    Map<ConnectionId, Listed<GrantSummary>> held = grants.read(user, records.stream().map(Listed::connection).toList())
        .stream().collect(Collectors.toMap(Listed::connection, Function.identity()));
    return records.stream().map(record -> ofServer(record, Optional.ofNullable(held.get(record.connection()))))
        .toList();
  }

  private ConnectionView ofServer(Listed<ServerSummary> record, Optional<Listed<GrantSummary>> grant) {
    if (record.value() == null) return unreadable(record, Status.DISCONNECTED);
    if (grant.isPresent() && grant.get().value() == null) {
      return unreadable(grant.get(), Status.REAUTHORIZATION_REQUIRED);
    }
    return views.of(record.value(), grant.flatMap(Listed::read));
  }

  private ConnectionView ofResource(Listed<GrantSummary> grant) {
    return grant.value() == null ? unreadable(grant, Status.REAUTHORIZATION_REQUIRED) : views.of(grant.value());
  }

  private ConnectionView unreadable(Listed<?> row, Status status) {
    journal.write("connection_unreadable", Map.of("connection", row.connection(), "detail", row.fault()));
    return ConnectionViews.unreadable(row.connection(), status);
  }
}
