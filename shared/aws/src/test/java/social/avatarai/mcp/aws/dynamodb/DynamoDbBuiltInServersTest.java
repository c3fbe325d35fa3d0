package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.record.BuiltInServers;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.ServerSummaries;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.testkit.store.BuiltInServersContract;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

class DynamoDbBuiltInServersTest extends BuiltInServersContract {
  private static final String SESSION = "invented-session-with-a-built-in-server";
  private static final EndpointUrl WITH_KEY = new EndpointUrl("https://mcp.example/mcp?api_key=operators-invented-key");

  private final BuiltInServers builtIns = new DynamoDbBuiltInServers(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final ServerSummaries summaries = new DynamoDbBuiltInSummaries(Stores.client(), Stores.TABLES);
  private final Servers servers = new DynamoDbServers(Stores.client(), Stores.TABLES, Stores.CIPHER);

  @Override
  protected BuiltInServers builtIns() {
    return builtIns;
  }

  @Override
  protected ServerSummaries summaries() {
    return summaries;
  }

  @Override
  protected Servers servers() {
    return servers;
  }

  private static Map<String, AttributeValue> raw(Map<String, AttributeValue> key) {
    return new HashMap<>(Stores.raw(Stores.TABLES.servers(), key));
  }

  private static void store(Map<String, AttributeValue> item) {
    Stores.put(Stores.TABLES.servers(), item);
  }

  private McpServer used() {
    put(server("a", WITH_KEY, null));
    builtIns.keepProtocol(seen(one, "a"), new NegotiatedProtocol("2025-11-25", new McpSessionId(SESSION)));
    return seen(one, "a");
  }

  @Test
  void sessionAndQueryDoNotLieInTheClear() {
    used();
    assertThat(raw(Values.key("d#", "a")).toString()).contains("https://mcp.example/mcp")
        .doesNotContain("invented-key");
    assertThat(raw(BuiltInNotes.key(key(one, "a"))).toString()).contains("https://mcp.example/mcp")
        .doesNotContain("invented-key").doesNotContain(SESSION);
  }

  @Test
  void sessionOfOneUserOpensForNoOther() {
    used();
    var item = raw(BuiltInNotes.key(key(one, "a")));
    item.putAll(BuiltInNotes.key(key(other, "a")));
    store(item);
    assertThat(seen(other, "a").protocol()).isNull();
  }

  /** The attack: the row of a user is moved into the partition that all users read. */
  @Test
  void recordOfAUserOpensForNoOtherAsABuiltInOne() {
    var server = server("a", WITH_KEY, null);
    servers.put(new McpServer(key(one, "a"), server.url(), true, server.terms(), Status.CONNECTED, server.document(),
        null));
    var item = raw(ServerItem.key(key(one, "a")));
    item.putAll(Values.key("d#", "a"));
    store(item);
    assertThatThrownBy(() -> builtIns.find(key(other, "a"))).isInstanceOf(Failure.Misconfigured.class);
  }

  /** The attack: the built-in record is moved into the partition of one user, whose record it is not. */
  @Test
  void builtInRecordOpensInNoPartitionOfAUser() {
    used();
    var item = raw(Values.key("d#", "a"));
    item.putAll(ServerItem.key(key(one, "a")));
    store(item);
    assertThatThrownBy(() -> servers.find(key(one, "a"))).isInstanceOf(Failure.Misconfigured.class);
  }

  @Test
  void recordWithAnEditedUrlDoesNotOpenAndCostsNoOther() {
    used();
    put(server("b", WITH_KEY, null));
    var item = raw(Values.key("d#", "a"));
    item.put("url", AttributeValue.fromS("https://hostile.example/mcp"));
    store(item);
    assertThatThrownBy(() -> builtIns.find(key(one, "a"))).isInstanceOf(Failure.Misconfigured.class);
    assertThat(builtIns.all(one)).containsExactly(seen(one, "b"));
    assertThat(builtIns.ids()).hasSize(2);
  }

  @Test
  void notesThatCannotBeReadCountAsNone() {
    var server = used();
    var item = raw(BuiltInNotes.key(key(one, "a")));
    item.put("status", AttributeValue.fromS("NO_SUCH_STATUS"));
    store(item);
    assertThat(seen(one, "a")).isEqualTo(server.noted(Status.DISCONNECTED, null, null));
    assertThat(summaries.page(one, null, 10)).singleElement().satisfies(row -> assertThat(row.read()).isPresent());
  }
}
