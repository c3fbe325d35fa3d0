package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;
import static social.avatarai.mcp.aws.dynamodb.Values.textOrNull;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.ServerSummary;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * What is noted about one user's connection to a built-in server: an item in the partition of the user. Its key contains
 * a '#', so it is no server record of the user.
 *
 * <p>The item names the URL and the client that the server had, and has the digest of the credentials that the operator
 * had entered. Notes about a server that has another URL, another client or other credentials now do not count. What was
 * agreed on with the server belongs to the URL with its query; the item has the digest of the query.
 */
final class BuiltInNotes {
  static final String PREFIX = "builtin#";
  private static final String URL = "url";
  private static final String CLIENT = "clientId";
  private static final String STATUS = "status";
  /** The attributes that lists show. */
  static final List<String> SUMMARY = List.of(Tables.PARTITION, Tables.SORT, URL, CLIENT, STATUS, "errorCode",
      "errorAtMillis", "errorHint", "errorRetryAtMillis", EnteredItem.DIGEST);

  private final TokenCipher cipher;

  BuiltInNotes(TokenCipher cipher) {
    this.cipher = cipher;
  }

  static Map<String, AttributeValue> key(ConnectionKey key) {
    return Values.key(ServerItem.partition(key.user()), PREFIX + key.connection().value());
  }

  /** The id of the built-in server that an item is about. */
  static ConnectionId connection(Map<String, AttributeValue> item) {
    return ItemReader.map(ServerItem.TABLE, item, BuiltInNotes::connection);
  }

  private static ConnectionId connection(ItemReader row) {
    String sort = row.text(Tables.SORT);
    if (!sort.startsWith(PREFIX)) throw new IllegalArgumentException("attribute sk names no built-in server");
    return new ConnectionId(sort.substring(PREFIX.length()));
  }

  /** The server with these notes, as far as they are about it. */
  McpServer over(McpServer server, @Nullable Map<String, AttributeValue> item) {
    return over(server, item, row -> isAbout(row, server.url(), server.terms())
        && entered(server).isDigest(row.textOrNull(EnteredItem.DIGEST), server.entered())
            ? server.noted(status(row), ServerItem.error(row), protocol(row, server))
            : server);
  }

  /**
   * The same for what lists show. Nothing is decrypted.
   *
   * @param credentials the digest of the credentials that the server has now; null if it has none
   */
  static ServerSummary over(ServerSummary server, @Nullable String credentials,
      @Nullable Map<String, AttributeValue> item) {
    return over(server, item, row -> isAbout(row, server.url(), server.terms())
        && EnteredItem.canBeSame(credentials, row.textOrNull(EnteredItem.DIGEST))
            ? server.noted(status(row), ServerItem.error(row))
            : server);
  }

  /** Notes that cannot be read count as none: no user could write the server again, to replace them. */
  private static <T> T over(T server, @Nullable Map<String, AttributeValue> item, Function<ItemReader, T> noted) {
    if (item == null) return server;
    try {
      return ItemReader.map(ServerItem.TABLE, item, noted);
    } catch (Failure.Misconfigured unreadable) {
      return server;
    }
  }

  private static boolean isAbout(ItemReader row, EndpointUrl url, McpServer.Terms terms) {
    String client = terms.clientId() == null ? null : terms.clientId().value();
    return row.text(URL).equals(url.withoutQuery().value()) && Objects.equals(row.textOrNull(CLIENT), client);
  }

  private static Status status(ItemReader row) {
    return row.has(STATUS) ? row.word(STATUS, Status.class) : Status.DISCONNECTED;
  }

  private @Nullable NegotiatedProtocol protocol(ItemReader row, McpServer server) {
    String query = server.url().queryPart();
    String digest = row.textOrNull(ServerQuery.DIGEST);
    boolean same = digest == null
        ? query.isEmpty()
        : cipher.matches(digest, query, place(server.key(), ServerQuery.DIGEST));
    return same ? protocol(server).read(row) : null;
  }

  /** The attributes of what was negotiated with the server. */
  ProtocolItem protocol(McpServer server) {
    return protocol(server.key(), server.url());
  }

  private ProtocolItem protocol(ConnectionKey key, EndpointUrl url) {
    return new ProtocolItem(cipher, field -> place(key, field), Destinations.mcpServer(url));
  }

  /**
   * The condition that the notes are about this server, whatever the query of its URL. A digest under an earlier key
   * cannot be compared: then the notes begin again.
   */
  Condition about(McpServer server) {
    return Condition.is(URL, text(url(server))).and(Condition.is(CLIENT, textOrNull(server.terms().clientId())))
        .and(Condition.is(EnteredItem.DIGEST, textOrNull(credentials(server))));
  }

  /** The condition that there are no notes, or that they are about a server that is no more. */
  Condition outdated(McpServer server) {
    return about(server).negated();
  }

  private @Nullable String credentials(McpServer server) {
    return entered(server).digest(server.entered());
  }

  /** The credentials belong to all users, so their digest is that of the built-in server's own item. */
  private EnteredItem entered(McpServer server) {
    return ServerItem.ofBuiltIns(cipher, server.key().user()).entered(server.key());
  }

  /** The condition that what was agreed on belongs to another query of the URL. */
  Condition otherQuery(McpServer server) {
    return Condition.is(ServerQuery.DIGEST, textOrNull(digest(server))).negated();
  }

  /** The digest of the query of the server's URL; null if it has none. */
  @Nullable
  String digest(McpServer server) {
    return ServerQuery.digest(cipher, server.url(), field -> place(server.key(), field));
  }

  /** The attributes of new notes about a server: these, and no others of earlier notes. */
  Map<String, @Nullable AttributeValue> begun(McpServer server,
      Map<String, @Nullable AttributeValue> attributes) {
    var begun = new LinkedHashMap<String, @Nullable AttributeValue>(ServerItem.noError());
    begun.putAll(ProtocolItem.none());
    begun.put(ServerQuery.DIGEST, null);
    begun.put(STATUS, null);
    begun.put(URL, text(url(server)));
    begun.put(CLIENT, textOrNull(server.terms().clientId()));
    begun.put(EnteredItem.DIGEST, textOrNull(credentials(server)));
    begun.putAll(attributes);
    return begun;
  }

  private static String url(McpServer server) {
    return server.url().withoutQuery().value();
  }

  /** The update that seals the session with the current key; empty if it already is. */
  Optional<ItemUpdate> resealing(Map<String, AttributeValue> item) {
    return ItemReader.map(ServerItem.TABLE, item, row -> {
      var key = new ConnectionKey(GrantItem.user(row), connection(row));
      var destination = Destinations.mcpServer(new EndpointUrl(row.text(URL)));
      return new Resealing(cipher, row, field -> place(key, field), _ -> destination).seal(ProtocolItem.SESSION)
          .digest(ProtocolItem.DIGEST, ProtocolItem.SESSION).change();
    });
  }

  /** Beside the user's own server with the same id, the places differ. */
  private static Place place(ConnectionKey key, String field) {
    return Place.of(ServerItem.TABLE, key.user().value(), PREFIX + key.connection().value(), field);
  }

  /** Items by the id of the built-in server that they are about. */
  static Map<ConnectionId, Map<String, AttributeValue>> byConnection(List<Map<String, AttributeValue>> items) {
    var found = new HashMap<ConnectionId, Map<String, AttributeValue>>();
    items.forEach(item -> found.put(connection(item), item));
    return found;
  }
}
