package social.avatarai.mcp.testkit.memory;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.testkit.memory.StoreTraffic.Item;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantOrigin;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.token.WriteMark;

/**
 * Grants in memory. Each row changes in one atomic step, like an item of DynamoDB. Looking for the grants of a user
 * walks through all rows: this store is for looking grants up by their keys.
 */
public final class MemoryGrants implements Grants {
  private final Map<ConnectionKey, Row> rows = new ConcurrentHashMap<>();
  private final StoreTraffic traffic;

  public MemoryGrants(StoreTraffic traffic) {
    this.traffic = traffic;
  }

  /**
   * A stored grant.
   *
   * @param grant the grant
   * @param previous the refresh token before the current one; null if there was none
   * @param first the refresh token that the grant began with; null if there was none
   * @param mark the mark of the last commit or note of a state; null after a consent
   * @param waiting the grant of another account that waits; null for none
   */
  private record Row(Grant grant, @Nullable RefreshToken previous, @Nullable RefreshToken first,
      @Nullable WriteMark mark,
      @Nullable Waited waiting) {
    Row with(Grant next) {
      return new Row(next, previous, first, mark, waiting);
    }

    Row waitedFor(@Nullable Waited other) {
      return new Row(grant, previous, first, mark, other);
    }

    boolean names(GrantId other) {
      return waiting != null && waiting.id().equals(other);
    }
  }

  @Override
  public Optional<Grant> read(ConnectionKey key) {
    traffic.note(Item.GRANT_READ);
    return peek(key);
  }

  /** The same without counting: what a simulation looks at is no traffic. */
  public Optional<Grant> peek(ConnectionKey key) {
    return Optional.ofNullable(rows.get(key)).map(Row::grant);
  }

  @Override
  public Covering covering(UserId user, EndpointUrl url) {
    return new Covering(ofUser(user).map(Row::grant).filter(grant -> grant.covers(url)).toList(), List.of());
  }

  @Override
  public Optional<ByRefreshToken> findByRefreshToken(UserId user, RefreshToken token) {
    return ofUser(user)
        .filter(row -> token.equals(row.grant().tokens().refreshToken()) || token.equals(row.previous()))
        .map(row -> new ByRefreshToken(row.grant(), token.equals(row.grant().tokens().refreshToken()))).findFirst();
  }

  @Override
  public boolean isSpent(Grant grant, RefreshToken token) {
    traffic.note(Item.GRANT_READ);
    var row = rows.get(grant.key());
    return row != null && isSame(row, grant) && !token.equals(row.grant().tokens().refreshToken())
        && (token.equals(row.previous()) || token.equals(row.first()));
  }

  @Override
  public List<ConnectionId> connections(UserId user) {
    return ofUser(user).map(row -> row.grant().key().connection())
        .sorted(Comparator.comparing(ConnectionId::value)).toList();
  }

  @Override
  public int count(UserId user) {
    return (int) ofUser(user).count();
  }

  @Override
  public boolean isNamed(UserId user, Issuer registeredAt, ClientId clientId) {
    return ofUser(user).map(Row::grant).anyMatch(grant -> grant.target().registeredAt().equals(registeredAt)
        && grant.client().id().equals(clientId) && grant.client().owner().equals(Owner.of(user)));
  }

  private Stream<Row> ofUser(UserId user) {
    var found = rows.values().stream().filter(row -> row.grant().key().user().equals(user)).toList();
    traffic.note(Item.GRANT_READ, found.size());
    return found.stream();
  }

  @Override
  public Optional<GrantOrigin> origin(ConnectionKey key) {
    return read(key).map(grant -> new GrantOrigin(grant.id(), grant.target().issuer(), grant.client().id(),
        grant.target().serverUrl().withoutQuery()));
  }

  @Override
  public StoreResult store(Grant grant, Replaceable replaceable) {
    if (replaceable instanceof Replaceable.DecidedAccount) {
      return put(grant, row -> row != null && row.names(grant.id()));
    }
    var result = put(grant, row -> mayReplace(row == null ? null : row.grant(), grant, replaceable)
        && (row == null || !grant.isOfOtherAccountThan(row.grant())));
    boolean refused = result instanceof StoreResult.Refused;
    if (refused) {
      var other = read(grant.key()).filter(held -> mayReplace(held, grant, replaceable))
          .filter(grant::isOfOtherAccountThan);
      if (other.isPresent()) return new StoreResult.OtherAccount(other.get());
    }
    if (refused && read(grant.key()).filter(held -> isOfSameIssuer(held, grant)).isPresent()) {
      throw GrantTarget.serverConflict();
    }
    return result;
  }

