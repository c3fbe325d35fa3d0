package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.RecordedIssuer;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.StatedEndpoints;
import social.avatarai.mcp.record.HiddenQuery;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.Revision;
import social.avatarai.mcp.record.ServerRecord;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.record.StoredServer;
import social.avatarai.mcp.record.UnboundSecrets;
import social.avatarai.mcp.registration.PreregisteredClients;
import social.avatarai.mcp.registration.PreregisteredClients.Keeping;
import social.avatarai.mcp.resource.KeptSessions;
import social.avatarai.mcp.token.HeldGrant;

/**
 * Stores the users' server records. {@link RecordViews} shows them, {@link RecordedServers} has the servers in them, and
 * {@link RecordEnding} deletes them.
 */
public final class ServerRegistry {
  /** Records of one user: far more than a person needs. */
  static final int MAX_SERVERS = 100;

  private final Servers servers;
  private final RecordedServers found;
  private final RecordViews views;
  private final RecordGrants recordGrants;
  private final PreregisteredClients clients;
  private final KeptSessions sessions;
  private final UserClients userClients;
  private final Profiles profiles;
  private final RecordOffers offers;
  private final LiveGrants liveGrants;
  private final Clock clock;
  private final Journal journal;

  public ServerRegistry(Servers servers, RecordedServers found, RecordViews views,
      RecordGrants recordGrants, PreregisteredClients clients, KeptSessions sessions, UserClients userClients,
      Profiles profiles, RecordOffers offers, LiveGrants liveGrants, Clock clock, Journal journal) {
    this.servers = servers;
    this.found = found;
    this.views = views;
    this.recordGrants = recordGrants;
    this.clients = clients;
    this.sessions = sessions;
    this.userClients = userClients;
    this.profiles = profiles;
    this.offers = offers;
    this.liveGrants = liveGrants;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * A record as it is stored.
   *
   * @param shown the record as its user sees it
   * @param before the record that it has replaced; empty if there was none, or if it could not be decrypted
   * @param server the record
   * @param client its client, and how that was known before; empty if it names none
   * @param tokens what has become of its live tokens
   * @param revision which write of its user has stored it
   */
  record Stored(ObjectNode shown, Optional<McpServer> before, McpServer server, Optional<Keeping> client,
      LiveGrants.Bound tokens, Revision revision) {}

  /**
   * A record as it is kept.
   *
   * @param document the record, without secrets
   * @param revision which write of its user has stored it
   */
  public record Kept(ObjectNode document, Revision revision) {}

  /**
   * Stores a record in place of a former one, if the precondition holds, and returns it as it is shown; see
   * {@link #store}.
   */
  public Kept put(ConnectionKey key, ObjectNode body, Precondition precondition, Invocation at) {
    var stored = store(key, new Storing(ServerRecord.read(key, body, profiles), Optional.empty(), precondition), at);
    return new Kept(stored.shown(), stored.revision());
  }

  /**
   * A record to store.
   *
   * @param record the record
   * @param createdAt the time of creation to keep, in seconds since 1970; empty for the one of the former record, or now
   * @param precondition what the record may replace
   */
  record Storing(ServerRecord record, Optional<Long> createdAt, Precondition precondition) {}

  /**
   * Stores a record in place of a former one, if the precondition holds. A different URL, issuer, client or stated
   * endpoint ends the grant; a different query of the URL does not.
   *
   * <p>Another call may write the record at the same time. The record is written only if it is still the one that this
   * call has read. Otherwise this call fails with {@code changed_meanwhile}, and has changed nothing.
   */
  Stored store(ConnectionKey key, Storing storing, Invocation at) {
    var deadline = at.deadline();
    var record = storing.record();
    var former = former(key, storing.precondition());
    var before = former.server();
    if (before.isEmpty() && former.expected() instanceof Precondition.Absent) requireRoom(key.user());
    var url = record.urlAfter(before);
    var secrets = UnboundSecrets.of(record, before, url);
    var client = client(key.user(), record, secrets, before);
    var terms = terms(record, secrets, client);
    var described = new McpServer(key, url, record.enabled(), terms, Status.DISCONNECTED,
        hidden(dated(record.documentAt(at.base()), before, storing.createdAt()), url, before), null)
        .with(record.entered().after(before, url)).keeping(secrets.untilStored(record, terms.clientId()));
    var same = before.filter(described::isSameConnection);
    var grant = recordGrants.find(key);
    var kept = grant.filter(held -> keeps(described, before, held));
    var ending = grant.filter(_ -> kept.isEmpty());
    var server = same.map(old -> described.continuing(old, ending.isPresent())).orElse(described);
    boolean suspended = grant.isPresent() && (ending.isPresent() || !server.enabled());
    var revision = recordGrants.suspending(key, suspended, deadline, () -> write(server, former, client, deadline));
    // A session that was opened without a grant belongs to the URL and the credentials before.
    before.filter(old -> !Objects.equals(old.protocol(), server.protocol()))
        .ifPresent(old -> sessions.end(old, deadline));
    // Ends a grant of the former URL, issuer or client. The call that loses against another one must not end a grant.
    var settled = recordGrants.settle(server, ending, deadline);
    // Clients are deleted after the record is written: a client that the record names is in use.
    ending.flatMap(HeldGrant::opened).ifPresent(ended -> userClients.forgetUnusedOf(ended, deadline));
    before.map(McpServer::terms).filter(old -> !old.isSameClient(terms))
        .ifPresent(old -> userClients.forgetUnusedOf(key.user(), old, deadline));
    var bound = withoutStoredSecret(server, client);
    var tokens = liveGrants.bind(bound, record.credentials() != null, deadline);
    // The record is read again: the tokens are no longer in it, or it has a new error.
    var shown = tokens.outcome() == LiveGrants.Outcome.NONE
        ? views.shown(bound, settled)
        : views.shown(found.find(key));
    return new Stored(offers.stored(bound, before, shown), before, bound, client, tokens, revision);
  }

  /** A secret that the row had kept is in its store now. Until then, the row had the only copy. */
  private McpServer withoutStoredSecret(McpServer server, Optional<Keeping> client) {
    var secrets = server.unbound();
    if (client.isEmpty() || secrets == null || secrets.clientSecret() == null) return server;
    var rest = secrets.withoutClientSecret().orNull();
    servers.keepUnbound(server, rest);
    return server.keeping(rest);
  }

  /** Whether the grant stays under this record, which follows the one before. */
  boolean keeps(McpServer described, Optional<McpServer> before, HeldGrant held) {
    boolean same = before.isEmpty() || described.isSameConnection(before.get());
    return same && recordGrants.isOf(held, described);
  }

  private Revision write(McpServer server, Former former, Optional<Keeping> client, Deadline deadline) {
    Supplier<Revision> record = () -> servers.put(server, former.expected()).orElseThrow(former.expected()::failure);
    return client.map(keeping -> clients.keep(keeping, record,
        written -> takeBack(server.key(), former.server(), written), deadline)).orElseGet(record);
  }

  /**
   * Stores the former record again, or deletes the record where there was none.
   *
   * @param written the write that is taken back
   * @return false if the record was changed since; it stays
   */
  boolean takeBack(ConnectionKey key, Optional<McpServer> before, Revision written) {
    var own = Precondition.is(written);
    return before.map(former -> servers.put(former, own).isPresent()).orElseGet(() -> servers.delete(key, own));
  }

  /** Fails if the user could not have these records too. */
  void requireRoom(UserId user, Set<ConnectionId> wanted) {
    var all = new HashSet<>(servers.connections(user));
    all.addAll(wanted);
    if (all.size() > MAX_SERVERS) throw tooMany();
  }

  /** The user may send the URL hidden, or with another query, and still have the former URL in another member. */
  static ObjectNode hidden(ObjectNode document, EndpointUrl url, Optional<McpServer> before) {
    before.ifPresent(former -> HiddenQuery.ofOther(document, former.url()));
    return HiddenQuery.ofOther(document, url);
  }

  /**
   * The record that a call finds.
   *
   * @param server the record; empty where there is none, or where it cannot be decrypted
   * @param expected what the call expects of the row when it writes: the record that it has read. For a record that
   *        cannot be decrypted, only what its caller expects
   */
  record Former(Optional<McpServer> server, Precondition expected) {
    /** The record that is stored; {@code changed_meanwhile} where the caller expects another one. */
    static Former of(Optional<StoredServer> stored, Precondition precondition) {
      precondition.require(stored.map(StoredServer::revision));
      return new Former(stored.map(StoredServer::server),
          stored.map(StoredServer::revision).map(Precondition::is).orElseGet(Precondition::absent));
    }

    /** A record that cannot be decrypted. */
    static Former unreadable(Precondition precondition) {
      if (precondition instanceof Precondition.Absent) throw precondition.failure();
      return new Former(Optional.empty(), precondition);
    }
  }

  /** The record that a call finds; {@code changed_meanwhile} where the caller expects another one. */
  Former former(ConnectionKey key, Precondition precondition) {
    try {
      var stored = servers.stored(key);
      stored.map(StoredServer::server).ifPresent(ServerRegistry::requireOwn);
      return Former.of(stored, precondition);
    } catch (Failure.Misconfigured e) {
      noteUnreadable(key, e);
      return Former.unreadable(precondition);
    }
  }

  /** Refuses the change of a built-in record by a user. */
  private static void requireOwn(McpServer server) {
    if (!server.isBuiltin()) return;
    throw new Failure.NotPermitted(ErrorCode.FORBIDDEN, "The operator has written this record for all users. Only the "
        + "operator (scope mcp:operator) changes it, as a record with isBuiltin true.");
  }

  void noteUnreadable(ConnectionKey key, Failure.Misconfigured fault) {
    journal.write("server_unreadable", Map.of("connection", key.connection(), "detail", fault.detail()));
  }

  private void requireRoom(UserId user) {
    if (servers.connections(user).size() >= MAX_SERVERS) throw tooMany();
  }

  private static Failure tooMany() {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "A user has at most " + MAX_SERVERS + " server records.");
  }

