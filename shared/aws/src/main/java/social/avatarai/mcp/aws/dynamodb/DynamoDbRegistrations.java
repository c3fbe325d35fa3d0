package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.key;
import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.seconds;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.registration.ClientRegistration;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Client registrations in DynamoDB: a partition for each owner, in which the items are ordered by issuer. */
public final class DynamoDbRegistrations implements Registrations {
  private static final Duration LEASE_CLEANED_AFTER = Duration.ofHours(1);

  private final Table table;
  private final RegistrationItem items;
  /**
   * The marks of the leases that this process holds, by partition and sort key. A process releases only its own leases.
   */
  private final Map<Map<String, AttributeValue>, String> leases = new ConcurrentHashMap<>();

  public DynamoDbRegistrations(DynamoDbClient client, Tables tables, TokenCipher cipher) {
    this.table = new Table(client, tables.registrations());
    this.items = new RegistrationItem(cipher);
  }

  @Override
  public Known lookUp(Query query) {
    var issuer = query.issuer();
    String user = Owner.of(query.user()).key();
    String auto = RegistrationItem.auto(issuer, query.redirectUri());
    var own = key(Owner.deployment().key(), auto);
    var alone = key(user, auto);
    var offline = key(user, RegistrationItem.offline(issuer, query.connection()));
    var refused = key(user, RegistrationItem.refused(issuer));
    var named = namedKeys(query);
    var found = byKey(table.getAll(Stream.concat(Stream.of(own, alone, offline, refused), named.stream()).toList()));
    var ownFound = registration(found.get(own));
    var aloneFound = registration(found.get(alone));
    return new Known(ownFound, aloneFound,
        named(query, named, found, Stream.concat(Stream.ofNullable(aloneFound), Stream.ofNullable(ownFound))),
        misspelled(query, found), deployments(named, found), found.containsKey(offline), refusal(found.get(refused)));
  }

  /**
   * The keys of the user's registration and of the deployment's registration, then the same under the issuer's other
   * spelling.
   */
  private static List<Map<String, AttributeValue>> namedKeys(Query query) {
    if (query.clientId() == null) return List.of();
    String sort = RegistrationItem.client(query.issuer(), query.clientId());
    String other = RegistrationItem.client(query.issuer().otherSpelling(), query.clientId());
    String user = Owner.of(query.user()).key();
    String deployment = Owner.deployment().key();
    return List.of(key(user, sort), key(deployment, sort), key(user, other), key(deployment, other));
  }

  private @Nullable ClientRegistration misspelled(Query query,
      Map<Map<String, AttributeValue>, Map<String, AttributeValue>> found) {
    return namedKeys(query).stream().skip(2).filter(found::containsKey).findFirst()
        .map(key -> registration(found.get(key))).orElse(null);
  }

  private @Nullable ClientRegistration deployments(List<Map<String, AttributeValue>> keys,
      Map<Map<String, AttributeValue>, Map<String, AttributeValue>> found) {
    String deployment = Owner.deployment().key();
    return keys.stream().filter(key -> text(deployment).equals(key.get(Tables.PARTITION))).filter(found::containsKey)
        .findFirst().map(key -> registration(found.get(key))).orElse(null);
  }

  private @Nullable ClientRegistration named(Query query, List<Map<String, AttributeValue>> keys,
      Map<Map<String, AttributeValue>, Map<String, AttributeValue>> found,
      Stream<ClientRegistration> ours) {
    for (var key : keys.subList(0, Math.min(keys.size(), 2))) {
      if (found.containsKey(key)) return registration(found.get(key));
    }
    return ours.filter(one -> one.client().id().equals(query.clientId())).findFirst()
        .orElse(null);
  }

  @Override
  public Optional<ClientRegistration> find(Owner owner, Issuer issuer, ClientId clientId) {
    return table.get(key(owner.key(), RegistrationItem.client(issuer, clientId))).map(items::registration)
        .or(() -> withPrefix(owner, RegistrationItem.autoPrefix(issuer))
            .filter(registration -> registration.client().id().equals(clientId)).findFirst());
  }

  @Override
  public List<ClientRegistration> all(Owner owner, Issuer issuer) {
    return Stream.of(RegistrationItem.autoPrefix(issuer), RegistrationItem.clientPrefix(issuer))
        .flatMap(prefix -> withPrefix(owner, prefix)).toList();
  }

  @Override
  public List<ClientRegistration> all(Owner owner) {
    return partition(owner).stream().filter(RegistrationItem::isRegistration).map(items::registration)
        .toList();
  }

  @Override
  public void delete(Owner owner, Issuer issuer, ClientId clientId) {
    table.delete(key(owner.key(), RegistrationItem.client(issuer, clientId)), Condition.present());
  }

