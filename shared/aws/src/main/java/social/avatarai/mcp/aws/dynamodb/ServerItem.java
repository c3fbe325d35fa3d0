package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.flag;
import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.millisOrNull;
import static social.avatarai.mcp.aws.dynamodb.Values.text;
import static social.avatarai.mcp.aws.dynamodb.Values.textOrNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.record.HiddenQuery;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.Revision;
import social.avatarai.mcp.record.ServerSummary;
import social.avatarai.mcp.record.UnboundSecrets;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A server as an item: the user's document as JSON text, and beside it the values that the flow uses. */
final class ServerItem {
  static final String TABLE = "servers";
  /**
   * The attribute that is sealed in every record: the query of the server's URL, see {@link ServerQuery}. It is an empty
   * text for a URL without a query, and opens only while the user's own values are unchanged.
   */
  static final String SEALED = "sealed";
  /** Which write of its user has stored the row; absent in rows of an earlier release. It decides no destination. */
  static final String REVISION = "revision";
  /** Whether the record has a client or tokens of an issuer that it does not name; absent if not. */
  private static final String ISSUER_REQUIRED = "issuerRequired";
  /** The attributes that the user decides, beside the URL. */
  private static final List<String> OF_THE_USER = Stream.concat(Stream.of("enabled", "scope", "issuer", "clientId",
      "clientMethod", "hasSecret", ISSUER_REQUIRED, "document", EnteredItem.FLAG), StatedItem.OF_A_RECORD.stream())
      .toList();
  /** The attributes that the URL decides. The document names the URL too. */
  private static final List<String> OF_THE_URL = List.of("url", "document", SEALED, ServerQuery.DIGEST,
      UnboundItem.ATTRIBUTE);

  /** Stands for the user id when a built-in server's values are sealed. No user has this id. */
  private static final String ALL_USERS = "";

  /** The alias in the document, for lists, which do not read the document. It decides no destination. */
  private static final String ALIAS = "alias";

  private final TokenCipher cipher;
  /** Who sees a built-in server; null for the users' own servers. */
  private final @Nullable UserId viewer;

  ServerItem(TokenCipher cipher) {
    this(cipher, null);
  }

  private ServerItem(TokenCipher cipher, @Nullable UserId viewer) {
    this.cipher = cipher;
    this.viewer = viewer;
  }

  /** The items of built-in servers, as this user sees them. */
  static ServerItem ofBuiltIns(TokenCipher cipher, UserId viewer) {
    return new ServerItem(cipher, viewer);
  }

  /** What maps this item: a built-in server, or a server of a user. */
  static ServerItem in(Map<String, AttributeValue> item, TokenCipher cipher) {
    // To seal values again, it does not matter who would see them.
    return BuiltInRows.isBuiltIn(item) ? ofBuiltIns(cipher, new UserId("anyone")) : new ServerItem(cipher);
  }

  static String partition(UserId user) {
    return Owner.of(user).key();
  }

  static Map<String, AttributeValue> key(ConnectionKey key) {
    return Values.key(partition(key.user()), key.connection().value());
  }

  /**
   * Whether an item is a server. The counters are in the same partition: their keys contain a '#', and the key of a
   * server never does.
   */
  static boolean isServer(Map<String, AttributeValue> item) {
    return !item.getOrDefault(Tables.SORT, text("#")).s().contains("#");
  }

  Map<String, AttributeValue> of(McpServer server) {
    var said = said(server, server.url().withoutQuery(), JsonText.of(server.document()));
    String partition = viewer == null ? partition(server.key().user()) : BuiltInRows.PARTITION;
    var item = Values.of(partition, server.key().connection().value()).with(said)
        .with(SEALED, bytes(cipher.seal(server.url().queryPart(), place(server.key(), SEALED), Destinations.of(said))))
        .with(ServerQuery.DIGEST, textOrNull(digest(server))).with(UnboundItem.ATTRIBUTE, unbound(server))
        .with("status", text(server.status().name())).with(ALIAS, textOrNull(server.alias()));
    error(server.error()).forEach(item::with);
    entered(server.key()).of(server.entered(), server.url()).forEach(item::with);
    if (server.protocol() != null) protocol(server).of(server.protocol()).forEach(item::with);
    return item.toMap();
  }

