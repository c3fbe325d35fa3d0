package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.authorization.SessionOutcome;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.ReplacedToken;
import social.avatarai.mcp.vault.TokenCipher.Place;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The key in the query of a server's URL ({@code ?api_key=…}) is not in the clear in any row, and opens only in the row
 * that it was sealed for.
 */
class ServerQueryAtRestTest {
  private final String key = "invented-" + Unguessable.text();
  private final String query = "?api_key=" + key;
  private final DynamoDbGrants grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final DynamoDbServers servers = new DynamoDbServers(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final DynamoDbSessions sessions = new DynamoDbSessions(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final DynamoDbReplacedTokens replacedTokens = new DynamoDbReplacedTokens(Stores.client(), Stores.TABLES,
      Stores.CIPHER);

  private Grant storedGrant() {
    var grant = Samples.grantWithQuery(Samples.key(), query);
    grants.store(grant);
    return grant;
  }

  private McpServer storedServer() {
    var server = SampleServer.of(Samples.key(), "https://mcp.example/mcp" + query);
    servers.put(server);
    return server;
  }

  private AuthorizationSession begun() {
    var like = Samples.session();
    var session = like.servedAt(like.target().serverUrl().withQueryPart(query));
    sessions.begin(session);
    return session;
  }

  private static Map<String, AttributeValue> raw(String table, Map<String, AttributeValue> key) {
    return new HashMap<>(Stores.raw(table, key));
  }

  private static Map<String, AttributeValue> raw(Grant grant) {
    return raw(Stores.TABLES.tokens(), GrantItem.key(grant.key()));
  }

  private static Map<String, AttributeValue> raw(McpServer server) {
    return raw(Stores.TABLES.servers(), ServerItem.key(server.key()));
  }

  private static Map<String, AttributeValue> raw(AuthorizationSession session) {
    return raw(Stores.TABLES.sessions(), Values.key(session.key().value()));
  }

  private void assertNotInTheClear(Map<String, AttributeValue> item) {
    assertThat(item).isNotEmpty();
    item.forEach((name, value) -> {
      String text = value.b() == null ? value.toString() : value.b().asString(ISO_8859_1);
      assertThat(text).as(name).doesNotContain(key, Base64.getEncoder().encodeToString(key.getBytes(UTF_8)),
          Digest.sha256Hex(query), Digest.sha256Hex(key));
    });
  }

  /** The bug: {@code ?api_key=} lay in the clear in the tables of servers, grants and sessions. */
  @Test
  void keyInTheUrlLiesInTheClearInNoRow() {
    var grant = storedGrant();
    assertNotInTheClear(raw(grant));
    assertThat(grants.read(grant.key())).contains(grant);
    var server = storedServer();
    assertNotInTheClear(raw(server));
    assertThat(servers.find(server.key())).contains(server);
    var session = begun();
    assertNotInTheClear(raw(session));
    assertThat(sessions.find(session.key())).contains(session);
    var like = Samples.replacedToken(grant.key(), 1);
    var replaced = new ReplacedToken(grant.key(), grant.id(), 1, grant.target(), grant.client(), like.token(), NOW);
    replacedTokens.keep(replaced);
    assertNotInTheClear(raw(Stores.TABLES.tokens(), ReplacedTokenItem.key(replaced)));
  }

  @Test
  void finishedSessionHasNoQueryAtAll() {
    var session = begun();
    sessions.claim(session.key(), NOW);
    sessions.finish(session, SessionOutcome.connected(Scopes.none(), null), NOW.plusSeconds(900));
    assertThat(raw(session)).doesNotContainKey(ServerQuery.SEALED);
    assertThat(sessions.find(session.key()).orElseThrow().target().serverUrl().value())
        .isEqualTo("https://mcp.example/mcp");
  }

  @Test
  void equalQueriesCannotBeToldFromTheRows() {
    var one = storedGrant();
    var other = storedGrant();
    for (String attribute : List.of(ServerQuery.SEALED, ServerQuery.DIGEST))
      assertThat(raw(one).get(attribute)).isNotNull().isNotEqualTo(raw(other).get(attribute));
  }

  private static void transplant(String table, Map<String, AttributeValue> from, Map<String, AttributeValue> into,
      String attribute) {
    into.put(attribute, Objects.requireNonNull(from.get(attribute)));
    Stores.put(table, into);
  }

  @Test
  void queryOfAGrantOpensInNoOtherRow() {
    var victim = storedGrant();
    var user = victim.key().user();
    for (var elsewhere : List.of(new ConnectionKey(Samples.user(), victim.key().connection()),
        new ConnectionKey(user, new ConnectionId("hostile-server")), victim.key())) {
      // The last one is a later consent of the same connection.
      var sealed = raw(victim);
      grants.store(Samples.grantWithQuery(elsewhere, "?own=1"));
      transplant(Stores.TABLES.tokens(), sealed, raw(Stores.TABLES.tokens(), GrantItem.key(elsewhere)),
          ServerQuery.SEALED);
      assertThatThrownBy(() -> grants.read(elsewhere)).isInstanceOf(Failure.Misconfigured.class);
    }
  }

  @Test
  void queryOfAGrantOpensForNoOtherUrlAndNoOtherResource() {
    for (String attribute : List.of("serverUrl", "resource")) {
      var grant = storedGrant();
      var item = raw(grant);
      item.put(attribute, AttributeValue.fromS("https://collector.example/"));
      Stores.put(Stores.TABLES.tokens(), item);
      // The query alone, as if the tokens had not refused the edit first.
      assertThatThrownBy(() -> ItemReader.map(GrantItem.TABLE, item, row -> Stores.CIPHER.open(
          row.bytes(ServerQuery.SEALED),
          Place.of(GrantItem.TABLE, grant.key().user().value(), grant.key().connection().value(), grant.id().value(),
              grant.target().issuer().value(), ServerQuery.SEALED),
          Destinations.mcpServer(TargetItem.target(row))))).isInstanceOf(Failure.Misconfigured.class);
      assertThatThrownBy(() -> grants.read(grant.key())).isInstanceOf(Failure.Misconfigured.class);
    }
  }

  @Test
  void queryOfARecordOpensForNoOtherServerAndNoOtherUrl() {
    var victim = storedServer();
    var other = SampleServer.of(new ConnectionKey(victim.key().user(), new ConnectionId("hostile-server")),
        "https://hostile.example/mcp?own=1");
    servers.put(other);
    transplant(Stores.TABLES.servers(), raw(victim), raw(other), ServerItem.SEALED);
    assertThatThrownBy(() -> servers.find(other.key())).isInstanceOf(Failure.Misconfigured.class);
    var item = raw(victim);
    item.put("url", AttributeValue.fromS("https://hostile.example/mcp"));
    Stores.put(Stores.TABLES.servers(), item);
    assertThatThrownBy(() -> servers.find(victim.key())).isInstanceOf(Failure.Misconfigured.class);
  }

  @Test
  void queryOfASessionOpensInNoOtherSession() {
    var victim = begun();
    var other = begun();
    transplant(Stores.TABLES.sessions(), raw(victim), raw(other), ServerQuery.SEALED);
    assertThatThrownBy(() -> sessions.find(other.key())).isInstanceOf(Failure.Misconfigured.class);
  }

  @Test
  void rowWithASealedQueryAndAnotherInTheClearIsRefused() {
    var grant = storedGrant();
    var item = raw(grant);
    item.put("serverUrl", AttributeValue.fromS("https://mcp.example/mcp?api_key=edited"));
    Stores.put(Stores.TABLES.tokens(), item);
    assertThatThrownBy(() -> grants.read(grant.key())).isInstanceOf(Failure.Misconfigured.class);
  }
}
