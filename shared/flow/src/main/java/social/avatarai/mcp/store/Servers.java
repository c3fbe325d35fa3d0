package social.avatarai.mcp.store;

import java.util.List;
import java.util.Optional;

import social.avatarai.mcp.UserId;
import social.avatarai.mcp.resource.McpWire;
import social.avatarai.mcp.server.McpServer;
import social.avatarai.mcp.token.GrantKey;

/** The users' servers. Reads are consistent; the MCP session is sealed at rest, bound to its user, server and URL. */
public interface Servers {

  Optional<McpServer> find(GrantKey key);

  /** All of a user's, in the order of their ids. */
  List<McpServer> all(UserId user);

  /** Keeps a server in place of what was there under its key. */
  void put(McpServer server);

  void delete(GrantKey key);

  /** Notes how its connection is doing, if the server is still there. */
  void noteStatus(GrantKey key, McpServer.Status status);

  /** Keeps what was agreed with it without a token, if it is still there and at the same URL. */
  void keepWire(McpServer server, McpWire wire);
}