  /** The values that come from the user. They decide which issuer and which client the next flow uses. */
  private static Map<String, AttributeValue> said(McpServer server, EndpointUrl url, String document) {
    return said(server, url, document, EnteredItem.flag(!server.entered().isEmpty()));
  }

  /** @param entered whether the user has entered credentials; null where not */
  private static Map<String, AttributeValue> said(McpServer server, EndpointUrl url, String document,
      @Nullable AttributeValue entered) {
    var terms = server.terms();
    return Values.none().with("url", text(url.value())).with("enabled", flag(server.enabled()))
        .with("scope", text(terms.scopes().toString())).with("issuer", textOrNull(terms.issuer()))
        .with("clientId", textOrNull(terms.clientId()))
        .with("clientMethod", terms.method() == null ? null : text(terms.method().wireName()))
        .with("hasSecret", flag(terms.hasSecret())).with(ISSUER_REQUIRED, terms.issuerRequired() ? flag(true) : null)
        .with(StatedItem.of(terms.endpoints())).with("document", text(document)).with(EnteredItem.FLAG, entered)
        .toMap();
  }

  /** The secrets that are not in use, sealed; null if there are none. */
  @Nullable
  AttributeValue unbound(McpServer server) {
    return server.unbound() == null
        ? null
        : bytes(cipher.seal(UnboundItem.text(server.unbound()), place(server.key(), UnboundItem.ATTRIBUTE),
            UnboundItem.destination(server.url())));
  }

  /** Whether the row has the secrets of this server that are not in use. */
  boolean holdsSame(Map<String, AttributeValue> item, McpServer server) {
    return Objects.equals(server(item).unbound(), server.unbound());
  }

  /** The condition that the row still has these secrets that are not in use. */
  static Condition sameUnbound(Map<String, AttributeValue> item) {
    return Condition.present()
        .and(Condition.is(UnboundItem.ATTRIBUTE, item.get(UnboundItem.ATTRIBUTE)))
        .and(Condition.is("url", item.get("url")));
  }

  /** The condition that the row is still as its user's last write has stored it, with the secrets that it has here. */
  static Condition sameWrite(Map<String, AttributeValue> item) {
    return sameUnbound(item).and(Condition.is(REVISION, item.get(REVISION)));
  }

  private @Nullable UnboundSecrets unbound(ItemReader row, McpServer server) {
    byte[] sealed = row.bytesOrNull(UnboundItem.ATTRIBUTE);
    return sealed == null
        ? null
        : UnboundItem.read(cipher.open(sealed, place(server.key(), UnboundItem.ATTRIBUTE),
            UnboundItem.destination(server.url())));
  }

  private static Destination destination(ItemReader row, McpServer server) {
    return Destinations.of(said(server, server.url(), row.text("document"),
        row.has(EnteredItem.FLAG) ? flag(row.flag(EnteredItem.FLAG)) : null));
  }

  private @Nullable String digest(McpServer server) {
    return ServerQuery.digest(cipher, server.url(), field -> place(server.key(), field));
  }

  /** The condition that the row's server has this URL, with its query, and the same entered credentials. */
  Condition sameUrlAndCredentials(McpServer server) {
    return sameUrl(server).and(entered(server.key()).same(server.entered()));
  }

  private Condition sameUrl(McpServer server) {
    return ServerQuery.sameQuery("url", server.url(), digest(server));
  }

  /** The condition that the row is there, and that its user has changed nothing since this server was read. */
  Condition unchanged(McpServer server) {
    var said = said(server, server.url(), JsonText.of(server.document()));
    var same = sameUrl(server);
    for (String name : OF_THE_USER)
      same = same.and(Condition.is(name, said.get(name)));
    return same;
  }

  /** The attributes that another URL changes; null stands for an attribute that the row does not have. */
  Map<String, @Nullable AttributeValue> relocated(McpServer server, EndpointUrl url) {
    var written = of(server.relocated(url));
    var attributes = new LinkedHashMap<String, @Nullable AttributeValue>();
    for (String name : OF_THE_URL)
      attributes.put(name, written.get(name));
    return attributes;
  }

