package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.registration.Preregistration;
import social.avatarai.mcp.resource.McpWire;
import social.avatarai.mcp.server.McpServer.Status;
import social.avatarai.mcp.server.McpServer.Terms;
import social.avatarai.mcp.store.DueGrants;
import social.avatarai.mcp.store.Grants;
import social.avatarai.mcp.store.Servers;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantKey;
import social.avatarai.mcp.token.GrantSummary;
import social.avatarai.mcp.token.Revocation;

/**
 * Keeps, shows and forgets the users' server records.
 *
 * <p>What is shown is the user's own document without its secrets; of its status a grant has the first word, what was
 * noted in the record the second.
 */
public final class Registry {
  /** Records of one user: far more than a person needs, few enough that a list of them fits one answer. */
  static final int MOST_SERVERS = 100;
  /** What one batch read of grants takes. */
  private static final int GRANTS_AT_ONCE = 100;

  private final Servers servers;
  private final Grants grants;
  private final DueGrants dueGrants;
  private final Preregistration clients;
  private final Revocation revocation;
  private final UserClients userClients;
  private final Profiles profiles;
  private final ConnectionViews views;
  private final Clock clock;

  /** What it works with. */
  public record Parts(Servers servers, Grants grants, DueGrants dueGrants, Preregistration clients,
      Revocation revocation, UserClients userClients, Profiles profiles, ConnectionViews views, Clock clock) {}

  public Registry(Parts parts) {
    this.servers = parts.servers();
    this.grants = parts.grants();
    this.dueGrants = parts.dueGrants();
    this.clients = parts.clients();
    this.revocation = parts.revocation();
    this.userClients = parts.userClients();
    this.profiles = parts.profiles();
    this.views = parts.views();
    this.clock = parts.clock();
  }

  /** Keeps a record in place of what was there; where it names another URL, issuer or client, the grant is over. */
  public ObjectNode put(GrantKey key, ObjectNode body, Invocation at) {
    var deadline = at.deadline();
    var record = ServerRecord.read(key, body, profiles);
    var before = servers.find(key);
    if (before.isEmpty()) requireRoom(key.user());
    var terms = terms(key.user(), record, deadline);
    var described = new McpServer(key, record.url(), record.enabled(), terms, Status.DISCONNECTED,
        dated(record.documentAt(at.base()), before), null);
    var same = before.filter(described::isSameConnection);
    var grant = grants.read(key);
    var kept = grant.filter(g -> (same.isPresent() || before.isEmpty()) && described.isServedBy(g));
    boolean ends = grant.isPresent() && kept.isEmpty();
    // Before the record is written, so that a token never belongs to a URL it was not given for.
    if (ends) revocation.end(grant.get(), deadline);
    var server = same.map(old -> new McpServer(key, record.url(), record.enabled(), terms,
        ends ? Status.DISCONNECTED : old.status(), described.document(), old.wire(), ends ? null : old.error()))
        .orElse(described);
    // Switched off before the record says so, and on after it: in between it is refused.
    if (!server.enabled() && kept.isPresent()) grants.noteEnabled(key, false);
    servers.put(server);
    var settled = settled(server, deadline);
    // After the record: what it names is in use.
    if (ends) userClients.forgetUnusedOf(grant.get(), deadline);
    before.map(McpServer::terms).filter(old -> !old.isSameClient(terms))
        .ifPresent(old -> userClients.forgetUnusedOf(key.user(), old, deadline));
    return shown(server, settled);
  }

  /**
   * The grant under the record as it is written now. Read again: a consent may have ended meanwhile that still found the
   * former record; one that ends from here on finds this one.
   */
  private Optional<Grant> settled(McpServer server, Deadline deadline) {
    var grant = grants.read(server.key());
    var kept = grant.filter(server::isServedBy);
    if (kept.isEmpty()) grant.ifPresent(stray -> revocation.end(stray, deadline));
    kept.filter(held -> held.enabled() != server.enabled()).ifPresent(held -> {
      if (server.enabled()) enable(held);
      else
        grants.noteEnabled(held.key(), false);
    });
    return kept;
  }

