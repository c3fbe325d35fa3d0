package social.avatarai.mcp.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.record.HiddenQuery;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.Revision;
import social.avatarai.mcp.record.ServerRecord;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.record.StoredServer;
import social.avatarai.mcp.record.UnboundSecrets;
import social.avatarai.mcp.registration.PreregisteredClients;
import social.avatarai.mcp.registration.PreregisteredClients.Keeping;
import social.avatarai.mcp.resource.KeptSessions;
import social.avatarai.mcp.token.GrantSummary;
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
  private final RecordClients recordClients;
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
    this.recordClients = new RecordClients(clients);
    this.sessions = sessions;
    this.userClients = userClients;
    this.profiles = profiles;
    this.offers = offers;
    this.liveGrants = liveGrants;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * A record that is written. What this means for its grant and its client may still be to be done.
   *
   * @param before the record that it has replaced; empty if there was none, or if it could not be decrypted
   * @param server the record
   * @param client its client, and how that was known before; empty if it names none
   * @param grant the grant that the connection had before; empty if it had none
   * @param revision which write of its user this is
   */
  record RecordWrite(Optional<McpServer> before, McpServer server, Optional<Keeping> client, Optional<HeldGrant> grant,
      Revision revision) {}

  /**
   * A record as it is stored.
   *
   * @param shown the record as its user sees it
   * @param tokens what has become of its live tokens
   * @param write its write
   */
  record Stored(ObjectNode shown, LiveGrants.Bound tokens, RecordWrite write) {}

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
    var record = ServerRecord.read(key, body, profiles);
    var stored = store(key, new Storing(record, Optional.empty(), precondition, _ -> {}), at);
    return new Kept(stored.shown(), stored.write().revision());
  }

  /**
   * A record to store.
   *
   * @param record the record
   * @param createdAt the time of creation to keep, in seconds since 1970; empty for the one of the former record, or now
   * @param precondition what the record may replace
   * @param written gets the write as soon as it is done, also if something fails after it
   */
  record Storing(ServerRecord record, Optional<Long> createdAt, Precondition precondition,
      Consumer<RecordWrite> written) {}

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
    requireProgram(record);
    var former = former(key, storing.precondition());
    var before = former.server();
    if (before.isEmpty() && former.expected() instanceof Precondition.Absent) requireRoom(key.user());
    var url = record.urlAfter(before);
    var secrets = UnboundSecrets.of(record, before, url);
    var client = recordClients.prepare(key.user(), record, secrets, before);
    var terms = RecordClients.terms(record, secrets, client);
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
    var write = new RecordWrite(before, server, client, grant, revision);
    storing.written().accept(write);
    var settled = settle(server, before, ending, deadline);
    var bound = withoutStoredSecret(server, client);
    var tokens = liveGrants.bind(bound, record.credentials() != null, deadline);
    // The record is read again: the tokens are no longer in it, or it has a new error.
    var shown = tokens.outcome() == LiveGrants.Outcome.NONE
        ? views.shown(bound, settled)
        : views.withoutOffer(found.find(key));
    return new Stored(offers.stored(bound, before, shown), tokens, write);
  }

  /** Ends what belongs to the former record and no longer fits: its session, its grant, and clients without a use. */
  private Optional<GrantSummary> settle(McpServer server, Optional<McpServer> before, Optional<HeldGrant> ending,
      Deadline deadline) {
    // A session that was opened without a grant belongs to the URL and the credentials before.
    before.filter(old -> !Objects.equals(old.protocol(), server.protocol()))
        .ifPresent(old -> sessions.end(old, deadline));
    // Ends a grant of the former URL, issuer or client. The call that loses against another one must not end a grant.
    var settled = recordGrants.settle(server, ending, deadline);
    // Clients are deleted after the record is written: a client that the record names is in use.
    ending.flatMap(HeldGrant::opened).ifPresent(ended -> userClients.forgetUnusedOf(ended, deadline));
    before.map(McpServer::terms).filter(old -> !old.isSameClient(server.terms()))
        .ifPresent(old -> userClients.forgetUnusedOf(server.key().user(), old, deadline));
    return settled;
  }

  /** Refuses a record that names a program which this deployment does not have. */
  void requireProgram(ServerRecord record) {
    found.requireProgram(record.url());
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

  private Revision write(McpServer server, FormerRecord former, Optional<Keeping> client, Deadline deadline) {
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

  /** The record that a call finds; {@code changed_meanwhile} where the caller expects another one. */
  FormerRecord former(ConnectionKey key, Precondition precondition) {
    return FormerRecord.read(key, () -> requireOwn(servers.stored(key)), precondition, journal);
  }

  /** Refuses the change of a built-in record by a user. */
  private static Optional<StoredServer> requireOwn(Optional<StoredServer> stored) {
    if (stored.filter(found -> found.server().isBuiltin()).isEmpty()) return stored;
    throw new Failure.NotPermitted(ErrorCode.FORBIDDEN, "The operator has written this record for all users. Only the "
        + "operator (scope mcp:operator) changes it, as a record with isBuiltin true.");
  }

  void noteUnreadable(ConnectionKey key, Failure.Misconfigured fault) {
    FormerRecord.noteUnreadable(key, fault, journal);
  }

  private void requireRoom(UserId user) {
    if (servers.connections(user).size() >= MAX_SERVERS) throw tooMany();
  }

  private static Failure tooMany() {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "A user has at most " + MAX_SERVERS + " server records.");
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