  static Map<String, @Nullable AttributeValue> noError() {
    ConnectionError none = null;
    return error(none);
  }

  /** The last error of connecting; null stands for an attribute that a server without an error does not have. */
  static Map<String, @Nullable AttributeValue> error(@Nullable ConnectionError error) {
    var attributes = new LinkedHashMap<String, @Nullable AttributeValue>();
    attributes.put("errorCode", error == null ? null : text(error.code().name()));
    attributes.put("errorAtMillis", error == null ? null : millis(error.at()));
    attributes.put("errorHint", error == null ? null : text(error.hint()));
    attributes.put("errorRetryAtMillis", error == null ? null : millisOrNull(error.retryAt()));
    return attributes;
  }

  /** An error of a later release, whose code is unknown here, counts as no error. */
  static @Nullable ConnectionError error(ItemReader row) {
    String code = row.textOrNull("errorCode");
    return Stream.of(ErrorCode.values()).filter(known -> known.name().equals(code)).findFirst()
        .map(known -> new ConnectionError(known, row.instant("errorAtMillis"), row.text("errorHint"),
            row.instantOrNull("errorRetryAtMillis")))
        .orElse(null);
  }

  /** The attributes of what was negotiated with the server. */
  ProtocolItem protocol(McpServer server) {
    return new ProtocolItem(cipher, field -> place(server.key(), field), Destinations.mcpServer(server.url()));
  }

  EnteredItem entered(ConnectionKey key) {
    return new EnteredItem(cipher, field -> place(key, field));
  }

  /** The update that seals a server's secrets with the current key; empty when they already are. */
  Optional<ItemUpdate> resealing(Map<String, AttributeValue> item) {
    return ItemReader.map(TABLE, item, row -> {
      var server = unopened(row);
      var resealing = new Resealing(cipher, row, field -> place(server.key(), field),
          field -> destination(row, server, field));
      return sealingQuery(row, server, resealing).seal(UnboundItem.ATTRIBUTE).seal(ProtocolItem.SESSION)
          .digest(ProtocolItem.DIGEST, ProtocolItem.SESSION).seal(EnteredItem.SEALED)
          .digest(EnteredItem.DIGEST, EnteredItem.SEALED).change();
    });
  }

  private static Destination destination(ItemReader row, McpServer server, String field) {
    return switch (field) {
      case SEALED -> destination(row, server);
      case EnteredItem.SEALED -> EnteredItem.destination(server.url());
      case UnboundItem.ATTRIBUTE -> UnboundItem.destination(server.url());
      default -> Destinations.mcpServer(server.url());
    };
  }

  private Resealing sealingQuery(ItemReader row, McpServer server, Resealing resealing) {
    if (!ServerQuery.isInTheClear(server.url())) {
      return resealing.seal(SEALED).digest(ServerQuery.DIGEST, SEALED);
    }
    // Opens the row first, so that only what the user has written is sealed.
    var written = of(server(row));
    written.keySet().retainAll(OF_THE_URL);
    return resealing.replace("url", text(row.text("url"))).replace("document", text(row.text("document")))
        .replace(SEALED, bytes(row.bytes(SEALED))).with(Map.copyOf(written));
  }

  McpServer server(Map<String, AttributeValue> item) {
    return ItemReader.map(TABLE, item, this::server);
  }

  private McpServer server(ItemReader row) {
    var unopened = unopened(row);
    String query = cipher.open(row.bytes(SEALED), place(unopened.key(), SEALED), destination(row, unopened));
    var server = unopened.servedAt(ServerQuery.url(unopened.url(), query)).keeping(unbound(row, unopened));
    var entered = entered(server.key()).read(row, server.url());
    var protocol = protocol(server).read(row);
    return (protocol == null ? server : server.with(protocol)).with(entered);
  }

  private McpServer unopened(ItemReader row) {
    var url = new EndpointUrl(row.text("url"));
    return new McpServer(key(row, viewer), url, row.flag("enabled"), terms(row),
        row.word("status", McpServer.Status.class),
        HiddenQuery.in(document(row.text("document")), url), null, error(row));
  }

