package social.avatarai.mcp.server;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.BuiltInServers;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.record.ServerRecord;
import social.avatarai.mcp.registration.Deregistration;
import social.avatarai.mcp.registration.PreregisteredClients;
import social.avatarai.mcp.registration.PreregisteredClients.Keeping;

/**
 * The clients in built-in records. They belong to the deployment, and are used for the servers of built-in records alone.
 * A client is deleted with the last built-in record that names it.
 */
public final class BuiltInClients {
  private final BuiltInServers builtIns;
  private final PreregisteredClients clients;
  private final Deregistration deregistration;
  private final Journal journal;

  public BuiltInClients(BuiltInServers builtIns, PreregisteredClients clients, Deregistration deregistration,
      Journal journal) {
    this.builtIns = builtIns;
    this.clients = clients;
    this.deregistration = deregistration;
    this.journal = journal;
  }

  /** The client of a record that is about to be stored; empty if it names none. */
  Optional<Keeping> prepare(UserId operator, ServerRecord record) {
    var client = record.client();
    if (record.credentials() != null) {
      throw new Failure.BadRequest(ErrorCode.UNSUPPORTED_RECORD,
          "A built-in record has no tokens: they belong to one user. Leave out authorization.credentials.");
    }
    if (client.id() != null && client.issuer() == null) {
      throw new Failure.BadRequest(ErrorCode.ISSUER_REQUIRED,
          "A client_id belongs to one issuer: name it in authorization.config.issuer, or a profile.");
    }
    if (client.id() == null || client.issuer() == null) return Optional.empty();
    return Optional.of(clients.prepareForAll(operator,
        RecordClients.given(client, client.issuer(), client.id(), client.secret())));
  }

  /**
   * After a record was stored. A client that is kept for stated endpoints also belongs to the operator at the issuer
   * itself, so that no user's flow shows the operator's name there.
   */
  void stored(UserId operator, Terms now, Optional<Terms> before, Deadline deadline) {
    if (now.endpoints() != null && now.issuer() != null && now.clientId() != null) {
      clients.reserveForAll(now.issuer(), now.clientId());
    }
    before.filter(old -> !old.isSameClient(now)).ifPresent(old -> forgetUnused(operator, old, deadline));
  }

  /** After a record was deleted, or has named another client. The users' grants of this client can only be ended here. */
  void forgetUnused(UserId operator, Terms gone, Deadline deadline) {
    var id = gone.clientId();
    var issuer = gone.issuer();
    if (id == null || issuer == null) return;
    var registeredAt = Objects.requireNonNull(gone.registeredAt());
    if (gone.endpoints() != null) {
      forget(operator, registeredAt, id, terms -> terms.names(registeredAt, id), deadline);
    }
    Predicate<Terms> names = terms -> id.equals(terms.clientId()) && terms.issuer() != null
        && terms.issuer().means(issuer);
    if (!forget(operator, issuer, id, names, deadline)) {
      forget(operator, issuer.otherSpelling(), id, names, deadline);
    }
  }

  private boolean forget(UserId operator, Issuer registeredAt, ClientId id, Predicate<Terms> names,
      Deadline deadline) {
    try {
      return deregistration.forgetEntered(registeredAt, id, () -> isUnused(operator, names), deadline);
    } catch (Failure e) {
      return logFailure(registeredAt, e.detail().isEmpty() ? e.code().wireName() : e.detail());
    } catch (RuntimeException e) {
      return logFailure(registeredAt, e.getClass().getName());
    }
  }

  /** A record that cannot be read may name the client. */
  private boolean isUnused(UserId operator, Predicate<Terms> names) {
    var readable = builtIns.all(operator);
    return readable.size() == builtIns.ids().size() && readable.stream().map(McpServer::terms).noneMatch(names);
  }

  private boolean logFailure(Issuer issuer, String detail) {
    journal.write("client_not_forgotten", Map.of("issuer", issuer.url().host(), "detail", detail));
    return false;
  }
}
