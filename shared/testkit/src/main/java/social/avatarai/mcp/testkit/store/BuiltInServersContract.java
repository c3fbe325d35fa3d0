package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
import social.avatarai.mcp.record.BuiltInServers;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.record.ServerSummaries;
import social.avatarai.mcp.record.ServerSummary;
import social.avatarai.mcp.record.Servers;

/** The contract of {@link BuiltInServers}, for a store without other built-in servers. */
public abstract class BuiltInServersContract {
  protected static final EndpointUrl URL = new EndpointUrl("https://mcp.example/mcp?team=1");
  private static final NegotiatedProtocol PROTOCOL = new NegotiatedProtocol("2025-11-25",
      new McpSessionId("invented-mcp-session"));
  private static final ConnectionError ERROR = new ConnectionError(ErrorCode.UPSTREAM_TIMEOUT, Samples.NOW,
      "The server did not answer in time.");

  protected final UserId one = Samples.user();
  protected final UserId other = Samples.user();

  protected abstract BuiltInServers builtIns();

  /** What lists show of the same built-in servers. */
  protected abstract ServerSummaries summaries();

  /** The users' own servers in the same store. */
  protected abstract Servers servers();

  @BeforeEach
  void begin() {
    builtIns().ids().forEach(builtIns()::delete);
  }

  protected static ConnectionKey key(UserId user, String id) {
    return new ConnectionKey(user, new ConnectionId(id));
  }

  protected static McpServer server(String id, EndpointUrl url, @Nullable String client) {
    var clientId = client == null ? null : new ClientId(client);
    var terms = new Terms(Scopes.parse("repo"), client == null ? null : Samples.ISSUER, clientId, null, client != null);
    return new McpServer(key(new UserId("app-backend"), id), url, true, terms, Status.DISCONNECTED,
        Json.newObject().put("mcpId", id).put("userId", "").put("isBuiltin", true), null);
  }

  private McpServer put(String id) {
    return put(server(id, URL, "client-1"));
  }

  protected final McpServer put(McpServer server) {
    builtIns().put(server);
    return server;
  }

  protected final McpServer seen(UserId user, String id) {
    return builtIns().find(key(user, id)).orElseThrow();
  }

  @Test
  void findsNothingWhereNoneIs() {
    assertThat(builtIns().find(key(one, "none"))).isEmpty();
    assertThat(summaries().find(key(one, "none"))).isEmpty();
    assertThat(builtIns().all(one)).isEmpty();
    assertThat(summaries().page(one, null, 10)).isEmpty();
    assertThat(builtIns().ids()).isEmpty();
  }

  @Test
  void everyUserFindsWhatWasPutUnderAKeyOfTheirOwn() {
    var server = put("a");
    for (var user : List.of(one, other)) {
      assertThat(seen(user, "a")).isEqualTo(server.seenBy(user));
      assertThat(seen(user, "a").key()).isEqualTo(key(user, "a"));
      assertThat(seen(user, "a").document().path("userId").asText()).isEqualTo(user.value());
    }
  }

  @Test
  void isNoServerOfAUsersOwn() {
    put("a");
    builtIns().note(seen(one, "a"), Status.CONNECTED, ERROR);
    assertThat(servers().find(key(one, "a"))).isEmpty();
    assertThat(servers().all(one)).isEmpty();
    assertThat(servers().connections(one)).isEmpty();
    assertThat(servers().note(key(one, "a"), Status.CONNECTED, null)).isFalse();
  }

  @Test
  void statusErrorAndProtocolOfTheWriterAreNotStored() {
    put(server("a", URL, "client-1").noted(Status.CONNECTED, ERROR, PROTOCOL));
    assertThat(seen(one, "a")).isEqualTo(server("a", URL, "client-1").seenBy(one));
  }

  @Test
  void whatIsNotedIsOneUsersAlone() {
    put("a");
    builtIns().note(seen(one, "a"), Status.CONNECTED, ERROR);
    assertThat(builtIns().keepProtocol(seen(one, "a"), PROTOCOL)).isTrue();
    assertThat(seen(one, "a")).isEqualTo(server("a", URL, "client-1").seenBy(one).noted(Status.CONNECTED, ERROR,
        PROTOCOL));
    assertThat(seen(other, "a")).isEqualTo(server("a", URL, "client-1").seenBy(other));
    builtIns().note(seen(one, "a"), Status.DISCONNECTED, null);
    assertThat(seen(one, "a")).isEqualTo(server("a", URL, "client-1").seenBy(one).noted(Status.DISCONNECTED, null,
        PROTOCOL));
  }