  static Revision revision(Map<String, AttributeValue> item) {
    return ItemReader.map(TABLE, item, row -> {
      String value = row.textOrNull(REVISION);
      return value == null ? Revision.EARLIER : new Revision(value);
    });
  }

  /** The condition on a row that is deleted. There must be one. */
  static Condition deletion(Precondition precondition) {
    var condition = condition(precondition);
    return condition == null ? Condition.present() : condition;
  }

  /** The condition on the row; null for none. */
  static @Nullable Condition condition(Precondition precondition) {
    return switch (precondition) {
      case Precondition.None() -> null;
      case Precondition.Absent() -> Condition.absent();
      case Precondition.Present() -> Condition.present();
      case Precondition.AnyOf(var revisions) -> revisions.stream().map(ServerItem::is).reduce(Condition::or)
          .orElseThrow(() -> new IllegalArgumentException("names no revision"));
    };
  }

  private static Condition is(Revision revision) {
    if (revision.equals(Revision.EARLIER)) {
      return Condition.of("attribute_exists(#pk) AND attribute_not_exists(#" + REVISION + ")");
    }
    // A name of its own for each value: there may be several.
    String name = "revision" + Digest.sha256Hex(revision.value()).substring(0, 16);
    return Condition.of("#" + REVISION + " = :" + name).with(name, text(revision.value()));
  }

  /** The attributes that lists show. */
  static final List<String> SUMMARY = Stream.concat(Stream.of(Tables.PARTITION, Tables.SORT, "url", "enabled", "scope",
      "issuer", "clientId", "clientMethod", "hasSecret", ISSUER_REQUIRED, "status", "errorCode", "errorAtMillis",
      "errorHint", "errorRetryAtMillis", ALIAS), StatedItem.OF_A_RECORD.stream()).toList();

  /** The summary of a server, without its document. Nothing is decrypted for it. */
  static ServerSummary summary(ItemReader row) {
    return summary(row, null);
  }

  /** The same of a built-in server, as this user sees it; null for a user's own server. */
  static ServerSummary summary(ItemReader row, @Nullable UserId viewer) {
    return new ServerSummary(key(row, viewer), new EndpointUrl(row.text("url")), row.flag("enabled"), terms(row),
        row.word("status", McpServer.Status.class), error(row), row.textOrNull(ALIAS));
  }

  private static McpServer.Terms terms(ItemReader row) {
    String issuer = row.textOrNull("issuer");
    String clientId = row.textOrNull("clientId");
    String method = row.textOrNull("clientMethod");
    return new McpServer.Terms(Scopes.parse(row.text("scope")), issuer == null ? null : new Issuer(issuer),
        clientId == null ? null : new ClientId(clientId), method == null ? null : method(method),
        row.flag("hasSecret"), StatedItem.endpoints(row), row.has(ISSUER_REQUIRED) && row.flag(ISSUER_REQUIRED));
  }

  private static ClientAuthenticationMethod method(String name) {
    return ClientAuthenticationMethod.ofWire(name)
        .orElseThrow(() -> new IllegalArgumentException("attribute clientMethod names no method"));
  }

  private static ObjectNode document(String json) {
    return Json.object(json.getBytes(UTF_8))
        .orElseThrow(() -> new IllegalArgumentException("attribute document is no JSON object"));
  }

  private Place place(ConnectionKey key, String field) {
    return Place.of(TABLE, viewer == null ? key.user().value() : ALL_USERS, key.connection().value(), field);
  }

  private static ConnectionKey key(ItemReader row, @Nullable UserId viewer) {
    String partition = row.text(Tables.PARTITION);
    boolean builtIn = partition.equals(BuiltInRows.PARTITION);
    if (viewer != null && builtIn) return new ConnectionKey(viewer, new ConnectionId(row.text(Tables.SORT)));
    if (!partition.startsWith("u#")) throw new IllegalArgumentException("attribute pk names no user");
    return new ConnectionKey(new UserId(partition.substring(2)), new ConnectionId(row.text(Tables.SORT)));
  }
}
