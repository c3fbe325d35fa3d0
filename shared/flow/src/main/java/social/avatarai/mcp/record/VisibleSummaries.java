package social.avatarai.mcp.record;

import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;

/** Lists the servers that a user sees: their own, and the operator's built-in ones; see {@link VisibleServers}. */
public final class VisibleSummaries implements ServerSummaries {
  private final ServerSummaries own;
  private final ServerSummaries builtIns;

  public VisibleSummaries(ServerSummaries own, ServerSummaries builtIns) {
    this.own = own;
    this.builtIns = builtIns;
  }

  @Override
  public Optional<Listed<ServerSummary>> find(ConnectionKey key) {
    return own.find(key).or(() -> builtIns.find(key));
  }

  /** Each kind is asked for a whole page, because the page may consist of one kind alone. */
  @Override
  public List<Listed<ServerSummary>> page(UserId user, @Nullable ConnectionId after, int limit) {
    var byId = new TreeMap<String, Listed<ServerSummary>>();
    for (var kind : List.of(builtIns.page(user, after, limit), own.page(user, after, limit)))
      kind.forEach(row -> byId.put(row.connection().value(), row));
    return byId.values().stream().limit(limit).toList();
  }
}
