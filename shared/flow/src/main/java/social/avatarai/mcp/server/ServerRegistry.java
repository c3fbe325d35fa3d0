package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.record.RecordFollower;
import social.avatarai.mcp.record.ServerRecord;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.registration.PreregisteredClients;
import social.avatarai.mcp.token.GrantSummaries;
import social.avatarai.mcp.token.GrantSummary;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.HeldGrant;
import social.avatarai.mcp.token.HeldGrants;
import social.avatarai.mcp.token.Revocation;

/**
 * Keeps, shows and forgets the users' server records.
 *
 * <p>What is shown is the user's own document without its secrets; of its status a grant has the first word, what was
 * noted in the record the second.
 */
public final class ServerRegistry {
  /** Records of one user: far more than a person needs, few enough that a list of them fits one answer. */
  static final int MAX_SERVERS = 100;
  private final Servers servers;
  private final Grants grants;
  private final GrantSummaries summaries;
  private final HeldGrants heldGrants;
  private final RecordFollower follower;
  private final PreregisteredClients clients;
  private final Revocation revocation;
  private final UserClients userClients;
  private final Profiles profiles;
  private final ConnectionViews views;
  private final Clock clock;
  private final Journal journal;

  public ServerRegistry(Servers servers, Grants grants, GrantSummaries summaries, HeldGrants heldGrants,
      RecordFollower follower, PreregisteredClients clients, Revocation revocation, UserClients userClients,
      Profiles profiles, ConnectionViews views, Clock clock, Journal journal) {
    this.servers = servers;
    this.grants = grants;
    this.summaries = summaries;
    this.heldGrants = heldGrants;
    this.follower = follower;
    this.clients = clients;
    this.revocation = revocation;
    this.userClients = userClients;
    this.profiles = profiles;
    this.views = views;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * Keeps a record in place of what was there; where it names another URL, issuer or client, the grant is over. The query
   * of the URL may change.
   */
  public ObjectNode put(ConnectionKey key, ObjectNode body, Invocation at) {
    var deadline = at.deadline();
    var record = ServerRecord.read(key, body, profiles);
    var before = replaced(key);
    var terms = terms(key.user(), record, deadline);
    var described = new McpServer(key, record.url(), record.enabled(), terms, Status.DISCONNECTED,
        dated(record.documentAt(at.base()), before), null);
    var same = before.filter(described::isSameConnection);
    var grant = heldGrants.find(key);
    var kept = grant.filter(held -> (same.isPresent() || before.isEmpty()) && isServedBy(described, held));
    var ending = grant.filter(_ -> kept.isEmpty());
    // Before the record is written, so that a token never belongs to a URL it was not given for.
    ending.ifPresent(held -> heldGrants.end(held, deadline));
    var server = same.map(old -> described.continuing(old, ending.isPresent())).orElse(described);
    // Switched off before the record says so, and on after it: in between it is refused.
    if (!server.enabled() && kept.isPresent()) grants.noteEnabled(key, false);
    servers.put(server);
    var settled = reconcile(server, deadline);
    // After the record: what it names is in use.
    ending.flatMap(HeldGrant::opened).ifPresent(ended -> userClients.forgetUnusedOf(ended, deadline));
    before.map(McpServer::terms).filter(old -> !old.isSameClient(terms))
        .ifPresent(old -> userClients.forgetUnusedOf(key.user(), old, deadline));
    return shown(server, views.of(server.summary(), settled));
  }

  /** The record that is replaced, where it can be opened: one that cannot be is replaced all the same. */
  private Optional<McpServer> replaced(ConnectionKey key) {
    try {
      var before = servers.find(key);
      if (before.isEmpty()) requireRoom(key.user());
      return before;
    } catch (Failure.Misconfigured e) {
      noteUnreadable(key, e);
      return Optional.empty();
    }
  }

  private void noteUnreadable(ConnectionKey key, Failure.Misconfigured fault) {
    journal.write("server_unreadable", Map.of("connection", key.connection(), "detail", fault.detail()));
  }

  private boolean isServedBy(McpServer server, HeldGrant held) {
    return heldGrants.summary(held).filter(server.summary()::isServedBy).isPresent();
  }

  /**
   * The grant under the record as it is written now. Read again: a consent may have ended meanwhile that still found the
   * former record; one that ends from here on finds this one.
   */
  private Optional<GrantSummary> reconcile(McpServer server, Deadline deadline) {
    var grant = heldGrants.find(server.key());
    var kept = grant.flatMap(heldGrants::summary).filter(server.summary()::isServedBy);
    if (kept.isEmpty()) grant.ifPresent(stray -> heldGrants.end(stray, deadline));
    else
      grant.flatMap(HeldGrant::opened).ifPresent(held -> follower.follow(held, server));
    return kept;
  }

  private void requireRoom(UserId user) {
    if (servers.connections(user).size() < MAX_SERVERS) return;
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "A user has at most " + MAX_SERVERS + " server records.");
  }

