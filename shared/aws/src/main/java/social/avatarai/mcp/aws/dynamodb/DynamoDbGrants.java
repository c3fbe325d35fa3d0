package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.flag;
import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.millisOrNull;
import static social.avatarai.mcp.aws.dynamodb.Values.number;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantOrigin;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.token.WriteMark;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Grants in DynamoDB. All grants of a user are in one partition, with one item for each connection. */
public final class DynamoDbGrants implements Grants {
  private final Table table;
  private final TokenCipher cipher;
  private final GrantItem items;

  public DynamoDbGrants(DynamoDbClient client, Tables tables, TokenCipher cipher) {
    this.table = new Table(client, tables.tokens());
    this.cipher = cipher;
    this.items = new GrantItem(cipher);
  }

  @Override
  public Optional<Grant> read(ConnectionKey key) {
    return table.get(GrantItem.key(key)).map(items::grant);
  }

  @Override
  public Covering covering(UserId user, EndpointUrl url) {
    var candidates = keysOfCandidates(user, url);
    if (candidates.isEmpty()) return new Covering(List.of(), List.of());
    try (var _ = cipher.expect()) {
      return opened(table.getAll(candidates), url);
    }
  }

  private Covering opened(List<Map<String, AttributeValue>> rows, EndpointUrl url) {
    var grants = new ArrayList<Grant>();
    var unopened = new ArrayList<Unopened>();
    for (var item : rows) {
      try {
        if (GrantItem.covers(item, url)) grants.add(items.grant(item));
      } catch (Failure.Misconfigured e) {
        unopened.add(GrantItem.unopened(item, e));
      }
    }
    return new Covering(List.copyOf(grants), List.copyOf(unopened));
  }

  private List<Map<String, AttributeValue>> keysOfCandidates(UserId user, EndpointUrl url) {
    var atOrigin = Condition.of("#pk = :pk AND begins_with(#resourceKey, :origin)")
        .with("pk", text(GrantItem.partition(user))).with("origin", text(ResourceKey.originPrefix(url)));
    return table.queryIndex(Tables.BY_RESOURCE, atOrigin).stream().filter(GrantItem::isGrant)
        .map(item -> ItemReader.map(GrantItem.TABLE, item, row -> new Candidate(row.text(Tables.RESOURCE_KEY),
            Values.key(row.text(Tables.PARTITION), row.text(Tables.SORT)))))
        .filter(candidate -> ResourceKey.mayCover(candidate.resourceKey(), url)).map(Candidate::key).toList();
  }

  /** The attributes of a grant that the index holds. */
  private record Candidate(String resourceKey, Map<String, AttributeValue> key) {}

  @Override
  public Optional<ByRefreshToken> findByRefreshToken(UserId user, RefreshToken token) {
    Failure.Misconfigured fault = null;
    for (var item : partition(user).toList()) {
      try {
        var found = items.matching(item, token);
        if (found.isPresent()) return found;
      } catch (Failure.Misconfigured e) {
        // A row that cannot be read does not hide the other grants. But it may be the grant we look for, so we cannot
        // say that the token is unknown.
        fault = e;
      }
    }
    if (fault != null) throw fault;
    return Optional.empty();
  }

  @Override
  public boolean isSpent(Grant grant, RefreshToken token) {
    return table.get(GrantItem.key(grant.key())).filter(item -> id(grant).equals(item.get(GrantItem.GRANT)))
        .filter(item -> items.isSpent(item, token)).isPresent();
  }

  @Override
  public List<ConnectionId> connections(UserId user) {
    return partition(user)
        .map(item -> ItemReader.map(GrantItem.TABLE, item, row -> new ConnectionId(row.text(Tables.SORT))))
        .toList();
  }

  @Override
  public int count(UserId user) {
    var all = Condition.of("#pk = :pk").with("pk", text(GrantItem.partition(user)));
    return (int) table.queryIndex(Tables.BY_RESOURCE, all).stream().filter(GrantItem::isGrant).count();
  }