  private void requireRoom(UserId user) {
    if (servers.all(user).size() < MOST_SERVERS) return;
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "A user has at most " + MOST_SERVERS + " server records.");
  }

  private Terms terms(UserId user, ServerRecord record, Deadline deadline) {
    var client = record.client();
    boolean hasSecret = client.id() != null && client.issuer() != null
        && clients.keep(user, new Preregistration.Given(client.issuer(), client.id(), client.secret(),
            client.redirectUri(), client.method()), deadline);
    return new Terms(record.scopes(), client.issuer(), client.id(), client.method(), hasSecret);
  }

  private ObjectNode dated(ObjectNode document, Optional<McpServer> before) {
    long now = clock.instant().getEpochSecond();
    return document.put("createdAt", before.map(old -> old.document().path("createdAt").asLong(now)).orElse(now))
        .put("updatedAt", now);
  }

  /** Ends a grant, and forgets the user's own client where that was its last use. */
  private Revocation.Result end(Grant grant, Deadline deadline) {
    var revoked = revocation.end(grant, deadline);
    userClients.forgetUnusedOf(grant, deadline);
    return revoked;
  }

  /** Back in use, and back in sight of the scheduled refresh, which has passed its markers by meanwhile. */
  private void enable(Grant grant) {
    grants.noteEnabled(grant.key(), true);
    if (grant.state().dueMinute() > 0) dueGrants.schedule(grant.key(), clock.instant().getEpochSecond() / 60);
  }

  /** A record; {@code not_found} where there is none. */
  public ObjectNode get(GrantKey key) {
    return shown(find(key), grants.read(key));
  }

  /** All of a user's records. */
  public List<ObjectNode> all(UserId user) {
    var all = servers.all(user);
    var connections = all.stream().map(server -> server.key().connection()).toList();
    var found = new ArrayList<Grant>();
    for (int from = 0; from < connections.size(); from += GRANTS_AT_ONCE) {
      found.addAll(grants.readAny(user,
          connections.subList(from, Math.min(connections.size(), from + GRANTS_AT_ONCE))));
    }
    var byKey = found.stream().collect(Collectors.toMap(Grant::key, Function.identity()));
    return all.stream().map(server -> shown(server, Optional.ofNullable(byKey.get(server.key())))).toList();
  }

  /** Ends a server's grant and forgets its record. */
  public Revocation.Result delete(GrantKey key, Deadline deadline) {
    var server = find(key);
    var revoked = end(key, deadline);
    servers.delete(key);
    // Again: a consent that ended meanwhile may still have found the record.
    var late = end(key, deadline);
    userClients.forgetUnusedOf(key.user(), server.terms(), deadline);
    return revoked.or(late);
  }

  private Revocation.Result end(GrantKey key, Deadline deadline) {
    return grants.read(key).map(grant -> end(grant, deadline))
        .or(() -> revocation.endReplaced(key, deadline)).orElse(Revocation.Result.NOTHING);
  }

  /**
   * Ends a connection's grant and keeps the record, where there is one. Without a grant it ends the tokens that earlier
   * grants have left; {@code not_found} where there is nothing at all.
   */
  public Revocation.Result disconnect(GrantKey key, Deadline deadline) {
    var ended = grants.read(key).map(grant -> end(grant, deadline)).or(() -> revocation.endReplaced(key, deadline));
    if (ended.isEmpty()) find(key);
    if (!key.connection().isOfResource()) servers.note(key, Status.DISCONNECTED, null);
    return ended.orElse(Revocation.Result.NOTHING);
  }

  /** A server that is switched on: {@code not_found} or {@code server_disabled} where there is none. */
  McpServer enabled(GrantKey key) {
    return find(key).requireEnabled();
  }

  /** A server to be asked without a grant: also {@code blocked_url} where it cannot be. */
  public McpServer open(GrantKey key) {
    var server = enabled(key);
    views.requireReachable(server.url());
    return server;
  }

  /** Keeps what was agreed with a server that is asked without a grant. */
  public void keepWire(McpServer server, McpWire wire) {
    servers.keepWire(server, wire);
  }

  private McpServer find(GrantKey key) {
    return Optional.of(key).filter(k -> !k.connection().isOfResource()).flatMap(servers::find).orElseThrow(
        () -> new Failure.Unknown(ErrorCode.NOT_FOUND, "There is no such connection."));
  }

  private ObjectNode shown(McpServer server, Optional<Grant> grant) {
    var view = views.of(server.summary(), grant.map(GrantSummary::of));
    var document = server.document().deepCopy().put("status", view.status().wire()).put("cause", view.cause());
    document.set("error", view.error() == null ? document.nullNode() : view.error().json());
    if (server.terms().hasSecret() && document.at("/authorization/config") instanceof ObjectNode config) {
      config.put("has_client_secret", true);
    }
    return document;
  }
}
