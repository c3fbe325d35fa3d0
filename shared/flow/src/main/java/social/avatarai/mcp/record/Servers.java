package social.avatarai.mcp.record;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.UserId;

/** The users' servers. Reads are consistent; the MCP session is sealed at rest, bound to its user, server and URL. */
public interface Servers {

  Optional<McpServer> find(ConnectionKey key);

  /** All of a user's, in the order of their ids. */
  List<McpServer> all(UserId user);

  /** Those of a user's, readable or not. */
  List<ConnectionId> connections(UserId user);

  /** Keeps a server in place of what was there under its key. */
  void put(McpServer server);

  void delete(ConnectionKey key);

  /**
   * Notes that a user is being forgotten, unless that is noted already; since when. A note of more than a day ago is of
   * no account.
   */
  Instant forgettingSince(UserId user, Instant now);

  /** The user is forgotten: the next time is another one. */
  void endForgetting(UserId user);

  /**
   * Notes how its connection is doing, if the server is still there.
   *
   * @param error why connecting it failed last; null to forget that
   */
  void note(ConnectionKey key, McpServer.Status status, @Nullable ConnectionError error);

  /** Keeps what was agreed with it without a token, if it is still there and at the same URL. */
  void keepProtocol(McpServer server, NegotiatedProtocol protocol);
}
