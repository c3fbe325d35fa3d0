package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.EnteredCredentials;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.LiveCredentials;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.UnboundSecrets;
import social.avatarai.mcp.testkit.store.Samples;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The MCP session of a server, the credentials that its user has entered, and secrets of a record that are not in use are
 * not in the clear, and open only for their user, server and URL or origin.
 */
class ServerSecretsAtRestTest {
  private static final String SESSION = "invented-mcp-session-of-a-server";
  private static final List<String> UNBOUND = List.of("invented-client-secret", "invented-access-token",
      "invented-refresh-token");

  private final DynamoDbServers servers = new DynamoDbServers(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final McpServer server = new McpServer(Samples.key(), new EndpointUrl("https://mcp.example/mcp"), true,
      new McpServer.Terms(Scopes.none(), null, null, null, false), McpServer.Status.CONNECTED, Json.newObject(),
      new NegotiatedProtocol("2025-11-25", new McpSessionId(SESSION)))
      .keeping(new UnboundSecrets(null, new ClientId("client-1"), new ClientSecret(UNBOUND.getFirst()),
          new LiveCredentials(new AccessToken(UNBOUND.get(1)), new RefreshToken(UNBOUND.get(2)), Scopes.none(), null,
              null)));

  private final EnteredCredentials entered = Samples.entered(server.url());

  private McpServer server(ConnectionKey key, String url) {
    return new McpServer(key, new EndpointUrl(url), true, server.terms(), server.status(), server.document(), null);
  }

  private Map<String, AttributeValue> stored() {
    servers.put(server);
    return new HashMap<>(Stores.raw(Stores.TABLES.servers(), ServerItem.key(server.key())));
  }

  private Map<String, AttributeValue> storedWithEntered() {
    servers.put(server.with(entered));
    return new HashMap<>(Stores.raw(Stores.TABLES.servers(), ServerItem.key(server.key())));
  }

  @Test
  void enteredCredentialsLieInTheClearInNoAttributeAndAreReadBack() {
    var secrets = entered.all().map(header -> header.secret().reveal()).toList();
    assertThat(secrets).hasSize(2);
    storedWithEntered().forEach((name, value) -> {
      String text = value.b() == null ? value.toString() : value.b().asString(ISO_8859_1);
      for (String secret : secrets) {
        assertThat(text).as(name).doesNotContain(secret, Base64.getEncoder().encodeToString(secret.getBytes(UTF_8)),
            Digest.sha256Hex(secret), "X-Team");
      }
    });
    assertThat(servers.find(server.key()).orElseThrow().entered()).isEqualTo(entered);
  }

  @Test
  void enteredCredentialsOpenForNoOtherUserServerAndOrigin() {
    var sealed = storedWithEntered();
    var otherUser = server(new ConnectionKey(Samples.user(), server.key().connection()), "https://mcp.example/mcp");
    var otherServer = server(new ConnectionKey(server.key().user(), new ConnectionId("hostile-server")),
        "https://mcp.example/mcp");
    var otherOrigin = server(server.key(), "https://mcp.example:8443/mcp");
    for (var elsewhere : List.of(otherUser, otherServer, otherOrigin)) {
      servers.put(elsewhere.with(Samples.entered(elsewhere.url())));
      var item = new HashMap<>(Stores.raw(Stores.TABLES.servers(), ServerItem.key(elsewhere.key())));
      item.put(EnteredItem.SEALED, requireNonNull(sealed.get(EnteredItem.SEALED)));
      Stores.put(Stores.TABLES.servers(), item);
      assertThatThrownBy(() -> servers.find(elsewhere.key())).isInstanceOf(Failure.Misconfigured.class);
    }
  }

  @Test
  void serverWhoseEnteredCredentialsWereTakenAwayIsNotReadAsOneWithout() {
    for (var taken : List.of(List.of(EnteredItem.SEALED),
        List.of(EnteredItem.SEALED, EnteredItem.DIGEST, EnteredItem.FLAG))) {
      var item = storedWithEntered();
      item.keySet().removeAll(taken);
      Stores.put(Stores.TABLES.servers(), item);
      assertThatThrownBy(() -> servers.find(server.key())).isInstanceOf(Failure.Misconfigured.class);
    }
  }

  @Test
  void sessionDoesNotLieInTheClear() {
    assertThat(stored().toString()).contains("https://mcp.example/mcp").doesNotContain(SESSION);
    assertThat(stored().toString()).doesNotContain(UNBOUND);
  }

  /** Puts the sealed secrets of one row into another. */
  private void assertRefused(McpServer other) {
    servers.put(other);
    var item = new HashMap<>(Stores.raw(Stores.TABLES.servers(), ServerItem.key(other.key())));
    item.put(UnboundItem.ATTRIBUTE, stored().get(UnboundItem.ATTRIBUTE));
    Stores.put(Stores.TABLES.servers(), item);
    assertThatThrownBy(() -> servers.find(other.key())).isInstanceOf(Failure.Misconfigured.class);
  }

  @Test
  void secretsThatAreNotInUseOpenForNoOtherUserServerAndUrl() {
    assertRefused(in(new ConnectionKey(Samples.user(), server.key().connection()), server.url()));
    assertRefused(in(new ConnectionKey(server.key().user(), new ConnectionId("hostile-server")), server.url()));
    // An earlier value of the same row, which was for another URL.
    var moved = in(server.key(), new EndpointUrl("https://other.example/mcp"));
    var earlier = stored().get(UnboundItem.ATTRIBUTE);
    servers.put(moved);
    var item = new HashMap<>(Stores.raw(Stores.TABLES.servers(), ServerItem.key(moved.key())));
    item.put(UnboundItem.ATTRIBUTE, earlier);
    Stores.put(Stores.TABLES.servers(), item);
    assertThatThrownBy(() -> servers.find(moved.key())).isInstanceOf(Failure.Misconfigured.class);
  }

  private McpServer in(ConnectionKey key, EndpointUrl url) {
    return new McpServer(key, url, true, server.terms(), server.status(), server.document(), null);
  }

  @Test
  void sessionOpensForNoOtherUserAndNoOtherServer() {
    var otherUser = new ConnectionKey(Samples.user(), server.key().connection());
    var otherServer = new ConnectionKey(server.key().user(), new ConnectionId("hostile-server"));
    for (var elsewhere : List.of(otherUser, otherServer)) {
      var item = stored();
      item.putAll(ServerItem.key(elsewhere));
      Stores.put(Stores.TABLES.servers(), item);
      assertThatThrownBy(() -> servers.find(elsewhere)).isInstanceOf(Failure.Misconfigured.class);
    }
  }

  @Test
  void sessionOpensForNoOtherUrl() {
    var item = stored();
    item.put("url", AttributeValue.fromS("https://hostile.example/mcp"));
    Stores.put(Stores.TABLES.servers(), item);
    assertThatThrownBy(() -> servers.find(server.key())).isInstanceOf(Failure.Misconfigured.class);
  }
}