  @Override
  public boolean isNamed(UserId user, Issuer registeredAt, ClientId clientId) {
    var client = Map.of("clientId", text(clientId.value()), "clientOwner", text(Owner.of(user).key()));
    return rows(user).map(item -> WaitingItem.isWaiting(item) ? WaitingItem.grant(item) : item)
        .filter(item -> GrantItem.isGrant(item) || ReplacedTokenItem.isReplacedToken(item))
        .filter(item -> item.entrySet().containsAll(client.entrySet()))
        .anyMatch(item -> isRegisteredAt(item, registeredAt));
  }

  /** A grant without a readable target is never used, so it needs no client. */
  private static boolean isRegisteredAt(Map<String, AttributeValue> item, Issuer registeredAt) {
    try {
      return ItemReader.map(GrantItem.TABLE, item, row -> TargetItem.isRegisteredAt(row, registeredAt));
    } catch (Failure.Misconfigured e) {
      return false;
    }
  }

  private Stream<Map<String, AttributeValue>> partition(UserId user) {
    return rows(user).filter(GrantItem::isGrant);
  }

  /** All rows of a user: grants, leases and kept tokens. */
  private Stream<Map<String, AttributeValue>> rows(UserId user) {
    return table.query(Condition.of("#pk = :pk").with("pk", text(GrantItem.partition(user)))).stream();
  }

  @Override
  public Optional<GrantOrigin> origin(ConnectionKey key) {
    return table.get(GrantItem.key(key)).map(GrantItem::origin);
  }

  @Override
  public StoreResult store(Grant grant, Replaceable replaceable) {
    boolean decided = replaceable instanceof Replaceable.DecidedAccount;
    var may = condition(grant, replaceable);
    if (decided || grant.tokens().identity() == null) return stored(table.put(items.of(grant), may), grant, decided);
    // The account in a row is sealed. A row that has neither no account nor the digest of this one is opened first: the
    // digest may be missing, or be under another key.
    var written = table.put(items.of(grant), may.and(items.sameAccount(grant)));
    while (isPerhapsOfOtherAccount(written, grant)) {
      var before = written.before();
      var held = replaced(before);
      if (held.filter(one -> !mayReplace(grant, one, replaceable)).isPresent()) break;
      if (held.filter(grant::isOfOtherAccountThan).isPresent()) return new StoreResult.OtherAccount(held.get());
      written = table.put(items.of(grant), may.and(sameVersion(before)));
      if (!written.applied() && isSameVersion(before, written.before())) break;
    }
    return stored(written, grant, false);
  }

  /** Whether a write may have failed because the row names an account. Accounts of two issuers are not compared. */
  private static boolean isPerhapsOfOtherAccount(WriteResult written, Grant grant) {
    return !written.applied() && written.before().containsKey(GrantItem.IDENTITY) && !isOurs(written, grant)
        && written.text(TargetItem.ISSUER).map(Issuer::new).filter(grant.target().issuer()::means).isPresent();
  }

  private static boolean isOfIssuer(WriteResult written, Grant grant) {
    return written.text(TargetItem.ISSUER).filter(grant.target().issuer().value()::equals).isPresent();
  }

  private StoreResult stored(WriteResult written, Grant grant, boolean decided) {
    var result = result(written, grant);
    if (result instanceof StoreResult.Refused && isOfIssuer(written, grant) && !decided)
      throw GrantTarget.serverConflict();
    return result;
  }

  /** Whether the accounts matter: a grant that may not be replaced anyway is no grant of another account. */
  private static boolean mayReplace(Grant grant, Grant held, Replaceable replaceable) {
    return replaceable instanceof Replaceable.AnyIssuer || !isOfResource(grant) || grant.isOfSameServerAs(held);
  }

  private static Condition sameVersion(Map<String, AttributeValue> item) {
    return Condition.is(GrantItem.GRANT, item.get(GrantItem.GRANT))
        .and(Condition.is(GrantItem.VERSION, item.get(GrantItem.VERSION)));
  }

