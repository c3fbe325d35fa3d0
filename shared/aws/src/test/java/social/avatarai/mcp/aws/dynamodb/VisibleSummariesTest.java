package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.BuiltInServers;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.record.ServerSummaries;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.record.VisibleSummaries;
import social.avatarai.mcp.registration.RequestCounter;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.testkit.store.ServerSummariesContract;

/** The list of all servers that a user sees keeps the contract of the list of the user's own ones. */
class VisibleSummariesTest extends ServerSummariesContract {
  private final BuiltInServers builtIns = new DynamoDbBuiltInServers(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final ServerSummaries visible = new VisibleSummaries(
      new DynamoDbServerSummaries(Stores.client(), Stores.TABLES),
      new DynamoDbBuiltInSummaries(Stores.client(), Stores.TABLES));
  private final Servers own = new DynamoDbServers(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final RequestCounter counter = new DynamoDbRequestCounter(Stores.client(), Stores.TABLES);
  private final UserId user = Samples.user();

  @Override
  protected ServerSummaries summaries() {
    return visible;
  }

  @Override
  protected Servers servers() {
    return own;
  }

  @Override
  protected RequestCounter counter() {
    return counter;
  }

  @Override
  protected void spoil(ConnectionKey key) {
    Stores.spoilServer(ServerItem.key(key));
  }

  @BeforeEach
  void withoutBuiltIns() {
    builtIns.ids().forEach(builtIns::delete);
  }

  private McpServer server(String id, boolean builtIn) {
    return new McpServer(new ConnectionKey(user, new ConnectionId(id)), new EndpointUrl("https://mcp.example/mcp"),
        !builtIn, new Terms(Scopes.none(), null, null, null, false), Status.DISCONNECTED,
        Json.newObject().put("isBuiltin", builtIn), null);
  }

  /** The ids of a page. A built-in server has a star. In this test, the built-in servers are switched off. */
  private List<String> page(@Nullable String after, int limit) {
    return visible.page(user, after == null ? null : new ConnectionId(after), limit).stream()
        .map(row -> row.connection() + (row.read().orElseThrow().enabled() ? "" : "*")).toList();
  }

  @Test
  void bothKindsAreListedPageByPageAndNoneTwice() {
    for (String id : List.of("a", "c", "e"))
      own.put(server(id, false));
    for (String id : List.of("B", "b", "c", "d", "z"))
      builtIns.put(server(id, true));
    builtIns.note(server("b", true), Status.CONNECTED, null);
    var all = List.of("B*", "a", "b*", "c", "d*", "e", "z*");
    assertThat(page(null, 10)).isEqualTo(all);
    for (int limit = 1; limit <= all.size(); limit++) {
      var found = new ArrayList<String>();
      String last = null;
      while (found.size() < all.size()) {
        var page = page(last, limit);
        assertThat(page).as("after %s", last).isNotEmpty().hasSizeLessThanOrEqualTo(limit);
        found.addAll(page);
        last = page.getLast().replace("*", "");
      }
      assertThat(found).as("pages of %s", limit).isEqualTo(all);
      assertThat(page(last, limit)).isEmpty();
    }
  }

  @Test
  void ownServerIsFoundBeforeTheBuiltInOne() {
    builtIns.put(server("both", true));
    assertThat(visible.find(server("both", true).key()).orElseThrow().read().orElseThrow().enabled()).isFalse();
    own.put(server("both", false));
    assertThat(visible.find(server("both", true).key()).orElseThrow().read().orElseThrow().enabled()).isTrue();
  }
}
