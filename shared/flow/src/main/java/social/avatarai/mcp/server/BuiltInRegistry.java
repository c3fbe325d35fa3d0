package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
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
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.record.ServerRecord;
import social.avatarai.mcp.record.Servers;
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

  private final BuiltInServers builtIns;
  private final Servers servers;
  private final ServerRegistry registry;
  private final PreregisteredClients clients;
  private final Profiles profiles;
  private final Journal journal;

  public BuiltInRegistry(BuiltInServers builtIns, Servers servers, ServerRegistry registry,
      PreregisteredClients clients, Profiles profiles, Journal journal) {
    this.builtIns = builtIns;
    this.servers = servers;
    this.registry = registry;
    this.clients = clients;
    this.profiles = profiles;
    this.journal = journal;
  }

  /** Whether a record is to be for all users. */
  public static boolean isBuiltIn(JsonNode record) {
    return record.path(FLAG).booleanValue();
  }

  /**
   * Stores a record for all users in place of a former one, and returns it as the operator sees it.
   *
   * @param key the operator and the {@code mcpId}
   */
  public ObjectNode put(ConnectionKey key, ObjectNode body, Invocation at) {
    // The record is judged as a user's is, except for the flag that no user may set.
    var record = ServerRecord.read(key, body.deepCopy().put(FLAG, false), profiles);
    var before = replaced(key);
    var url = record.urlAfter(before);
    var document = ServerRegistry.hidden(registry.dated(record.documentAt(at.base()), before), url, before);
    // Users do not see which caller of the operator has written the record.
    document.put(FLAG, true).put("userId", "");
    builtIns.put(new McpServer(key, url, record.enabled(), terms(key, record, at.deadline()), Status.DISCONNECTED,
        document, null).with(record.entered().after(before, url)));
    journal.write("built_in_written", Map.of("connection", key.connection(), "operator", key.user()));
    return registry.shown(builtIns.find(key).orElseThrow(
        () -> new Failure.Unknown(ErrorCode.NOT_FOUND, "The built-in server was deleted meanwhile.")));
  }

  /** The record that is replaced; empty where there is none, or where it cannot be decrypted. */
  private Optional<McpServer> replaced(ConnectionKey key) {
    try {
      var before = builtIns.find(key);
      if (before.isEmpty()) requireRoom();
      return before;
    } catch (Failure.Misconfigured e) {
      journal.write("server_unreadable", Map.of("connection", key.connection(), "detail", e.detail()));
      return Optional.empty();
    }
  }

  private void requireRoom() {
    if (builtIns.ids().size() < MAX_BUILT_IN) return;
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
        "There are at most " + MAX_BUILT_IN + " built-in server records.");
  }

  private Terms terms(ConnectionKey key, ServerRecord record, Deadline deadline) {
    var client = record.client();
    boolean hasSecret = client.id() != null && client.issuer() != null
        && clients.keepForAll(key.user(), new PreregisteredClients.Given(client.issuer(), client.id(), client.secret(),
            client.redirectUri(), client.method()), deadline);
    return new Terms(record.scopes(), client.issuer(), client.id(), client.method(), hasSecret,
        client.endpoints());
  }

  /**
   * Deletes a built-in record, if the operator has no record of their own with this id.
   *
   * @return whether it is deleted; if not, there is none, or the operator's own record is meant
   */
  public boolean delete(ConnectionKey key) {
    if (servers.connections(key.user()).contains(key.connection()) || !builtIns.ids().contains(key.connection())) {
      return false;
    }
    builtIns.delete(key.connection());
    journal.write("built_in_deleted", Map.of("connection", key.connection(), "operator", key.user()));
    return true;
  }
}