  private static boolean isSameVersion(Map<String, AttributeValue> one, Map<String, AttributeValue> other) {
    return Stream.of(GrantItem.GRANT, GrantItem.VERSION)
        .allMatch(name -> Objects.equals(one.get(name), other.get(name)));
  }

  @Override
  public StoreResult storeInPlaceOf(Grant before, Grant grant) {
    return result(table.put(items.of(grant), sameVersion(before)), grant);
  }

  private StoreResult result(WriteResult written, Grant grant) {
    if (written.applied())
      return new StoreResult.Kept(replaced(written.before()), GrantItem.waited(written.before()));
    // The item in the way may come from an earlier try of ours whose response was lost. The old item that this try
    // returned is lost too.
    return isOurs(written, grant) ? new StoreResult.Kept(Optional.empty()) : new StoreResult.Refused();
  }

  private static boolean isOurs(WriteResult written, Grant grant) {
    return written.text(GrantItem.GRANT).filter(grant.id().value()::equals).isPresent();
  }

  /** Never overwrites the same grant: a late try of ours must not undo a refresh that happened meanwhile. */
  private static Condition condition(Grant grant, Replaceable replaceable) {
    if (replaceable instanceof Replaceable.DecidedAccount) {
      return Condition.of("#accountChange = :accountChange").with(GrantItem.CHANGE, id(grant));
    }
    var another = Condition.of("#grant <> :grant").with("grant", id(grant));
    var replaced = switch (replaceable) {
      case Replaceable.AnyIssuer _,Replaceable.DecidedAccount _ -> another;
      case Replaceable.SameIssuer _ -> another.and(sameIssuer(grant));
      case Replaceable.MigratedGrant(var migrated) -> another
          .and(sameIssuer(grant).or(Condition.of("#grant = :migrated").with("migrated", text(migrated.value()))));
    };
    return Condition.absent().or(replaced);
  }

  /**
   * Holds for a grant of the same issuer. If the grant is for a resource without a record, the server must be the same
   * too. With a record, the record says which server it is.
   */
  private static Condition sameIssuer(Grant grant) {
    var same = Condition.of("#issuer = :issuer").with("issuer", issuer(grant));
    return isOfResource(grant) ? same.and(ServerQuery.anyQuery("serverUrl", grant.target().serverUrl())) : same;
  }

  private static boolean isOfResource(Grant grant) {
    return grant.key().connection().isOfResource();
  }

  private Optional<Grant> replaced(Map<String, AttributeValue> before) {
    if (before.isEmpty()) return Optional.empty();
    try {
      return Optional.of(items.grant(before));
    } catch (Failure.Misconfigured e) {
      // The old grant cannot be opened, so it can be neither kept nor revoked.
      return Optional.empty();
    }
  }

  @Override
  public GrantWriteResult commit(Grant next, WriteMark mark) {
    var fence = Condition.of("#grant = :grant AND #version = :fence").with("grant", id(next)).with("fence",
        number(next.version() - 1));
    var written = table
        .update(GrantItem.key(next.key()), items.committing(fence, next).set(WriteResult.ATTEMPT, text(mark.value())));
    return new GrantWriteResult(written.isDoneBy(mark.value()), GrantItem.waited(written.before()));
  }

  @Override
  public boolean noteState(Grant read, GrantState next, WriteMark mark) {
    var unchanged = sameVersion(read).and(GrantStateItem.same(read.state()));
    return table.update(GrantItem.key(read.key()), ItemUpdate.when(unchanged).set(GrantStateItem.of(next))
        .set(WriteResult.ATTEMPT, text(mark.value()))).isDoneBy(mark.value());
  }

  @Override
  public boolean noteRejected(Grant grant, Instant since) {
    return noteRejection(sameVersion(grant).and(Condition.of("attribute_not_exists(#rejectedMillis)")), grant, since);
  }

  @Override
  public boolean noteAccepted(Grant grant) {
    return noteRejection(sameVersion(grant).and(Condition.of("attribute_exists(#rejectedMillis)")), grant, null);
  }