  @Test
  void protocolIsKeptWithoutAnyNoteBefore() {
    put("a");
    assertThat(builtIns().keepProtocol(seen(one, "a"), PROTOCOL)).isTrue();
    assertThat(seen(one, "a")).isEqualTo(server("a", URL, "client-1").seenBy(one).noted(Status.DISCONNECTED, null,
        PROTOCOL));
  }

  @Test
  void notesAboutAnotherUrlOrClientDoNotCountAndAreReplaced() {
    for (var changed : List.of(server("a", new EndpointUrl("https://elsewhere.example/mcp?team=1"), "client-1"),
        server("a", URL, "client-2"), server("a", URL, null))) {
      put("a");
      builtIns().note(seen(one, "a"), Status.CONNECTED, ERROR);
      builtIns().keepProtocol(seen(one, "a"), PROTOCOL);
      put(changed);
      assertThat(seen(one, "a")).isEqualTo(changed.seenBy(one));
      assertThat(summaries().find(key(one, "a")).flatMap(Listed::read)).contains(changed.seenBy(one).summary());
      builtIns().note(seen(one, "a"), Status.AUTHORIZATION_REQUIRED, null);
      assertThat(seen(one, "a")).isEqualTo(changed.seenBy(one).noted(Status.AUTHORIZATION_REQUIRED, null, null));
    }
  }

  private static McpServer entered(String id) {
    return server(id, URL, null).with(Samples.entered(URL));
  }

  @Test
  void notesUnderOtherEnteredCredentialsDoNotCountAndAreReplaced() {
    var first = entered("a");
    for (var changed : List.of(entered("a"), server("a", URL, null), first)) {
      var before = put(changed.equals(first) ? server("a", URL, null) : first);
      builtIns().note(seen(one, "a"), Status.CONNECTED, ERROR);
      assertThat(builtIns().keepProtocol(seen(one, "a"), PROTOCOL)).isTrue();
      assertThat(seen(one, "a")).isEqualTo(before.seenBy(one).noted(Status.CONNECTED, ERROR, PROTOCOL));
      put(changed);
      assertThat(seen(one, "a")).isEqualTo(changed.seenBy(one));
      assertThat(builtIns().all(one)).containsExactly(changed.seenBy(one));
      assertThat(summaries().find(key(one, "a")).flatMap(Listed::read)).contains(changed.seenBy(one).summary());
      assertThat(page(one, null, 10)).containsExactly(changed.seenBy(one).summary());
      var agreed = new NegotiatedProtocol("2025-06-18", new McpSessionId("session-of-the-other-account"));
      assertThat(builtIns().keepProtocol(seen(one, "a"), agreed)).isTrue();
      assertThat(seen(one, "a")).isEqualTo(changed.seenBy(one).noted(Status.DISCONNECTED, null, agreed));
    }
  }

  @Test
  void sameEnteredCredentialsLeaveTheNotes() {
    var server = put(entered("a"));
    builtIns().note(seen(one, "a"), Status.CONNECTED, ERROR);
    builtIns().keepProtocol(seen(one, "a"), PROTOCOL);
    put(server);
    assertThat(seen(one, "a")).isEqualTo(server.seenBy(one).noted(Status.CONNECTED, ERROR, PROTOCOL));
    assertThat(page(one, null, 10)).containsExactly(server.seenBy(one).summary().noted(Status.CONNECTED, ERROR));
  }

  @Test
  void sessionUnderFormerCredentialsIsForgottenOnlyWithThem() {
    var former = put(entered("a"));
    builtIns().keepProtocol(seen(one, "a"), PROTOCOL);
    put(entered("a"));
    var agreed = new NegotiatedProtocol("2025-11-25", new McpSessionId("session-of-the-other-account"));
    builtIns().keepProtocol(seen(one, "a"), agreed);
    builtIns().forgetProtocol(former.seenBy(one).with(agreed));
    assertThat(seen(one, "a").protocol()).isEqualTo(agreed);
  }

  @Test
  void anotherQueryLeavesTheStatusAndForgetsWhatWasAgreedOn() {
    for (String query : List.of("?team=2", "")) {
      put("a");
      builtIns().note(seen(one, "a"), Status.CONNECTED, null);
      builtIns().keepProtocol(seen(one, "a"), PROTOCOL);
      put(server("a", URL.withQueryPart(query), "client-1"));
      assertThat(seen(one, "a").status()).isEqualTo(Status.CONNECTED);
      assertThat(seen(one, "a").protocol()).isNull();
      var agreed = new NegotiatedProtocol("2025-06-18", new McpSessionId("session-of-the-other-query"));
      assertThat(builtIns().keepProtocol(seen(one, "a"), agreed)).isTrue();
      assertThat(seen(one, "a").protocol()).isEqualTo(agreed);
    }
  }

