package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.emptyMap;
import static social.avatarai.mcp.aws.dynamodb.Values.flag;
import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.millisOrNull;
import static social.avatarai.mcp.aws.dynamodb.Values.number;
import static social.avatarai.mcp.aws.dynamodb.Values.text;
import static social.avatarai.mcp.aws.dynamodb.Values.textOrNull;
import static social.avatarai.mcp.aws.dynamodb.Values.texts;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.Secret;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.event.GrantFacts;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantOrigin;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Grants.ByRefreshToken;
import social.avatarai.mcp.token.Grants.Unopened;
import social.avatarai.mcp.token.Grants.Waited;
import social.avatarai.mcp.token.Identity;
import social.avatarai.mcp.token.Tokens;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A grant as an item.
 *
 * <p>{@code refreshMac} is the digest of the refresh token. The digest of the previous refresh token is in the map
 * {@code previousRefreshMac0} or {@code previousRefreshMac1}, by the parity of the version. Its key in the map is the
 * current digest, see {@link #committing}. {@code firstRefreshMac} is the digest of the refresh token that the grant began
 * with: a document that is imported again brings this one, however often it was renewed since.
 */
final class GrantItem {
  static final String TABLE = "tokens";
  /** The attribute that is sealed in every grant, and that no other item in the table has. */
  static final String ALWAYS_SEALED = "accessToken";
  /** The account at the issuer. It is sealed because it is personal data. */
  static final String IDENTITY = "identity";
  /** These attributes are plain: events are made of them ({@link GrantStream}). */
  static final String GRANT = "grant";
  static final String VERSION = "version";
  static final String STATUS = "status";
  static final String CAUSE = "cause";
  /** Absent in a grant that began without a refresh token, and in rows of earlier releases. */
  private static final String FIRST_MAC = "firstRefreshMac";
  /** The digest of a grant without a refresh token. No real digest has this value. */
  static final String NO_MAC = "none";

  /**
   * Whether the server is switched off. The grant repeats it so that a call needs one read; absent means switched on.
   */
  static final String DISABLED = "disabled";

  /** Whether the server is a built-in one; absent means that it belongs to the user. */
  private static final String BUILT_IN = "builtIn";

  /** Whether the server's record declares HTTP+SSE; absent means that it does not, as in rows of earlier releases. */
  private static final String OVER_SSE = "overSse";

  /** The digest of the account, by which a condition knows the same account again; absent in rows of an earlier release. */
  private static final String ACCOUNT_MAC = "accountMac";
  /** Which grant of another account waits, see {@link AccountChange}; absent in most rows. */
  static final String CHANGE = "accountChange";
  private static final String CHANGE_UNTIL = "accountChangeUntilMillis";
  static final String CHANGED_TO = "accountChangeTo";
  /** The attributes of the account that lists show. */
  static final List<String> OF_THE_ACCOUNT = List.of(GRANT, IDENTITY, CHANGE, CHANGE_UNTIL, CHANGED_TO);

  private final TokenCipher cipher;

  GrantItem(TokenCipher cipher) {
    this.cipher = cipher;
  }

  static String partition(UserId user) {
    return Owner.of(user).key();
  }

  static Map<String, AttributeValue> key(ConnectionKey key) {
    return Values.key(partition(key.user()), key.connection().value());
  }

  Map<String, AttributeValue> of(Grant grant) {
    String mac = mac(grant);
    var item = Values.of(partition(grant.key().user()), grant.key().connection().value())
        .with(GRANT, text(grant.id().value())).with(TargetItem.of(grant.target()))
        .with(Tables.RESOURCE_KEY, text(ResourceKey.of(grant.target().resource())))
        .with(TargetItem.of(grant.client()))
        .with("lastUsedMillis", millis(grant.state().lastUsed())).with("refreshMac", text(mac))
        .with(previousMacs(0), emptyMap()).with(previousMacs(1), emptyMap());
    if (!mac.equals(NO_MAC)) item.with(FIRST_MAC, text(mac));
    server(grant).forEach(item::with);
    changing(grant).forEach(item::with);
    if (!grant.enabled()) item.with(DISABLED, flag(true));
    if (grant.builtIn()) item.with(BUILT_IN, flag(true));
    if (grant.protocol() != null) protocol(grant).of(grant.protocol()).forEach(item::with);
    return item.toMap();
  }

  /**
   * The attributes that differ between versions of a grant; null stands for an attribute that this version does not
   * have.
   */
  private Map<String, @Nullable AttributeValue> changing(Grant grant) {
    Tokens tokens = grant.tokens();
    var attributes = new LinkedHashMap<String, @Nullable AttributeValue>();
    attributes.put(VERSION, number(grant.version()));
    // The token endpoint is sealed with the tokens, so it is written with them. An issuer may move its token endpoint
    // within its site.
    attributes.put("tokenEndpoint", text(grant.target().tokenEndpoint().value()));
    var destination = Destinations.tokens(grant.target(), grant.client());
    attributes.put(ALWAYS_SEALED, seal(tokens.accessToken(), place(grant, ALWAYS_SEALED), destination));
    attributes.put("refreshToken", seal(tokens.refreshToken(), place(grant, "refreshToken"), destination));
    attributes.put(IDENTITY, tokens.identity() == null
        ? null
        : bytes(cipher.seal(identity(tokens.identity()), place(grant, IDENTITY), destination)));
    attributes.put(ACCOUNT_MAC, textOrNull(accountMac(grant)));
    attributes.put("scope", text(tokens.scope().toString()));
    attributes.put("warnings", texts(grant.warnings()));
    attributes.put("obtainedAtMillis", millis(tokens.obtainedAt()));
    attributes.put("expiresAtMillis", millisOrNull(tokens.expiresAt()));
    attributes.putAll(GrantStateItem.of(grant.state()));
    return attributes;
  }

  /**
   * The update that commits a version. It does not write the negotiated protocol and the last use, because other
   * requests write them meanwhile.
   *
   * <p>The writer does not know the refresh token of the previous version, and has only one write. So the previous
   * digest is stored under the name of the current digest. If that name exists already, the refresh token has not
   * changed, and the value of that name is carried over. If not, the refresh token is new, and the digest in the row
   * becomes the previous one. Two maps take turns, so that old names do not accumulate.
   */
  ItemUpdate committing(Condition condition, Grant next) {
    String mac = mac(next);
    String these = previousMacs(next.version());
    String those = previousMacs(next.version() - 1);
    return ItemUpdate.when(condition).clause("#these.#mac = if_not_exists(#those.#mac, #refreshMac)")
        .naming("these", these).naming("those", those).naming("mac", mac).set("refreshMac", text(mac))
        .set(those, emptyMap()).set(changing(next));
  }

  /** The condition that the row names no account of the same issuer, in either spelling, or the account of this grant. */
  Condition sameAccount(Grant grant) {
    var issuer = grant.target().issuer();
    return Condition
        .of("attribute_not_exists(#identity) OR #accountMac = :sameAccount OR "
            + "(#issuer <> :ofIssuer AND #issuer <> :otherSpelling)")
        .with("sameAccount", text(Objects.requireNonNull(accountMac(grant))))
        .with("ofIssuer", text(issuer.value())).with("otherSpelling", text(issuer.otherSpelling().value()));
  }

  /** The digest of an account is the same in every grant of a connection. */
  private @Nullable String accountMac(Grant grant) {
    var account = grant.tokens().identity();
    return account == null
        ? null
        : cipher.mac(account.source() + " " + account.subject(), Place.of(TABLE, grant.key().user().value(),
            grant.key().connection().value(), grant.target().issuer().value(), ACCOUNT_MAC));
  }

  /** The attributes of a grant of another account that waits. */
  Map<String, AttributeValue> accountChange(Grant held, AccountChange change) {
    var to = JsonText.of(Json.newObject().put("id", change.to().id()).put("label", change.to().label()));
    return Map.of(CHANGE, text(change.id().value()), CHANGE_UNTIL, millis(change.expiresAt()), CHANGED_TO,
        bytes(cipher.seal(to, place(held, CHANGED_TO), Destinations.mcpServer(held.target()))));
  }

  /** The same without values: nothing waits. */
  static Map<String, @Nullable AttributeValue> noAccountChange() {
    var attributes = new LinkedHashMap<String, @Nullable AttributeValue>();
    for (String name : List.of(CHANGE, CHANGE_UNTIL, CHANGED_TO))
      attributes.put(name, null);
    return attributes;
  }

  /** The grant of another account that a row names; empty also if the note cannot be read. */
  static Optional<Waited> waited(Map<String, AttributeValue> item) {
    if (!item.containsKey(CHANGE)) return Optional.empty();
    try {
      return ItemReader.map(TABLE, item,
          row -> Optional.of(new Waited(new GrantId(row.text(CHANGE)), row.instant(CHANGE_UNTIL))));
    } catch (Failure.Misconfigured e) {
      return Optional.empty();
    }
  }

  /** The account of a row for a list; null if it is not known, or cannot be opened. */
  @Nullable
  Account account(ItemReader row) {
    return Account.of(identity(row));
  }

  /** The account of a grant; empty if it is not known, or cannot be opened. */
  Optional<Identity> identity(Map<String, AttributeValue> item) {
    return ItemReader.map(TABLE, item, row -> Optional.ofNullable(identity(row)));
  }

  private @Nullable Identity identity(ItemReader row) {
    try {
      return identity(new GrantOpener(cipher, row).open(IDENTITY));
    } catch (Failure.Misconfigured | IllegalArgumentException e) {
      return null;
    }
  }

  /** The change of the account in a row for a list; null if there is none, or it cannot be opened. */
  @Nullable
  AccountChange accountChange(ItemReader row) {
    String id = row.textOrNull(CHANGE);
    if (id == null) return null;
    try {
      var to = Json.object(new GrantOpener(cipher, row).require(CHANGED_TO).getBytes(UTF_8)).orElseThrow();
      return new AccountChange(new GrantId(id),
          new Account(to.path("id").asText(), Json.text(to, "label").orElse(null)), row.instant(CHANGE_UNTIL));
    } catch (Failure.Misconfigured | IllegalArgumentException e) {
      return null;
    }
  }

  /** The attributes of what was negotiated with the grant's server. */
  ProtocolItem protocol(Grant grant) {
    return new ProtocolItem(cipher, field -> place(grant, field), Destinations.mcpServer(grant.target()));
  }

  /** How the grant's server is asked; null stands for an attribute that the row does not have. */
  Map<String, @Nullable AttributeValue> server(Grant grant) {
    var attributes = serverUrl(grant.target(), field -> place(grant, field));
    attributes.put(OVER_SSE, grant.overSse() ? flag(true) : null);
    return attributes;
  }

  private Map<String, @Nullable AttributeValue> serverUrl(GrantTarget target, Function<String, Place> places) {
    var url = target.serverUrl();
    String query = url.queryPart();
    var attributes = new LinkedHashMap<String, @Nullable AttributeValue>();
    attributes.put("serverUrl", text(url.withoutQuery().value()));
    attributes.put(ServerQuery.SEALED, query.isEmpty()
        ? null
        : bytes(cipher.seal(query, places.apply(ServerQuery.SEALED), Destinations.mcpServer(target))));
    attributes.put(ServerQuery.DIGEST, textOrNull(ServerQuery.digest(cipher, url, places)));
    return attributes;
  }

  /** The condition that the row's server has the URL of this grant, with its query. */
  Condition sameServerUrl(Grant grant) {
    var url = grant.target().serverUrl();
    return ServerQuery.sameQuery("serverUrl", url, ServerQuery.digest(cipher, url, field -> place(grant, field)));
  }

  /**
   * Whether an item is a grant. Leases and kept tokens are in the same partition: their sort keys contain a '#', and
   * the id of a connection never does.
   */
  static boolean isGrant(Map<String, AttributeValue> item) {
    return !item.getOrDefault(Tables.SORT, text("")).s().contains("#");
  }

  static GrantOrigin origin(Map<String, AttributeValue> item) {
    return ItemReader.map(TABLE, item, row -> new GrantOrigin(new GrantId(row.text(GRANT)), TargetItem.issuer(row),
        TargetItem.client(row).id(), new EndpointUrl(row.text("serverUrl")).withoutQuery()));
  }

  Grant grant(Map<String, AttributeValue> item) {
    return ItemReader.map(TABLE, item, this::grant);
  }

  private Grant grant(ItemReader row) {
    var opener = new GrantOpener(cipher, row);
    // Without these attributes no commit would succeed, and by then the refresh token would be used up.
    row.requireMap(previousMacs(0)).requireMap(previousMacs(1)).requireText("refreshMac");
    var id = new GrantId(row.text(GRANT));
    var protocol = new ProtocolItem(cipher, opener::place, opener.forTheServer());
    return new Grant(opener.key(), id, row.number(VERSION), target(opener), opener.client(), tokens(row, opener),
        GrantStateItem.state(row), row.words("warnings", Grant.Warning.class), protocol.read(row),
        !(row.has(DISABLED) && row.flag(DISABLED)), row.has(BUILT_IN) && row.flag(BUILT_IN),
        row.has(OVER_SSE) && row.flag(OVER_SSE));
  }

  /** What events say about a grant. Nothing is decrypted for this. */
  static GrantFacts facts(ItemReader row) {
    return new GrantFacts(key(row), new GrantId(row.text(GRANT)), row.number(VERSION),
        row.word(STATUS, GrantState.Status.class), row.textOrNull(CAUSE), TargetItem.issuer(row));
  }

  private static GrantTarget target(GrantOpener opener) {
    var target = opener.target();
    String query = opener.open(ServerQuery.SEALED);
    return query == null ? target : target.servedAt(ServerQuery.url(target.serverUrl(), query));
  }

  private static Tokens tokens(ItemReader row, GrantOpener opener) {
    String refreshToken = opener.open("refreshToken");
    return new Tokens(new AccessToken(opener.require(ALWAYS_SEALED)),
        refreshToken == null ? null : new RefreshToken(refreshToken), Scopes.parse(row.text("scope")),
        row.instant("obtainedAtMillis"), row.instantOrNull("expiresAtMillis"), identity(opener.open(IDENTITY)));
  }

  static String identity(Identity identity) {
    return JsonText.of(Json.newObject().put("iss", identity.issuer()).put("sub", identity.subject())
        .put("label", identity.label()).put("source", identity.source()));
  }

  static @Nullable Identity identity(@Nullable String json) {
    if (json == null) return null;
    var claims = Json.object(json.getBytes(UTF_8))
        .orElseThrow(() -> new IllegalArgumentException("attribute identity is no JSON object"));
    // Rows of an earlier release have neither a label nor a source.
    return new Identity(claims.path("iss").asText(), claims.path("sub").asText(),
        Json.text(claims, "label").orElse(null),
        claims.path("source").asText());
  }

  /** Whether the grant covers a URL ({@link Grant#covers}). Nothing is decrypted for this. */
  static boolean covers(Map<String, AttributeValue> item, EndpointUrl url) {
    return ItemReader.map(TABLE, item, row -> TargetItem.target(row).covers(url));
  }

  /**
   * The condition that the row still has the same grant and the same tokens as this copy. The copy may lack attributes.
   */
  static Condition unchanged(Map<String, AttributeValue> item) {
    var unchanged = Condition.present();
    for (String name : List.of(GRANT, VERSION, ALWAYS_SEALED))
      unchanged = unchanged.and(Condition.is(name, item.get(name)));
    return unchanged;
  }

  /** A grant that cannot be opened. If its resource cannot be read, the grant counts as the nearest possible grant. */
  static Unopened unopened(Map<String, AttributeValue> item, Failure.Misconfigured fault) {
    var connection = ItemReader.map(TABLE, item, row -> key(row).connection());
    try {
      return new Unopened(connection, ItemReader.map(TABLE, item, row -> TargetItem.target(row).nearness()), fault);
    } catch (Failure.Misconfigured e) {
      return new Unopened(connection, Long.MAX_VALUE, fault);
    }
  }

  /** The grant, if this is its current or previous refresh token. Otherwise nothing is decrypted. */
  Optional<ByRefreshToken> matching(Map<String, AttributeValue> item, RefreshToken token) {
    return ItemReader.map(TABLE, item, row -> {
      Place place = place(row, "refreshMac");
      String mac = row.text("refreshMac");
      String previous = row.textWithin(previousMacs(row.number(VERSION)), mac);
      if (cipher.matches(mac, token.reveal(), place)) return Optional.of(new ByRefreshToken(grant(row), true));
      if (previous == null || !cipher.matches(previous, token.reveal(), place)) return Optional.empty();
      return Optional.of(new ByRefreshToken(grant(row), false));
    });
  }

  /** Whether this is the previous refresh token, or the first one, and not the current one. Nothing is decrypted. */
  boolean isSpent(Map<String, AttributeValue> item, RefreshToken token) {
    return ItemReader.map(TABLE, item, row -> {
      String mac = row.text("refreshMac");
      String previous = row.textWithin(previousMacs(row.number(VERSION)), mac);
      return !isOf(token, mac, row) && (isOf(token, previous, row) || isOf(token, row.textOrNull(FIRST_MAC), row));
    });
  }

  private boolean isOf(RefreshToken token, @Nullable String mac, ItemReader row) {
    return mac != null && cipher.matches(mac, token.reveal(), place(row, "refreshMac"));
  }

  /**
   * The update that seals a grant's secrets with the current key; empty if they already are sealed with it. The digest
   * of the previous refresh token keeps its key, because that token is not stored.
   */
  Optional<ItemUpdate> resealing(Map<String, AttributeValue> item) {
    return ItemReader.map(TABLE, item, row -> {
      var opener = new GrantOpener(cipher, row);
      return sealingQuery(opener, new Resealing(cipher, row, opener::place, opener::destination))
          .seal(ALWAYS_SEALED).seal("refreshToken").seal(IDENTITY).seal(ProtocolItem.SESSION).seal(CHANGED_TO)
          .digest(ProtocolItem.DIGEST, ProtocolItem.SESSION)
          .digest("refreshMac", "refreshToken", previousMacs(row.number(VERSION))).change();
    });
  }

  private Resealing sealingQuery(GrantOpener opener, Resealing resealing) {
    var target = opener.target();
    if (!ServerQuery.isInTheClear(target.serverUrl())) {
      return resealing.seal(ServerQuery.SEALED).digest(ServerQuery.DIGEST, ServerQuery.SEALED);
    }
    return resealing.replace("serverUrl", text(target.serverUrl().value()))
        .with(serverUrl(target, opener::place));
  }

  private String mac(Grant grant) {
    var token = grant.tokens().refreshToken();
    return token == null ? NO_MAC : cipher.mac(token.reveal(), place(grant, "refreshMac"));
  }

  static String previousMacs(long version) {
    return "previousRefreshMac" + version % 2;
  }

  private @Nullable AttributeValue seal(@Nullable Secret secret, Place place, Destination destination) {
    return secret == null ? null : bytes(cipher.seal(secret.reveal(), place, destination));
  }

  private static Place place(Grant grant, String field) {
    return place(grant.key(), grant.id().value(), grant.target().issuer().value(), field);
  }

  private static Place place(ItemReader row, String field) {
    return place(key(row), row.text(GRANT), row.text(TargetItem.ISSUER), field);
  }

  static Place place(ConnectionKey key, String grant, String issuer, String field) {
    return Place.of(TABLE, key.user().value(), key.connection().value(), grant, issuer, field);
  }

  static ConnectionKey key(ItemReader row) {
    return new ConnectionKey(user(row), new ConnectionId(row.text(Tables.SORT)));
  }

  static UserId user(ItemReader row) {
    String partition = row.text(Tables.PARTITION);
    if (!partition.startsWith("u#")) throw new IllegalArgumentException("attribute pk names no user");
    return new UserId(partition.substring(2));
  }
}