  @Override
  public void deleteUnreadable(UserId user) {
    partition(Owner.of(user)).stream().filter(RegistrationItem::isRegistration).filter(item -> !isReadable(item))
        .map(DynamoDbRegistrations::keyOf).forEach(key -> table.delete(key, Condition.present()));
  }

  private boolean isReadable(Map<String, AttributeValue> item) {
    try {
      var _ = items.registration(item);
      return true;
    } catch (Failure.Misconfigured e) {
      return false;
    }
  }

  @Override
  public void deleteRest(UserId user) {
    partition(Owner.of(user)).stream().filter(RegistrationItem::isRest).map(DynamoDbRegistrations::keyOf)
        .forEach(key -> table.delete(key, Condition.present()));
  }

  private List<Map<String, AttributeValue>> partition(Owner owner) {
    return table.query(Condition.of("#pk = :pk").with("pk", text(owner.key())));
  }

  private Stream<ClientRegistration> withPrefix(Owner owner, String prefix) {
    return itemsWithPrefix(owner, prefix).stream().map(items::registration);
  }

  private List<Map<String, AttributeValue>> itemsWithPrefix(Owner owner, String prefix) {
    return table.query(Condition.range(owner.key(), prefix));
  }

  @Override
  public void keep(ClientRegistration registration) {
    table.put(items.of(registration,
        RegistrationItem.client(registration.issuer(), registration.client().id())));
  }

  @Override
  public void keepOwn(ClientRegistration registration, RedirectUri redirectUri) {
    table.put(items.of(registration, RegistrationItem.auto(registration.issuer(), redirectUri)));
  }

  @Override
  public void forgetOwn(Owner owner, Issuer issuer, ClientId clientId) {
    var same = text(clientId.value());
    itemsWithPrefix(owner, RegistrationItem.autoPrefix(issuer)).stream()
        .filter(item -> same.equals(item.get("clientId"))).forEach(item -> table.delete(keyOf(item),
            Condition.of("#clientId = :clientId").with("clientId", same)));
  }

  @Override
  public void noteOfflineAccessRefused(UserId user, ConnectionId connection, Issuer issuer) {
    table.put(Values.of(Owner.of(user).key(), RegistrationItem.offline(issuer, connection)).toMap());
  }

  @Override
  public void noteScopeRefused(UserId user, Issuer issuer, ScopeRefusal refusal) {
    table.put(Values.of(Owner.of(user).key(), RegistrationItem.refused(issuer))
        .with("clientId", text(refusal.client().value())).with("scope", text(refusal.scopes().toString())).toMap());
  }

  private static @Nullable ScopeRefusal refusal(@Nullable Map<String, AttributeValue> item) {
    if (item == null) return null;
    return ItemReader.map(RegistrationItem.TABLE, item,
        row -> new ScopeRefusal(new ClientId(row.text("clientId")), Scopes.parse(row.text("scope"))));
  }

  @Override
  public boolean acquireLease(Owner owner, Issuer issuer, Instant now, Instant until) {
    String attempt = Unguessable.text();
    var key = key(owner.key(), RegistrationItem.lease(issuer));
    var free = Condition.of("attribute_not_exists(#pk) OR #untilMillis <= :now").with("now", millis(now));
    var taken = table.update(key,
        ItemUpdate.when(free).set("untilMillis", millis(until)).set(WriteResult.ATTEMPT, text(attempt)).set(Tables.TTL,
            seconds(until.plus(LEASE_CLEANED_AFTER))))
        .isDoneBy(attempt);
    if (taken) leases.put(key, attempt);
    return taken;
  }

  @Override
  public void releaseLease(Owner owner, Issuer issuer) {
    var key = key(owner.key(), RegistrationItem.lease(issuer));
    String attempt = leases.remove(key);
    // The lease has expired and another process has it now, so it is not ours to release.
    if (attempt != null) table.delete(key, Condition.of("#attempt = :attempt").with("attempt", text(attempt)));
  }

  private static Map<Map<String, AttributeValue>, Map<String, AttributeValue>> byKey(
      List<Map<String, AttributeValue>> items) {
    var found = new HashMap<Map<String, AttributeValue>, Map<String, AttributeValue>>();
    for (var item : items)
      found.put(keyOf(item), item);
    return found;
  }

  private static Map<String, AttributeValue> keyOf(Map<String, AttributeValue> item) {
    var key = new HashMap<>(item);
    key.keySet().retainAll(List.of(Tables.PARTITION, Tables.SORT));
    return key;
  }

  private @Nullable ClientRegistration registration(@Nullable Map<String, AttributeValue> item) {
    return item == null ? null : items.registration(item);
  }
}
