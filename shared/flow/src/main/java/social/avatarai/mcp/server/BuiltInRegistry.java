package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.record.BuiltInServers;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.Revision;
import social.avatarai.mcp.record.ServerRecord;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.record.UnboundSecrets;
import social.avatarai.mcp.registration.PreregisteredClients;

/**
 * Stores and deletes the built-in records, which the operator writes for all users.
 *
 * <p>The client in such a record belongs to the deployment. The users' grants are not changed here: a grant that no
 * longer fits the record is ended when it is next looked at, and is never used before.
 */
public final class BuiltInRegistry {
  /** Every list of every user contains all built-in records. */
  static final int MAX_BUILT_IN = 100;
  private static final String FLAG = "isBuiltin";
  private static final UnboundSecrets NONE = new UnboundSecrets(null, null, null, null);

  private final BuiltInServers builtIns;
  private final Servers servers;
  private final ServerRegistry registry;
  private final BuiltInClients builtInClients;
  private final RecordViews views;
  private final PreregisteredClients clients;
  private final Profiles profiles;
  private final Journal journal;

  public BuiltInRegistry(BuiltInServers builtIns, Servers servers, ServerRegistry registry,
      RecordViews views, BuiltInClients builtInClients, PreregisteredClients clients, Profiles profiles,
      Journal journal) {
    this.builtIns = builtIns;
    this.servers = servers;
    this.registry = registry;
    this.views = views;
    this.builtInClients = builtInClients;
    this.clients = clients;
    this.profiles = profiles;
    this.journal = journal;
  }

  /** Whether a record is to be for all users. */
  public static boolean isBuiltIn(JsonNode record) {
    return record.path(FLAG).booleanValue();
  }

  boolean isThere(ConnectionId id) {
    return builtIns.ids().contains(id);
  }

  /**
   * Stores a record for all users in place of a former one, if the precondition holds, and returns it as the operator
   * sees it. See {@link ServerRegistry#put} for two calls at the same time.
   *
   * @param key the operator and the {@code mcpId}
   */
  public ServerRegistry.Kept put(ConnectionKey key, ObjectNode body, Precondition precondition, Invocation at) {
    // The record is judged like that of a user, except for the flag that no user may set.
    var record = ServerRecord.read(key, body.deepCopy().put(FLAG, false), profiles);
    registry.requireProgram(record);
    var former = former(key, precondition);
    var before = former.server();
    if (before.isEmpty() && former.expected() instanceof Precondition.Absent) requireRoom();
    var url = record.urlAfter(before);
    var document = ServerRegistry.hidden(registry.dated(record.documentAt(at.base()), before), url, before);
    // Users do not see which caller of the operator has written the record.
    document.put(FLAG, true).put("userId", "");
    var client = builtInClients.prepare(key.user(), record);
    var server = new McpServer(key, url, record.enabled(), RecordClients.terms(record, NONE, client),
        Status.DISCONNECTED,
        document, null).with(record.entered().after(before, url));
    Supplier<Revision> write = () -> builtIns.put(server, former.expected()).orElseThrow(former.expected()::failure);
    var revision = client.map(keeping -> clients.keep(keeping, write, written -> takeBack(key, before, written),
        at.deadline())).orElseGet(write);
    builtInClients.stored(key.user(), server.terms(), before.map(McpServer::terms), at.deadline());
    journal.write("built_in_written", Map.of("connection", key.connection(), "operator", key.user()));
    return new ServerRegistry.Kept(views.shown(builtIns.find(key).orElseThrow(
        () -> new Failure.Unknown(ErrorCode.NOT_FOUND, "The built-in server was deleted meanwhile."))), revision);
  }

  /** Takes back a write whose client could not be kept. A record that was changed since stays. */
  private void takeBack(ConnectionKey key, Optional<McpServer> before, Revision written) {
    var own = Precondition.is(written);
    boolean _ = before.map(former -> builtIns.put(former, own).isPresent())
        .orElseGet(() -> builtIns.delete(key.connection(), own));
  }

  private FormerRecord former(ConnectionKey key, Precondition precondition) {
    return FormerRecord.read(key, () -> builtIns.stored(key), precondition, journal);
  }

  private void requireRoom() {
    if (builtIns.ids().size() < MAX_BUILT_IN) return;
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
        "There are at most " + MAX_BUILT_IN + " built-in server records.");
  }

  /**
   * Deletes a built-in record, if the operator has no record of their own with this id, and its client with its last
   * record.
   *
   * @return whether a built-in record was meant; if not, there is none, or the operator's own record is meant
   */
  public boolean delete(ConnectionKey key, Precondition precondition, Deadline deadline) {
    if (servers.connections(key.user()).contains(key.connection()) || !builtIns.ids().contains(key.connection())) {
      return false;
    }
    var former = former(key, precondition).server();
    if (!builtIns.delete(key.connection(), precondition)) throw precondition.failure();
    journal.write("built_in_deleted", Map.of("connection", key.connection(), "operator", key.user()));
    former.ifPresent(gone -> builtInClients.forgetUnused(key.user(), gone.terms(), deadline));
    return true;
  }
}