  @Override
  public StoreResult storeInPlaceOf(Grant before, Grant grant) {
    return put(grant, row -> row != null && row.grant().isSameVersion(before));
  }

  /** Decides about a row; the argument is null where no grant is. */
  private interface Rule {
    boolean allows(@Nullable Row row);
  }

  private StoreResult put(Grant grant, Rule rule) {
    traffic.note(Item.GRANT_WRITE);
    var result = new AtomicReference<StoreResult>(new StoreResult.Refused());
    rows.compute(grant.key(), (_, row) -> {
      var held = row == null ? null : row.grant();
      if (rule.allows(row)) {
        result.set(new StoreResult.Kept(Optional.ofNullable(held),
            Optional.ofNullable(row).map(Row::waiting)));
        return new Row(grant, null, grant.tokens().refreshToken(), null, null);
      }
      // An earlier try of the same write has stored it.
      if (held != null && held.id().equals(grant.id())) result.set(new StoreResult.Kept(Optional.empty()));
      return row;
    });
    return result.get();
  }

  private static boolean mayReplace(@Nullable Grant held, Grant grant, Replaceable replaceable) {
    if (held == null) return true;
    if (held.id().equals(grant.id())) return false;
    boolean same = isOfSameIssuer(held, grant)
        && (!grant.key().connection().isOfResource() || held.isOfSameServerAs(grant));
    return switch (replaceable) {
      case Replaceable.AnyIssuer _,Replaceable.DecidedAccount _ -> true;
      case Replaceable.SameIssuer _ -> same;
      case Replaceable.MigratedGrant(var migrated) -> same || held.id().equals(migrated);
    };
  }

  private static boolean isOfSameIssuer(Grant one, Grant other) {
    return one.target().issuer().equals(other.target().issuer());
  }

  @Override
  public GrantWriteResult commit(Grant next, WriteMark mark) {
    var row = change(next.key(), before -> {
      var held = before.grant();
      if (!held.id().equals(next.id()) || held.version() != next.version() - 1) return before;
      return new Row(committed(held, next), previous(before, next), before.first(), mark, before.waiting());
    });
    boolean done = row != null && mark.equals(row.mark()) && row.grant().isSameVersion(next);
    return new GrantWriteResult(done, Optional.ofNullable(row).map(Row::waiting));
  }

  /**
   * The last use, what the server says of the tokens, the protocol, the switch and how the server is asked stay: other
   * requests write them meanwhile.
   */
  private static Grant committed(Grant held, Grant next) {
    var target = new GrantTarget(held.target().issuer(), next.target().tokenEndpoint(), held.target().resource(),
        held.target().serverUrl(), held.target().stated());
    return new Grant(held.key(), held.id(), next.version(), target, held.client(), next.tokens(),
        noted(held.state(), next.state()), next.warnings(), held.protocol(), held.enabled(), held.builtIn(),
        held.overSse());
  }

  private static @Nullable RefreshToken previous(Row before, Grant next) {
    var held = before.grant().tokens().refreshToken();
    return Objects.equals(held, next.tokens().refreshToken()) ? before.previous() : held;
  }

  @Override
  public boolean noteState(Grant read, GrantState next, WriteMark mark) {
    var row = change(read.key(), before -> {
      var held = before.grant();
      if (!held.isSameVersion(read) || !isSame(held.state(), read.state())) return before;
      return new Row(held.inState(noted(held.state(), next)), before.previous(), before.first(), mark,
          before.waiting());
    });
    return row != null && mark.equals(row.mark()) && row.grant().isSameVersion(read);
  }

  private static boolean isSame(GrantState held, GrantState read) {
    return held.status() == read.status() && held.failures() == read.failures() && held.refusals() == read.refusals()
        && Objects.equals(held.notBefore(), read.notBefore());
  }

  /** The next state with what other requests write meanwhile: the last use, and what the server says of the tokens. */
  private static GrantState noted(GrantState held, GrantState next) {
    return new GrantState(next.status(), next.failures(), next.refusals(), next.notBefore(), held.lastUsed(),
        next.dueMinute(), next.cause(), new GrantState.Notes(next.notes().since(), held.notes().rejectedSince(),
            next.notes().usedSecret()));
  }

  @Override
  public boolean noteRejected(Grant grant, Instant since) {
    return noteRejection(grant, since);
  }

  @Override
  public boolean noteAccepted(Grant grant) {
    return noteRejection(grant, null);
  }

