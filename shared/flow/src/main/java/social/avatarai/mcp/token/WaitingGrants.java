package social.avatarai.mcp.token;

import java.util.Optional;
import social.avatarai.mcp.ConnectionKey;

/**
 * The grants that wait for a decision of their users, at most one for each connection. They are sealed at rest, and
 * neither lists nor look-ups by URL, by refresh token or by what is due find them.
 */
public interface WaitingGrants {

  /** Keeps a grant in place of the one that waits for the same connection. */
  void keep(WaitingGrant waiting);

  /** The grant that waits, which may have expired; empty also if it cannot be opened. */
  Optional<WaitingGrant> find(ConnectionKey connection);

  /** Deletes the grant that waits for a connection, whichever it is. */
  void forgetAll(ConnectionKey connection);

  /** Deletes this grant, unless another one waits by now. */
  void forget(WaitingGrant waiting);
}