  @Test
  void anotherDocumentLeavesTheNotes() {
    put("a");
    builtIns().note(seen(one, "a"), Status.CONNECTED, null);
    builtIns().keepProtocol(seen(one, "a"), PROTOCOL);
    var renamed = server("a", URL, "client-1");
    renamed.document().put("name", "Another name");
    put(renamed);
    assertThat(seen(one, "a")).isEqualTo(renamed.seenBy(one).noted(Status.CONNECTED, null, PROTOCOL));
  }

  @Test
  void firstOfTwoSessionsStaysUntilItIsForgotten() {
    put("a");
    var before = seen(one, "a");
    assertThat(builtIns().keepProtocol(before, PROTOCOL)).isTrue();
    var second = new NegotiatedProtocol("2025-11-25", new McpSessionId("second-mcp-session"));
    assertThat(builtIns().keepProtocol(before, second)).isFalse();
    assertThat(builtIns().keepProtocol(before, PROTOCOL)).as("a second try of the first").isTrue();
    builtIns().forgetProtocol(before.noted(Status.DISCONNECTED, null, second));
    assertThat(seen(one, "a").protocol()).isEqualTo(PROTOCOL);
    builtIns().forgetProtocol(seen(one, "a"));
    assertThat(seen(one, "a").protocol()).isNull();
    assertThat(builtIns().keepProtocol(seen(one, "a"), second)).isTrue();
  }

  @Test
  void listsAllInTheOrderOfTheirIdsWithTheNotesOfTheUser() {
    for (String id : List.of("zz", "a-server", "A", "0"))
      put(id);
    builtIns().note(seen(one, "a-server"), Status.CONNECTED, ERROR);
    assertThat(builtIns().ids()).extracting(ConnectionId::value).containsExactly("0", "A", "a-server", "zz");
    assertThat(builtIns().all(one)).extracting(server -> server.key().connection().value()).containsExactly("0", "A",
        "a-server", "zz");
    assertThat(builtIns().all(one).get(2)).isEqualTo(seen(one, "a-server"));
    assertThat(builtIns().all(other).get(2).error()).isNull();
  }

  @Test
  void pagesShowTheSame() {
    IntStream.range(0, 5).forEach(i -> put("server-" + i));
    builtIns().note(seen(one, "server-2"), Status.CONNECTED, ERROR);
    assertThat(page(one, null, 3)).containsExactly(summary(one, 0), summary(one, 1),
        summary(one, 2).noted(Status.CONNECTED, ERROR));
    assertThat(page(one, "server-2", 3)).containsExactly(summary(one, 3), summary(one, 4));
    assertThat(page(one, "server-1x", 1)).containsExactly(summary(one, 2).noted(Status.CONNECTED, ERROR));
    assertThat(page(other, null, 10)).hasSize(5).contains(summary(other, 2));
    assertThat(summaries().find(key(one, "server-2")).flatMap(Listed::read)).contains(
        summary(one, 2).noted(Status.CONNECTED, ERROR));
  }

  private List<ServerSummary> page(UserId user, @Nullable String after, int limit) {
    return summaries().page(user, after == null ? null : new ConnectionId(after), limit).stream().map(Listed::read)
        .flatMap(Optional::stream).toList();
  }

  private static ServerSummary summary(UserId user, int number) {
    return server("server-" + number, URL, "client-1").seenBy(user).summary();
  }

  @Test
  void deletesAServerAndNothingElse() {
    put("gone");
    put("stays");
    builtIns().delete(new ConnectionId("gone"));
    builtIns().delete(new ConnectionId("gone"));
    assertThat(builtIns().find(key(one, "gone"))).isEmpty();
    assertThat(builtIns().all(one)).hasSize(1);
  }

  @Test
  void notesOfAUserAreListedAndDeletedThoughTheServerIsGone() {
    put("a");
    put("b");
    builtIns().note(seen(one, "a"), Status.CONNECTED, null);
    builtIns().note(seen(one, "b"), Status.CONNECTED, null);
    builtIns().note(seen(other, "b"), Status.CONNECTED, null);
    builtIns().delete(new ConnectionId("a"));
    assertThat(builtIns().noted(one)).extracting(ConnectionId::value).containsExactly("a", "b");
    builtIns().noted(one).forEach(id -> builtIns().forgetNotes(new ConnectionKey(one, id)));
    builtIns().forgetNotes(key(one, "a"));
    assertThat(builtIns().noted(one)).isEmpty();
    assertThat(builtIns().noted(other)).extracting(ConnectionId::value).containsExactly("b");
    assertThat(seen(one, "b").status()).isEqualTo(Status.DISCONNECTED);
  }
}