  private boolean noteRejection(Grant grant, @Nullable Instant since) {
    var done = new AtomicBoolean();
    change(grant.key(), before -> {
      var held = before.grant();
      done.set(held.isSameVersion(grant) && held.state().isRejected() == (since == null));
      return done.get() ? before.with(held.inState(rejected(held.state(), since))) : before;
    });
    return done.get();
  }

  private static GrantState rejected(GrantState held, @Nullable Instant since) {
    return new GrantState(held.status(), held.failures(), held.refusals(), held.notBefore(), held.lastUsed(),
        held.dueMinute(), held.cause(),
        new GrantState.Notes(held.notes().since(), since, held.notes().usedSecret()));
  }

  @Override
  public void noteEnabled(ConnectionKey key, boolean enabled) {
    change(key, before -> before.with(before.grant().inUse(enabled)));
  }

  @Override
  public void noteServer(Grant grant) {
    change(grant.key(), before -> isSame(before, grant)
        ? before.with(withProtocol(
            before.grant().servedAt(grant.target().serverUrl()).declaredOverSse(grant.overSse()), null))
        : before);
  }

  @Override
  public GrantWriteResult remove(Grant grant) {
    traffic.note(Item.GRANT_WRITE);
    var removed = new AtomicReference<>(GrantWriteResult.NOT_DONE);
    rows.computeIfPresent(grant.key(), (_, row) -> {
      if (!row.grant().isSameVersion(grant)) return row;
      removed.set(new GrantWriteResult(true, Optional.ofNullable(row.waiting())));
      return null;
    });
    return removed.get();
  }

  @Override
  public boolean eraseUnopened(ConnectionKey key) {
    return read(key).isEmpty();
  }

  @Override
  public GrantWriteResult noteAccountChange(Grant held, AccountChange change) {
    var noted = new AtomicReference<>(GrantWriteResult.NOT_DONE);
    change(held.key(), before -> {
      if (!isSame(before, held)) return before;
      noted.set(new GrantWriteResult(true,
          Optional.ofNullable(before.waiting()).filter(other -> !other.id().equals(change.id()))));
      return before.waitedFor(new Waited(change.id(), change.expiresAt()));
    });
    return noted.get();
  }

  @Override
  public boolean endAccountChange(ConnectionKey key, GrantId waiting) {
    var ended = new AtomicBoolean();
    change(key, before -> {
      ended.set(before.names(waiting));
      return ended.get() ? before.waitedFor(null) : before;
    });
    return ended.get();
  }

  @Override
  public void noteUse(Grant grant, Instant at) {
    change(grant.key(), before -> isSame(before, grant) && before.grant().state().lastUsed().isBefore(at)
        ? before.with(before.grant().usedAt(at))
        : before);
  }

  @Override
  public boolean keepProtocol(Grant grant, NegotiatedProtocol protocol) {
    var row = change(grant.key(), before -> isSame(before, grant)
        && before.grant().target().serverUrl().equals(grant.target().serverUrl())
        && isFree(session(before.grant().protocol()), session(grant.protocol()), session(protocol))
            ? before.with(withProtocol(before.grant(), protocol))
            : before);
    return row != null && isSame(row, grant) && protocol.equals(row.grant().protocol());
  }

  @Override
  public void forgetProtocol(Grant grant) {
    change(grant.key(),
        before -> isSame(before, grant) && Objects.equals(before.grant().protocol(), grant.protocol())
            ? before.with(withProtocol(before.grant(), null))
            : before);
  }

  /** Whether a session may be stored where this one is: none, the one that the call knew, or the same. */
  private static boolean isFree(@Nullable McpSessionId stored, @Nullable McpSessionId known,
      @Nullable McpSessionId next) {
    return stored == null || stored.equals(known) || stored.equals(next);
  }

  private static @Nullable McpSessionId session(@Nullable NegotiatedProtocol protocol) {
    return protocol == null ? null : protocol.session();
  }

  private static boolean isSame(Row row, Grant grant) {
    return row.grant().id().equals(grant.id());
  }

  private static Grant withProtocol(Grant grant, @Nullable NegotiatedProtocol protocol) {
    return new Grant(grant.key(), grant.id(), grant.version(), grant.target(), grant.client(), grant.tokens(),
        grant.state(), grant.warnings(), protocol, grant.enabled(), grant.builtIn(),
        grant.overSse());
  }

  private @Nullable Row change(ConnectionKey key, UnaryOperator<Row> change) {
    traffic.note(Item.GRANT_WRITE);
    return rows.computeIfPresent(key, (_, row) -> change.apply(row));
  }
}
