package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.record.ServerSummaries;
import social.avatarai.mcp.record.ServerSummary;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.registration.RequestCounter;

/** The contract of {@link ServerSummaries} for the servers that {@link Servers} stores. */
public abstract class ServerSummariesContract {
  private static final EndpointUrl URL = new EndpointUrl("https://mcp.example/mcp");
  private static final Terms OWN_CLIENT = new Terms(Scopes.parse("repo user"), Samples.ISSUER, new ClientId("client-1"),
      ClientAuthenticationMethod.CLIENT_SECRET_BASIC, true);
  private static final Terms STATING = new Terms(Scopes.none(), Samples.ISSUER, new ClientId("client-1"), null, false,
      Samples.statedEndpoints());
  private static final Terms NO_TERMS = new Terms(Scopes.none(), null, null, null, false);

  protected abstract ServerSummaries summaries();

  protected abstract Servers servers();

  /** The counters in the same partitions as the users' servers. */
  protected abstract RequestCounter counter();

  /** Makes a stored server unreadable. */
  protected abstract void spoil(ConnectionKey key);

  private ServerSummary stored(ServerSummary server) {
    servers().put(new McpServer(server.key(), server.url(), server.enabled(), server.terms(), server.status(),
        document(server.alias()), new NegotiatedProtocol("2025-11-25", new McpSessionId("invented")),
        server.error()));
    return server;
  }

  private static ObjectNode document(@Nullable String alias) {
    var document = Json.newObject().put("name", "invented");
    return alias == null ? document : document.put("alias", alias);
  }

  private ServerSummary plain(UserId user, String mcpId) {
    return stored(new ServerSummary(new ConnectionKey(user, new ConnectionId(mcpId)), URL, true, NO_TERMS,
        Status.DISCONNECTED, null));
  }

  private static Listed<ServerSummary> listed(ServerSummary server) {
    return Listed.readable(server.key().connection(), server);
  }

  private List<String> ids(UserId user, @Nullable String after, int limit) {
    var last = after == null ? null : new ConnectionId(after);
    return summaries().page(user, last, limit).stream().map(row -> row.connection().value()).toList();
  }

  @Test
  void findsWhatWasPut() {
    var error = new ConnectionError(ErrorCode.UPSTREAM_REFUSED, NOW, "The server refuses.");
    var full = stored(new ServerSummary(Samples.key(), URL, false, OWN_CLIENT, Status.AUTHORIZATION_REQUIRED, error));
    var plain = plain(Samples.user(), "plain");
    var stating = stored(new ServerSummary(Samples.key(), URL, true, STATING, Status.CONNECTED, null));
    assertThat(summaries().find(stating.key())).contains(listed(stating));
    var issuerRequired = stored(new ServerSummary(Samples.key(), URL, true,
        new Terms(Scopes.none(), null, null, null, false, null, true), Status.DISCONNECTED, null));
    assertThat(summaries().find(issuerRequired.key())).contains(listed(issuerRequired));
    var named = stored(new ServerSummary(Samples.key(), URL, true, NO_TERMS, Status.CONNECTED, null, "Work"));
    assertThat(summaries().find(named.key())).contains(listed(named));
    assertThat(summaries().find(full.key())).contains(listed(full));
    assertThat(summaries().find(plain.key())).contains(listed(plain));
    assertThat(summaries().find(new ConnectionKey(full.key().user(), new ConnectionId("none")))).isEmpty();
    assertThat(summaries().page(full.key().user(), null, 10)).containsExactly(listed(full));
  }

  @Test
  void listsAUsersServersInTheOrderOfTheirIdsAndNoCounters() {
    var user = Samples.user();
    IntStream.range(0, 5).forEach(hour -> counter().count(user, 600, NOW.plusSeconds(3600L * hour)));
    List.of("zz", "a-server", "A", "counter", "0").forEach(id -> plain(user, id));
    plain(Samples.user(), "another-users");
    assertThat(ids(user, null, 10)).containsExactly("0", "A", "a-server", "counter", "zz");
    assertThat(ids(Samples.user(), null, 10)).isEmpty();
  }

  @Test
  void goesOnAfterAnIdWhetherItIsThereOrNotAndPastTheCounters() {
    var user = Samples.user();
    IntStream.range(0, 5).forEach(hour -> counter().count(user, 600, NOW.plusSeconds(3600L * hour)));
    List.of("a", "c", "d", "e").forEach(id -> plain(user, id));
    assertThat(ids(user, null, 2)).containsExactly("a", "c");
    assertThat(ids(user, "c", 2)).containsExactly("d", "e");
    assertThat(ids(user, "b", 1)).containsExactly("c");
    assertThat(ids(user, "e", 2)).isEmpty();
  }

  @Test
  void unreadableServerIsListedAndCostsNoOther() {
    var user = Samples.user();
    List.of("a", "b", "c").forEach(id -> plain(user, id));
    var spoilt = new ConnectionKey(user, new ConnectionId("b"));
    spoil(spoilt);
    var page = summaries().page(user, null, 10);
    assertThat(page).extracting(row -> row.connection().value()).containsExactly("a", "b", "c");
    assertThat(page).extracting(row -> row.read().isPresent()).containsExactly(true, false, true);
    assertThat(summaries().find(spoilt)).hasValueSatisfying(row -> assertThat(row.read()).isEmpty());
  }
}