  private Terms terms(UserId user, ServerRecord record, Deadline deadline) {
    var client = record.client();
    boolean hasSecret = client.id() != null && client.issuer() != null
        && clients.keep(user, new PreregisteredClients.Given(client.issuer(), client.id(), client.secret(),
            client.redirectUri(), client.method()), deadline);
    return new Terms(record.scopes(), client.issuer(), client.id(), client.method(), hasSecret);
  }

  private ObjectNode dated(ObjectNode document, Optional<McpServer> before) {
    long now = clock.instant().getEpochSecond();
    return document.put("createdAt", before.map(old -> old.document().path("createdAt").asLong(now)).orElse(now))
        .put("updatedAt", now);
  }

  /** Ends a grant, and forgets the user's own client where that was its last use. */
  private Revocation.Result end(HeldGrant held, Deadline deadline) {
    var revoked = heldGrants.end(held, deadline);
    held.opened().ifPresent(grant -> userClients.forgetUnusedOf(grant, deadline));
    return revoked;
  }

  /** A record; {@code not_found} where there is none. */
  public ObjectNode get(ConnectionKey key) {
    var server = find(key);
    return shown(server, view(server, summaries.read(key.user(), List.of(key.connection())).stream().findFirst()));
  }

  /** All of a user's records. */
  public List<ObjectNode> all(UserId user) {
    var all = servers.all(user);
    var grants = summaries.read(user, all.stream().map(server -> server.key().connection()).toList()).stream()
        .collect(Collectors.toMap(Listed::connection, Function.identity()));
    return all.stream().map(server -> shown(server,
        view(server, Optional.ofNullable(grants.get(server.key().connection()))))).toList();
  }

  /** Ends a server's grant and forgets its record, also where one of them cannot be opened. */
  public Revocation.Result delete(ConnectionKey key, Deadline deadline) {
    var server = findOpened(key);
    var revoked = end(key, deadline);
    servers.delete(key);
    // Again: a consent that ended meanwhile may still have found the record.
    var late = end(key, deadline);
    server.ifPresent(gone -> userClients.forgetUnusedOf(key.user(), gone.terms(), deadline));
    return revoked.or(late);
  }

  private Revocation.Result end(ConnectionKey key, Deadline deadline) {
    return heldGrants.find(key).map(held -> end(held, deadline))
        .or(() -> revocation.endReplaced(key, deadline)).orElse(Revocation.Result.NOTHING);
  }

  /**
   * Ends a connection's grant and keeps the record, where there is one. Without a grant it ends the tokens that earlier
   * grants have left; {@code not_found} where there is nothing at all.
   */
  public Revocation.Result disconnect(ConnectionKey key, Deadline deadline) {
    var ended = heldGrants.find(key).map(held -> end(held, deadline))
        .or(() -> revocation.endReplaced(key, deadline));
    if (ended.isEmpty()) findOpened(key);
    if (!key.connection().isOfResource()) servers.note(key, Status.DISCONNECTED, null);
    return ended.orElse(Revocation.Result.NOTHING);
  }

  /** A server that is switched on: {@code not_found} or {@code server_disabled} where there is none. */
  McpServer enabled(ConnectionKey key) {
    return find(key).requireEnabled();
  }

  /** A server to be asked without a grant: also {@code blocked_url} where it cannot be. */
  public McpServer open(ConnectionKey key) {
    var server = enabled(key);
    views.requireReachable(server.url());
    return server;
  }

  /** Keeps what was agreed with a server that is asked without a grant. */
  public void keepProtocol(McpServer server, NegotiatedProtocol protocol) {
    servers.keepProtocol(server, protocol);
  }

  /** The record, where it can be opened; {@code not_found} where there is none. */
  private Optional<McpServer> findOpened(ConnectionKey key) {
    try {
      return Optional.of(find(key));
    } catch (Failure.Misconfigured e) {
      noteUnreadable(key, e);
      return Optional.empty();
    }
  }

  private McpServer find(ConnectionKey key) {
    return Optional.of(key).filter(k -> !k.connection().isOfResource()).flatMap(servers::find).orElseThrow(
        () -> new Failure.Unknown(ErrorCode.NOT_FOUND, "There is no such connection."));
  }

  private ConnectionView view(McpServer server, Optional<Listed<GrantSummary>> grant) {
    if (grant.isEmpty() || grant.get().value() != null) {
      return views.of(server.summary(), grant.flatMap(Listed::read));
    }
    journal.write("connection_unreadable",
        Map.of("connection", server.key().connection(), "detail", grant.get().fault()));
    return ConnectionViews.unreadable(server.key().connection(), Status.REAUTHORIZATION_REQUIRED);
  }

  private static ObjectNode shown(McpServer server, ConnectionView view) {
    var document = server.document().deepCopy().put("status", view.status().wire()).put("cause", view.cause());
    document.set("error", view.error() == null ? document.nullNode() : view.error().json());
    if (server.terms().hasSecret() && document.at("/authorization/config") instanceof ObjectNode config) {
      config.put("has_client_secret", true);
    }
    return document;
  }
}
