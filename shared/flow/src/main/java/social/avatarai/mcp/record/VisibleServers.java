package social.avatarai.mcp.record;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
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
  public Optional<McpServer> find(ConnectionKey key) {
    return own.find(key).or(() -> builtIns.find(key));
  }

  @Override
  public List<McpServer> all(UserId user) {
    return own.all(user);
  }

  /** All servers that a user sees, in the order of their ids. */
  public static List<McpServer> together(List<McpServer> own, List<McpServer> builtIns) {
    var ids = own.stream().map(server -> server.key().connection()).collect(Collectors.toSet());
    var all = new ArrayList<>(own);
    builtIns.stream().filter(server -> !ids.contains(server.key().connection())).forEach(all::add);
    all.sort(Comparator.comparing(server -> server.key().connection().value()));
    return all;
  }

  @Override
  public List<ConnectionId> connections(UserId user) {
    return own.connections(user);
  }

  @Override
  public void put(McpServer server) {
    own.put(server);
  }

  /** A built-in server is never relocated: a user's call must not change what other users see. */
  @Override
  public boolean relocate(McpServer server, EndpointUrl url) {
    return !server.isBuiltin() && own.relocate(server, url);
  }

  @Override
  public void delete(ConnectionKey key) {
    own.delete(key);
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
    if (own.note(key, status, error)) return true;
    var builtIn = builtIns.find(key);
    builtIn.filter(server -> !server.says(status, error)).ifPresent(server -> builtIns.note(server, status, error));
    return builtIn.isPresent();
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
