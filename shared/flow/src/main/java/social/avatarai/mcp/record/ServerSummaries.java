package social.avatarai.mcp.record;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;

/** The users' servers as they are listed: neither their documents nor anything that is sealed is read. Reads are consistent. */
public interface ServerSummaries {

  /** One server. */
  Optional<Listed<ServerSummary>> find(ConnectionKey key);

  /**
   * The user's servers in the order of their ids: one query, and one more for each time that the counters beside them
   * fill a page.
   *
   * @param after the id before the first; null to begin
   * @param limit the most that are returned
   */
  List<Listed<ServerSummary>> page(UserId user, @Nullable ConnectionId after, int limit);
}