  private boolean noteRejection(Condition condition, Grant grant, @Nullable Instant since) {
    String attempt = Unguessable.text();
    return table.update(GrantItem.key(grant.key()), ItemUpdate.when(condition)
        .set(GrantStateItem.REJECTED, millisOrNull(since)).set(WriteResult.ATTEMPT, text(attempt))).isDoneBy(attempt);
  }

  private static Condition sameGrant(Grant grant) {
    return Condition.of("#grant = :grant").with("grant", id(grant));
  }

  private static Condition sameVersion(Grant grant) {
    return Condition.of("#grant = :grant AND #version = :same").with("grant", id(grant)).with("same",
        number(grant.version()));
  }

  @Override
  public void noteEnabled(ConnectionKey key, boolean enabled) {
    table.update(GrantItem.key(key),
        ItemUpdate.when(Condition.of("attribute_exists(#grant)")).set(GrantItem.DISABLED, flag(!enabled)));
  }

  @Override
  public void noteServer(Grant grant) {
    table.update(GrantItem.key(grant.key()),
        ItemUpdate.when(sameGrant(grant)).set(items.server(grant)).set(ProtocolItem.none()));
  }

  @Override
  public GrantWriteResult remove(Grant grant) {
    var removed = table.remove(GrantItem.key(grant.key()), sameVersion(grant));
    return new GrantWriteResult(removed.applied(), GrantItem.waited(removed.before()));
  }

  @Override
  public boolean eraseUnopened(ConnectionKey key) {
    while (true) {
      var item = table.get(GrantItem.key(key));
      if (item.isEmpty()) return true;
      if (isOpened(item.get())) return false;
      if (table.delete(GrantItem.key(key), GrantItem.unchanged(item.get()))) return true;
    }
  }

  private boolean isOpened(Map<String, AttributeValue> item) {
    try {
      items.grant(item);
      return true;
    } catch (Failure.Misconfigured e) {
      return false;
    }
  }

  @Override
  public GrantWriteResult noteAccountChange(Grant held, AccountChange change) {
    var noted = table.update(GrantItem.key(held.key()),
        ItemUpdate.when(sameGrant(held)).set(items.accountChange(held, change)));
    if (!noted.applied()) return GrantWriteResult.NOT_DONE;
    // An earlier try of ours, whose response was lost, has named the grant already.
    return new GrantWriteResult(true,
        GrantItem.waited(noted.before()).filter(before -> !before.id().equals(change.id())));
  }

  @Override
  public boolean endAccountChange(ConnectionKey key, GrantId waiting) {
    String attempt = Unguessable.text();
    var same = Condition.of("#accountChange = :ended").with("ended", text(waiting.value()));
    return table.update(GrantItem.key(key), ItemUpdate.when(same).set(GrantItem.noAccountChange())
        .set(WriteResult.ATTEMPT, text(attempt))).isDoneBy(attempt);
  }

  @Override
  public void noteUse(Grant grant, Instant at) {
    var older = Condition.of("#grant = :grant AND #lastUsedMillis < :lastUsedMillis").with("grant", id(grant));
    table.update(GrantItem.key(grant.key()), ItemUpdate.when(older).set("lastUsedMillis", millis(at)));
  }

  @Override
  public boolean keepProtocol(Grant grant, NegotiatedProtocol protocol) {
    var same = sameGrant(grant).and(items.sameServerUrl(grant));
    return items.protocol(grant).keep(protocol, grant.protocol(), updating(grant, same));
  }

  @Override
  public void forgetProtocol(Grant grant) {
    items.protocol(grant).forget(grant.protocol(), updating(grant, sameGrant(grant)));
  }

  private ProtocolItem.Update updating(Grant grant, Condition same) {
    return (session, attributes) -> table.update(GrantItem.key(grant.key()),
        ItemUpdate.when(same.and(session)).set(attributes));
  }

  private static AttributeValue issuer(Grant grant) {
    return text(grant.target().issuer().value());
  }

  private static AttributeValue id(Grant grant) {
    return text(grant.id().value());
  }
}
