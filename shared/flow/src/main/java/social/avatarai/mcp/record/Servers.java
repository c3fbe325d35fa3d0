package social.avatarai.mcp.record;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.UserId;

/**
 * Stores the users' servers. Reads are consistent. The MCP session is encrypted at rest, bound to user, server and URL.
 */
public interface Servers {

  /** A server with its revision. */
  Optional<StoredServer> stored(ConnectionKey key);

  default Optional<McpServer> find(ConnectionKey key) {
    return stored(key).map(StoredServer::server);
  }

  /** All servers of a user, in the order of their ids. */
  List<McpServer> all(UserId user);

  /**
   * Some of a user's servers in the order of their ids. Costs one query, and one more each time that the counters stored
   * beside the servers fill a page.
   *
   * @param after the id before the first server; null to begin
   * @param limit the maximum number of servers
   */
  List<McpServer> page(UserId user, @Nullable ConnectionId after, int limit);

  /** The ids of a user's servers, readable or not. */
  List<ConnectionId> connections(UserId user);

  /** Stores a server in place of any former one with the same key. */
  default void put(McpServer server) {
    var _ = put(server, Precondition.none());
  }

  /**
   * Stores a server in place of a former one with the same key, if this precondition holds at the moment of the write.
   *
   * @return the revision of the stored server; empty if the precondition does not hold, and nothing is stored
   */
  Optional<Revision> put(McpServer server, Precondition precondition);

  /**
   * Stores the server {@link McpServer#relocated relocated} to this URL, if it is still there and its user has changed
   * nothing since this copy was read. The stored server has a revision of its own.
   *
   * @return whether it is stored
   */
  boolean relocate(McpServer server, EndpointUrl url);

  /** Deletes a server, if it is there. */
  default void delete(ConnectionKey key) {
    boolean _ = delete(key, Precondition.none());
  }

  /**
   * Deletes a server, if this precondition holds at the moment of the deletion.
   *
   * @return whether a server was deleted
   */
  boolean delete(ConnectionKey key, Precondition precondition);

  /**
   * Notes that the deletion of a user has begun, unless that is noted already. A note older than a day does not count.
   *
   * @return when the deletion began
   */
  Instant forgettingSince(UserId user, Instant now);

  /** Removes the note: the user is deleted. The next deletion begins from the start. */
  void endForgetting(UserId user);

  /**
   * Notes the status of a server's connection, if the server is still there.
   *
   * @param error why the last attempt to connect failed; null to remove the error
   * @return whether the server is still there
   */
  boolean note(ConnectionKey key, McpServer.Status status, @Nullable ConnectionError error);

  /** The same for a server that was read before. */
  default boolean note(McpServer server, McpServer.Status status, @Nullable ConnectionError error) {
    return note(server.key(), status, error);
  }

  /** Notes that a server's connection has ended, if the server is still there and has no secrets that are not in use. */
  Disconnection noteDisconnected(ConnectionKey key);

  /** What has become of the note that a connection has ended. */
  enum Disconnection {
    NOTED,
    /** There is no such server. */
    ABSENT,
    /** Nothing is noted, because the server has secrets that are not in use. */
    HAS_SECRETS
  }

  /**
   * Stores what is left of a server's unbound secrets, if they are still as in this copy. The server, its URL and its
   * document stay as they are.
   *
   * @param left the secrets that are left; null for none
   */
  void keepUnbound(McpServer server, @Nullable UnboundSecrets left);

  /**
   * Stores what was agreed on with a server without a token, if the server is still there and has the same URL. A session
   * that another call has kept meanwhile stays.
   *
   * @param server the server with what was kept when the call began
   * @return whether it is stored. If not, the call must end its session
   */
  boolean keepProtocol(McpServer server, NegotiatedProtocol protocol);

  /**
   * Deletes what was agreed on with a server without a token, if it is still the same as in this copy. What another call
   * has agreed on since then stays.
   */
  void forgetProtocol(McpServer server);
}
