package social.avatarai.mcp.record;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.McpServer.Status;

/**
 * Stores the built-in servers: the operator writes them for all users, and each user has a connection of their own to
 * them. What was noted about a connection belongs to its user alone. Notes about a server that has another URL or
 * another client now do not count. Reads are consistent.
 *
 * <p>The MCP session is encrypted at rest, bound to user, server and URL.
 */
public interface BuiltInServers {

  /**
   * A built-in server as this user sees it: under the user's key, with what was noted for this user. Costs one read.
   */
  default Optional<McpServer> find(ConnectionKey key) {
    return stored(key).map(StoredServer::server);
  }

  /** The same with its revision, which is the same for all users. */
  Optional<StoredServer> stored(ConnectionKey key);

  /**
   * All built-in servers as this user sees them, in the order of their ids. A server that cannot be read is left out, so
   * that it does not cost every user the list.
   */
  List<McpServer> all(UserId user);

  /** The ids of the built-in servers, readable or not. */
  List<ConnectionId> ids();

  /**
   * Stores a built-in server for all users, in place of a former one with the same id. The user in its key, its status,
   * its error and its protocol are not stored.
   *
   * @return the revision of the stored server; empty if the precondition does not hold, and nothing is stored
   */
  Optional<Revision> put(McpServer server, Precondition precondition);

  /** The same in place of any former server. */
  default void put(McpServer server) {
    var _ = put(server, Precondition.none());
  }

  /**
   * Deletes a built-in server, if this precondition holds. What was noted for users stays until they are deleted.
   *
   * @return whether a server was deleted
   */
  boolean delete(ConnectionId id, Precondition precondition);

  /** The same whatever is stored. */
  default void delete(ConnectionId id) {
    boolean _ = delete(id, Precondition.none());
  }

  /**
   * Notes the status of this user's connection to a built-in server.
   *
   * @param server the server as the user sees it
   * @param error why the last attempt to connect failed; null to remove the error
   */
  void note(McpServer server, Status status, @Nullable ConnectionError error);

  /** The same as {@link Servers#keepProtocol} for this user's connection to a built-in server. */
  boolean keepProtocol(McpServer server, NegotiatedProtocol protocol);

  /** The same as {@link Servers#forgetProtocol} for this user's connection to a built-in server. */
  void forgetProtocol(McpServer server);

  /** The ids of the servers about which something is noted for this user. The servers may be gone. */
  List<ConnectionId> noted(UserId user);

  /** Deletes what is noted about this connection. */
  void forgetNotes(ConnectionKey key);
}