  private Optional<Keeping> client(UserId user, ServerRecord record, UnboundSecrets secrets,
      Optional<McpServer> before) {
    var client = record.client();
    if (client.id() == null || client.issuer() == null) return Optional.empty();
    var given = given(client, client.issuer(), client.id(), secrets.clientSecret());
    requireStatedWith(record, secrets, given, before);
    return Optional.of(clients.prepare(user, given));
  }

  /** A client that a record names together with its issuer, and with the endpoints that the record may state. */
  static PreregisteredClients.Given given(ServerRecord.Client client, Issuer issuer, ClientId id,
      @Nullable ClientSecret secret) {
    var endpoints = client.endpoints();
    return new PreregisteredClients.Given(endpoints == null ? issuer : endpoints.registeredAt(issuer), id, secret,
        client.redirectUri(), client.method());
  }

  /** A client or tokens without an issuer are kept, and not used. */
  static Terms terms(ServerRecord record, UnboundSecrets secrets, Optional<Keeping> kept) {
    var client = record.client();
    if (client.issuer() == null) {
      boolean issuerRequired = client.id() != null || secrets.orNull() != null;
      return new Terms(record.scopes(), null, null, client.method(), false, null, issuerRequired);
    }
    return new Terms(record.scopes(), client.issuer(), client.id(), client.method(),
        kept.filter(Keeping::hasSecret).isPresent(), client.endpoints());
  }

