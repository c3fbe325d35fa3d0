package social.avatarai.mcp.token;

import java.util.List;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;

/** Grants for lists: no sealed attribute is read except the account. Reads are consistent. */
public interface GrantSummaries {

  /** The grants of these connections of the user, in no order. One read for each 100 connections. */
  List<Listed<GrantSummary>> read(UserId user, List<ConnectionId> connections);

  /**
   * The grants of the user's connections without a server record, in the order of their ids. This takes one query.
   *
   * @param after the id before the first one; null to begin
   * @param limit the most grants returned
   */
  List<Listed<GrantSummary>> ofResources(UserId user, @Nullable ConnectionId after, int limit);
}
