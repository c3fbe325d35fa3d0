package social.avatarai.mcp.token;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.UserId;

/**
 * The grants that wait for a decision of their users. They are sealed at rest, and neither lists nor look-ups by URL, by
 * refresh token or by what is due find them. Several may be kept for one connection, and the connection names the one
 * that can be decided for: so two consents at the same time do not delete each other's grant.
 */
public interface WaitingGrants {

  void keep(WaitingGrant waiting);

  /** The grant that waits under this id, which may have expired; empty also if it cannot be opened. */
  Optional<WaitingGrant> find(ConnectionKey connection, GrantId id);

  /** The connections of the user for which a grant is kept, readable or expired or not, each once. */
  List<ConnectionId> connections(UserId user);

  /** Deletes this grant. */
  void forget(ConnectionKey connection, GrantId id);

  /**
   * Deletes all grants that are kept for a connection.
   *
   * @param before is given each grant that can be opened, before it is deleted
   */
  void forgetAll(ConnectionKey connection, Consumer<Grant> before);
}
