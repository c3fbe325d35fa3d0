package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static social.avatarai.mcp.aws.dynamodb.Values.bytes;
import static social.avatarai.mcp.aws.dynamodb.Values.flag;
import static social.avatarai.mcp.aws.dynamodb.Values.text;
import static social.avatarai.mcp.aws.dynamodb.Values.textOrNull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.registration.ClientAuthenticationMethod;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.resource.McpWire;
import social.avatarai.mcp.server.McpServer;
import social.avatarai.mcp.store.TokenCipher;
import social.avatarai.mcp.store.TokenCipher.Place;
import social.avatarai.mcp.token.GrantKey;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A server as an item: the user's document as JSON text, and beside it what the flow goes by. */
final class ServerItem {
  static final String TABLE = "servers";
  /** The one thing of a server that is sealed. */
  static final String SEALED = "wireSession";

  private final TokenCipher cipher;

  ServerItem(TokenCipher cipher) {
    this.cipher = cipher;
  }

  static String partition(UserId user) {
    return Owner.of(user).key();
  }

  static Map<String, AttributeValue> key(GrantKey key) {
    return Values.key(partition(key.user()), key.connection().value());
  }

  /** The counters are in the same partition; their keys hold a '#', which no server's does. */
  static boolean isServer(Map<String, AttributeValue> item) {
    return !item.getOrDefault(Tables.SORT, text("#")).s().contains("#");
  }

  Map<String, AttributeValue> of(McpServer server) {
    var terms = server.terms();
    var item = Values.of(partition(server.key().user()), server.key().connection().value())
        .with("url", text(server.url().value())).with("enabled", flag(server.enabled()))
        .with("scope", text(terms.scopes().toString())).with("issuer", textOrNull(terms.issuer()))
        .with("clientId", textOrNull(terms.clientId()))
        .with("clientMethod", terms.method() == null ? null : text(terms.method().wire()))
        .with("hasSecret", flag(terms.hasSecret())).with("status", text(server.status().name()))
        .with("document", text(server.document().toString()));
    if (server.wire() != null) wire(server, server.wire()).forEach(item::with);
    return item.toMap();
  }

  Map<String, @Nullable AttributeValue> wire(McpServer server, McpWire wire) {
    var session = wire.session();
    var attributes = new LinkedHashMap<String, @Nullable AttributeValue>();
    attributes.put("wireVersion", text(wire.protocolVersion()));
    attributes.put(SEALED,
        session == null ? null : bytes(cipher.seal(session.reveal(), place(server.key(), server.url()))));
    return attributes;
  }

  /** What seals a server's secrets anew where their key is not the current one; empty when there is nothing to do. */
  Optional<Change> resealing(Map<String, AttributeValue> item) {
    return Row.map(TABLE, item, row -> new Resealing(cipher, row,
        _ -> place(key(row), new EndpointUrl(row.text("url")))).seal(SEALED).change());
  }

  McpServer server(Map<String, AttributeValue> item) {
    return Row.map(TABLE, item, this::server);
  }

  private McpServer server(Row row) {
    var key = key(row);
    var url = new EndpointUrl(row.text("url"));
    return new McpServer(key, url, row.flag("enabled"), terms(row), row.word("status", McpServer.Status.class),
        document(row.text("document")), wire(row, place(key, url)));
  }

  private static McpServer.Terms terms(Row row) {
    String issuer = row.textOrNull("issuer");
    String clientId = row.textOrNull("clientId");
    String method = row.textOrNull("clientMethod");
    return new McpServer.Terms(Scopes.parse(row.text("scope")), issuer == null ? null : new Issuer(issuer),
        clientId == null ? null : new ClientId(clientId), method == null ? null : method(method),
        row.flag("hasSecret"));
  }

  private static ClientAuthenticationMethod method(String name) {
    return ClientAuthenticationMethod.ofWire(name)
        .orElseThrow(() -> new IllegalArgumentException("attribute clientMethod names no method"));
  }

  private static ObjectNode document(String json) {
    return Json.object(json.getBytes(UTF_8))
        .orElseThrow(() -> new IllegalArgumentException("attribute document is no JSON object"));
  }

  private @Nullable McpWire wire(Row row, Place place) {
    if (!row.has("wireVersion")) return null;
    byte[] sealed = row.bytesOrNull(SEALED);
    return new McpWire(row.text("wireVersion"),
        sealed == null ? null : new McpSessionId(cipher.open(sealed, place)));
  }

  private static Place place(GrantKey key, EndpointUrl url) {
    return Place.of(TABLE, key.user().value(), key.connection().value(), url.value(), SEALED);
  }

  private static GrantKey key(Row row) {
    String partition = row.text(Tables.PARTITION);
    if (!partition.startsWith("u#")) throw new IllegalArgumentException("attribute pk names no user");
    return new GrantKey(new UserId(partition.substring(2)), new ConnectionId(row.text(Tables.SORT)));
  }
}
