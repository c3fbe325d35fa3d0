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
  Optional<McpServer> find(ConnectionKey key);

  /** All built-in servers as this user sees them, in the order of their ids. */
  List<McpServer> all(UserId user);

  /** The ids of the built-in servers, readable or not. */
  List<ConnectionId> ids();

  /**
   * Stores a built-in server for all users, in place of a former one with the same id. The user in its key, its status,
   * its error and its protocol are not stored.
   */
  void put(McpServer server);

  /** Deletes a built-in server. What was noted for users stays until they are deleted. */
  void delete(ConnectionId id);

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
