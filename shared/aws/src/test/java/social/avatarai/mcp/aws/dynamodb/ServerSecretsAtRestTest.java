package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.testkit.store.Samples;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The MCP session of a server is not in the clear, and opens only for its user, server and URL. */
class ServerSecretsAtRestTest {
  private static final String SESSION = "invented-mcp-session-of-a-server";

  private final DynamoDbServers servers = new DynamoDbServers(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final McpServer server = new McpServer(Samples.key(), new EndpointUrl("https://mcp.example/mcp"), true,
      new McpServer.Terms(Scopes.none(), null, null, null, false), McpServer.Status.CONNECTED, Json.newObject(),
      new NegotiatedProtocol("2025-11-25", new McpSessionId(SESSION)));

  private Map<String, AttributeValue> stored() {
    servers.put(server);
    return new HashMap<>(Stores.raw(Stores.TABLES.servers(), ServerItem.key(server.key())));
  }

  @Test
  void sessionDoesNotLieInTheClear() {
    assertThat(stored().toString()).contains("https://mcp.example/mcp").doesNotContain(SESSION);
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
