package social.avatarai.mcp.token;

import java.util.List;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;

/** Grants as they are listed: nothing that is sealed is read. Reads are consistent. */
public interface GrantSummaries {

  /** Those of these connections of the user that have a grant, in no order: one read for each 100 connections. */
  List<Listed<GrantSummary>> read(UserId user, List<ConnectionId> connections);

  /**
   * The grants of the user's connections of a resource alone, in the order of their ids: one query.
   *
   * @param after the id before the first; null to begin
   * @param limit the most that are returned
   */
  List<Listed<GrantSummary>> ofResources(UserId user, @Nullable ConnectionId after, int limit);
}
