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

  Optional<McpServer> find(ConnectionKey key);

  /** All servers of a user, in the order of their ids. */
  List<McpServer> all(UserId user);

  /** The ids of a user's servers, readable or not. */
  List<ConnectionId> connections(UserId user);

  /** Stores a server in place of a former one with the same key. */
  void put(McpServer server);

  /**
   * Stores the server {@link McpServer#relocated relocated} to this URL, if it is still there and its user has changed
   * nothing since this copy was read.
   *
   * @return whether it is stored
   */
  boolean relocate(McpServer server, EndpointUrl url);

  void delete(ConnectionKey key);

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