  /**
   * Secrets and tokens that wait in the row are not sent to endpoints that they were not stated with. A secret in the
   * store is not even found there, see {@link StatedEndpoints#registeredAt}: for it, this only says what is missing.
   */
  private static void requireStatedWith(ServerRecord record, UnboundSecrets secrets,
      PreregisteredClients.Given given, Optional<McpServer> before) {
    var client = record.client();
    var former = before.map(McpServer::terms);
    boolean stated = client.endpoints() != null || former.map(Terms::endpoints).isPresent();
    if (!stated || former.filter(old -> old.names(given.issuer(), given.id())).isPresent()) return;
    boolean waiting = (secrets.clientSecret() != null && client.secret() == null)
        || (secrets.credentials() != null && record.credentials() == null);
    boolean leftBehind = client.secret() == null
        && former.filter(old -> old.hasSecret() && isOfSameClient(old, client)).isPresent();
    if (waiting || leftBehind) throw RecordedIssuer.secretMissing();
  }

  /** Whether both name one client of one issuer, whatever the endpoints. */
  private static boolean isOfSameClient(Terms old, ServerRecord.Client client) {
    return old.issuer() != null && client.issuer() != null && old.issuer().means(client.issuer())
        && Objects.equals(old.clientId(), client.id());
  }

  ObjectNode dated(ObjectNode document, Optional<McpServer> before) {
    return dated(document, before, Optional.empty());
  }

  private ObjectNode dated(ObjectNode document, Optional<McpServer> before, Optional<Long> createdAt) {
    long now = clock.instant().getEpochSecond();
    return document
        .put("createdAt", createdAt
            .orElseGet(() -> before.map(old -> old.document().path("createdAt").asLong(now)).orElse(now)))
        .put("updatedAt", now);
  }
}
