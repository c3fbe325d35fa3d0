package social.avatarai.mcp.record;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.McpServer.Status;

/**
 * The servers that a user sees: their own, and the operator's built-in ones. A user's own server takes precedence over a
 * built-in one with the same id. {@link #all} and {@link #connections} are about the user's own servers alone.
 */
public final class VisibleServers implements Servers {
  private final Servers own;
  private final BuiltInServers builtIns;

  public VisibleServers(Servers own, BuiltInServers builtIns) {
    this.own = own;
    this.builtIns = builtIns;
  }

  /** The user's own server, else the built-in one. The second read is only for a user without an own one. */
  @Override
  public Optional<StoredServer> stored(ConnectionKey key) {
    return own.stored(key).or(() -> builtIns.stored(key));
  }

  @Override
  public List<McpServer> all(UserId user) {
    return own.all(user);
  }

  /** A page of all servers that the user sees. */
  @Override
  public List<McpServer> page(UserId user, @Nullable ConnectionId after, int limit) {
    var byId = new TreeMap<String, McpServer>();
    builtIns.all(user).stream().filter(server -> after == null || isAfter(server, after))
        .forEach(server -> byId.put(id(server), server));
    own.page(user, after, limit).forEach(server -> byId.put(id(server), server));
    return byId.values().stream().limit(limit).toList();
  }

  private static boolean isAfter(McpServer server, ConnectionId last) {
    return id(server).compareTo(last.value()) > 0;
  }

  private static String id(McpServer server) {
    return server.key().connection().value();
  }

  @Override
  public List<ConnectionId> connections(UserId user) {
    return own.connections(user);
  }

  @Override
  public Optional<Revision> put(McpServer server, Precondition precondition) {
    return own.put(server, precondition);
  }

  /** A built-in server is never relocated: a user's call must not change what other users see. */
  @Override
  public boolean relocate(McpServer server, EndpointUrl url) {
    return !server.isBuiltin() && own.relocate(server, url);
  }

  @Override
  public boolean delete(ConnectionKey key, Precondition precondition) {
    return own.delete(key, precondition);
  }

  @Override
  public Instant forgettingSince(UserId user, Instant now) {
    return own.forgettingSince(user, now);
  }

  @Override
  public void endForgetting(UserId user) {
    own.endForgetting(user);
  }

  @Override
  public boolean note(ConnectionKey key, Status status, @Nullable ConnectionError error) {
    return own.note(key, status, error) || noteBuiltIn(key, status, error);
  }

  private boolean noteBuiltIn(ConnectionKey key, Status status, @Nullable ConnectionError error) {
    var builtIn = builtIns.find(key);
    builtIn.filter(server -> !server.says(status, error)).ifPresent(server -> builtIns.note(server, status, error));
    return builtIn.isPresent();
  }

  @Override
  public Disconnection noteDisconnected(ConnectionKey key) {
    var noted = own.noteDisconnected(key);
    return noted == Disconnection.ABSENT && noteBuiltIn(key, Status.DISCONNECTED, null) ? Disconnection.NOTED : noted;
  }

  /** No user's tokens are in a built-in record. */
  @Override
  public void keepUnbound(McpServer server, @Nullable UnboundSecrets left) {
    own.keepUnbound(server, left);
  }

  @Override
  public boolean note(McpServer server, Status status, @Nullable ConnectionError error) {
    if (!server.isBuiltin()) return own.note(server.key(), status, error);
    builtIns.note(server, status, error);
    return true;
  }

  @Override
  public boolean keepProtocol(McpServer server, NegotiatedProtocol protocol) {
    return server.isBuiltin() ? builtIns.keepProtocol(server, protocol) : own.keepProtocol(server, protocol);
  }

  @Override
  public void forgetProtocol(McpServer server) {
    if (server.isBuiltin()) builtIns.forgetProtocol(server);
    else
      own.forgetProtocol(server);
  }
}
