package social.avatarai.mcp.record;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;

/** Lists the users' servers. Neither documents nor encrypted attributes are read. Reads are consistent. */
public interface ServerSummaries {

  /** One server. */
  Optional<Listed<ServerSummary>> find(ConnectionKey key);

  /**
   * The user's servers in the order of their ids. Costs one query, and one more each time that the counters stored
   * beside the servers fill a page.
   *
   * @param after the id before the first server; null to begin
   * @param limit the maximum number of servers
   */
  List<Listed<ServerSummary>> page(UserId user, @Nullable ConnectionId after, int limit);
}
