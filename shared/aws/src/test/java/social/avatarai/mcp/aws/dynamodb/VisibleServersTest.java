package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.BuiltInServers;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.record.VisibleServers;
import social.avatarai.mcp.registration.RequestCounter;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.testkit.store.ServersContract;

/** The servers that a user sees keep the contract of the user's own ones, with the built-in servers beside them. */
class VisibleServersTest extends ServersContract {
  private final BuiltInServers builtIns = new DynamoDbBuiltInServers(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final Servers own = new DynamoDbServers(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final Servers visible = new VisibleServers(own, builtIns);
  private final RequestCounter counter = new DynamoDbRequestCounter(Stores.client(), Stores.TABLES);
  private final UserId user = Samples.user();

  @Override
  protected Servers servers() {
    return visible;
  }

  @Override
  protected RequestCounter counter() {
    return counter;
  }

  /** Every user sees the built-in servers, and so do the other tests. */
  @AfterEach
  void deleteBuiltIns() {
    builtIns.ids().forEach(builtIns::delete);
  }

  private McpServer server(String id, boolean builtIn) {
    return new McpServer(new ConnectionKey(user, new ConnectionId(id)), new EndpointUrl("https://mcp.example/mcp"),
        true,
        new Terms(Scopes.none(), null, null, null, false), Status.DISCONNECTED,
        Json.newObject().put("isBuiltin", builtIn), null);
  }

  private McpServer builtIn(String id) {
    builtIns.put(server(id, true));
    return server(id, true).seenBy(user);
  }

  @Test
  void ownServerTakesPrecedenceOverABuiltInOne() {
    var theirs = builtIn("both");
    assertThat(visible.find(theirs.key())).contains(theirs);
    var own = server("both", false);
    visible.put(own);
    assertThat(visible.find(own.key())).contains(own);
    visible.delete(own.key());
    assertThat(visible.find(own.key())).contains(theirs);
  }

  @Test
  void noteIsWrittenWhereTheServerIs() {
    var theirs = builtIn("noted");
    assertThat(visible.note(theirs, Status.CONNECTED, null)).isTrue();
    assertThat(visible.find(theirs.key())).contains(theirs.noted(Status.CONNECTED, null, null));
    assertThat(visible.note(theirs.key(), Status.DISCONNECTED, null)).isTrue();
    assertThat(visible.find(theirs.key())).contains(theirs);
    assertThat(visible.note(server("no-such-server", false).key(), Status.CONNECTED, null)).isFalse();
    assertThat(own.find(theirs.key())).isEmpty();
  }

  @Test
  void protocolIsKeptAndForgottenWhereTheServerIs() {
    var theirs = builtIn("agreed");
    assertThat(visible.keepProtocol(theirs, new NegotiatedProtocol("2026-07-28", null))).isTrue();
    var kept = visible.find(theirs.key()).orElseThrow();
    assertThat(kept.isKnownAsOpen()).isTrue();
    visible.forgetProtocol(kept);
    assertThat(visible.find(theirs.key())).contains(theirs);
  }

  @Test
  void builtInServerIsNotRelocated() {
    var theirs = builtIn("at-its-place");
    assertThat(visible.relocate(theirs, new EndpointUrl("https://mcp.example/mcp/"))).isFalse();
    assertThat(visible.find(theirs.key())).contains(theirs);
  }

  @Test
  void ownAndBuiltInServersStandInTheOrderOfTheirIds() {
    List.of("a", "c").forEach(id -> visible.put(server(id, false)));
    var theirs = Stream.of("B", "b", "c", "d").collect(Collectors.toMap(Function.identity(), this::builtIn));
    assertThat(page(null, 10)).containsExactly("B own: false", "a own: true", "b own: false", "c own: true",
        "d own: false");
    assertThat(page("a", 2)).containsExactly("b own: false", "c own: true");
    assertThat(visible.page(user, new ConnectionId("c"), 10)).containsExactly(theirs.get("d"));
  }

  private List<String> page(@Nullable String after, int limit) {
    return visible.page(user, after == null ? null : new ConnectionId(after), limit).stream()
        .map(server -> server.key().connection() + " own: " + !server.isBuiltin()).toList();
  }
}
