package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.authorization.SessionOutcome;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.Revision;
import social.avatarai.mcp.record.StoredServer;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.vault.Reencryption.Area;
import social.avatarai.mcp.vault.Reencryption.Run;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Rows of an earlier release, with the query of the server's URL in the clear, are read, and sealed by re-encryption. */
class EarlierRowsTest {
  private static final String QUERY = "?api_key=invented";
  private static final String URL = "https://mcp.example/mcp";

  private final Tables tables = Tables.withPrefix("q" + Unguessable.text().replace("-", "x") + "-");
  private final DynamoDbGrants grants = new DynamoDbGrants(Stores.client(), tables, Stores.CIPHER);
  private final DynamoDbServers servers = new DynamoDbServers(Stores.client(), tables, Stores.CIPHER);
  private final DynamoDbSessions sessions = new DynamoDbSessions(Stores.client(), tables, Stores.CIPHER);

  @BeforeEach
  void create() {
    tables.creations().forEach(Stores.client()::createTable);
    tables.creations().forEach(
        table -> Stores.client().waiter().waitUntilTableExists(wait -> wait.tableName(table.tableName())));
  }

  private Run reencrypt(Area area) {
    var journal = new Journal(new PrintStream(OutputStream.nullOutputStream(), true, UTF_8), Clock.systemUTC());
    return new DynamoDbReencryption(Stores.client(), tables, () -> Stores.CIPHER, journal).run(area, null,
        Deadline.in(Duration.ofSeconds(25)));
  }

  private Map<String, AttributeValue> tokens(Map<String, AttributeValue> key) {
    return Stores.raw(tables.tokens(), key);
  }

  private static void assertSealed(Map<String, AttributeValue> item) {
    assertThat(item.toString()).contains(URL).doesNotContain("api_key");
  }

  @Test
  void grantThatDoesNotSayItsFirstRefreshTokenKnowsItsPreviousOne() {
    var grant = Samples.grant();
    grants.store(grant);
    var row = new HashMap<>(tokens(GrantItem.key(grant.key())));
    assertThat(row.remove("firstRefreshMac")).isNotNull();
    Stores.put(tables.tokens(), row);
    var first = Objects.requireNonNull(grant.tokens().refreshToken());
    assertThat(grants.isSpent(grant, first)).isFalse();
    assertThat(grants.commit(grant.renewed(Samples.tokens("next"), GrantState.healthy(NOW, 0)))).isTrue();
    assertThat(grants.isSpent(grant, first)).isTrue();
  }

  @Test
  void grantIsReadFollowedAndSealed() {
    var grant = Samples.grantWithQuery(Samples.key(), QUERY);
    grants.store(grant);
    var key = GrantItem.key(grant.key());
    Stores.put(tables.tokens(), EarlierRows.ofGrant(tokens(key), QUERY));
    assertThat(tokens(key).toString()).contains("api_key");
    assertThat(grants.read(grant.key())).contains(grant);
    assertThat(grants.origin(grant.key()).orElseThrow().serverUrl().value()).isEqualTo(URL);
    var modern = new NegotiatedProtocol("2026-07-28", null);
    grants.keepProtocol(grant, modern);
    assertThat(grants.read(grant.key()).orElseThrow().protocol()).isEqualTo(modern);
    assertThat(reencrypt(Area.TOKENS)).isEqualTo(new Run(1, 1, 0, null));
    assertSealed(tokens(key));
    assertThat(grants.read(grant.key()).orElseThrow().target()).isEqualTo(grant.target());
    assertThat(reencrypt(Area.TOKENS)).isEqualTo(new Run(1, 0, 0, null));
  }

  @Test
  void grantWhoseCauseOnlyALaterReleaseKnowsIsReadWithoutIt() {
    var grant = Samples.grant();
    grants.store(grant);
    var item = new HashMap<>(tokens(GrantItem.key(grant.key())));
    item.put("cause", AttributeValue.fromS("INVENTED_LATER"));
    Stores.put(tables.tokens(), item);
    assertThat(grants.read(grant.key())).contains(grant);
    var summaries = new DynamoDbGrantSummaries(Stores.client(), tables, () -> Stores.CIPHER);
    assertThat(summaries.read(grant.key().user(), List.of(grant.key().connection()))).singleElement()
        .satisfies(listed -> assertThat(listed.read().orElseThrow().state()).isEqualTo(grant.state()));
  }

  /** A session that a release without digests has put in place of another one, while an update was under way. */
  private Grant staleDigest() {
    var grant = Samples.grant();
    grants.store(grant);
    var first = new NegotiatedProtocol("2025-11-25", new McpSessionId("first-session"));
    grants.forgetProtocol(grant);
    assertThat(grants.keepProtocol(grants.read(grant.key()).orElseThrow(), first)).isTrue();
    var key = GrantItem.key(grant.key());
    var digest = tokens(key).get(ProtocolItem.DIGEST);
    var second = new NegotiatedProtocol("2025-11-25", new McpSessionId("second-session"));
    assertThat(grants.keepProtocol(grants.read(grant.key()).orElseThrow(), second)).isTrue();
    var item = new HashMap<>(tokens(key));
    item.put(ProtocolItem.DIGEST, digest);
    Stores.put(tables.tokens(), item);
    return grants.read(grant.key()).orElseThrow();
  }

  @Test
  void sessionBesideTheDigestOfAnotherOneCanBeForgotten() {
    var grant = staleDigest();
    grants.forgetProtocol(grant);
    assertThat(grants.read(grant.key()).orElseThrow().protocol()).isNull();
  }

  @Test
  void sessionBesideTheDigestOfAnotherOneCanBeReplaced() {
    var grant = staleDigest();
    var third = new NegotiatedProtocol("2025-11-25", new McpSessionId("third-session"));
    assertThat(grants.keepProtocol(grant, third)).isTrue();
    assertThat(grants.read(grant.key()).orElseThrow().protocol()).isEqualTo(third);
  }

  @Test
  void sessionOfAServerBesideTheDigestOfAnotherOneCanBeForgotten() {
    var first = SampleServer.of(Samples.key(), URL);
    servers.put(first.with(new NegotiatedProtocol("2025-11-25", new McpSessionId("first-session"))));
    var key = ServerItem.key(first.key());
    var digest = Stores.raw(tables.servers(), key).get(ProtocolItem.DIGEST);
    servers.put(first.with(new NegotiatedProtocol("2025-11-25", new McpSessionId("second-session"))));
    var item = new HashMap<>(Stores.raw(tables.servers(), key));
    item.put(ProtocolItem.DIGEST, digest);
    Stores.put(tables.servers(), item);
    servers.forgetProtocol(servers.find(first.key()).orElseThrow());
    assertThat(servers.find(first.key()).orElseThrow().protocol()).isNull();
  }

  @Test
  void anotherQueryOfAGrantIsSealedWhenItIsNoted() {
    var grant = Samples.grantWithQuery(Samples.key(), QUERY);
    grants.store(grant);
    var key = GrantItem.key(grant.key());
    Stores.put(tables.tokens(), EarlierRows.ofGrant(tokens(key), QUERY));
    grants.noteServer(grant.servedAt(grant.target().serverUrl().withQueryPart("?api_key=another")));
    assertSealed(tokens(key));
    assertThat(grants.read(grant.key()).orElseThrow().target().serverUrl().value()).isEqualTo(URL + "?api_key=another");
  }

  @Test
  void replacedTokenLosesTheQuery() {
    var store = new DynamoDbReplacedTokens(Stores.client(), tables, Stores.CIPHER);
    var token = Samples.replacedToken(Samples.key(), 1);
    store.keep(token);
    var key = ReplacedTokenItem.key(token);
    Stores.put(tables.tokens(), EarlierRows.ofGrant(tokens(key), QUERY));
    assertThat(store.of(token.connection())).containsExactly(token);
    assertThat(reencrypt(Area.TOKENS)).isEqualTo(new Run(1, 1, 0, null));
    assertSealed(tokens(key));
    assertThat(store.of(token.connection())).containsExactly(token);
  }

  @Test
  void serverWithoutARevisionHasAFixedOneUntilItIsWritten() {
    var server = SampleServer.of(Samples.key(), URL);
    servers.put(server);
    var item = new HashMap<>(Stores.raw(tables.servers(), ServerItem.key(server.key())));
    item.remove(ServerItem.REVISION);
    Stores.put(tables.servers(), item);
    assertThat(servers.stored(server.key()).orElseThrow().revision()).isEqualTo(Revision.EARLIER);
    assertThat(servers.put(server, Precondition.is(Revision.fresh()))).isEmpty();
    servers.note(server.key(), McpServer.Status.CONNECTED, null);
    var written = servers.put(server, Precondition.is(Revision.EARLIER)).orElseThrow();
    assertThat(servers.stored(server.key())).contains(new StoredServer(server, written));
    assertThat(servers.put(server, Precondition.is(Revision.EARLIER))).isEmpty();
  }

  @Test
  void serverIsReadWithItsQueryHiddenInTheDocumentAndSealed() {
    var server = SampleServer.of(Samples.key(), URL + QUERY);
    servers.put(server);
    var key = ServerItem.key(server.key());
    Stores.put(tables.servers(),
        EarlierRows.ofServer(Stores.raw(tables.servers(), key), Stores.CIPHER, server.key(), QUERY));
    assertThat(Stores.raw(tables.servers(), key).toString()).contains("\"url\":\"" + URL + QUERY);
    var read = servers.find(server.key()).orElseThrow();
    assertThat(read.url()).isEqualTo(server.url());
    assertThat(read.document().path("url").asText()).isEqualTo(URL + "?***");
    assertThat(read.protocol()).isEqualTo(server.protocol());
    assertThat(new DynamoDbServerSummaries(Stores.client(), tables).find(server.key()).orElseThrow().read()
        .orElseThrow().url().value()).isEqualTo(URL);
    assertThat(reencrypt(Area.SERVERS)).isEqualTo(new Run(1, 1, 0, null));
    assertSealed(Stores.raw(tables.servers(), key));
    assertThat(servers.find(server.key())).contains(read);
    servers.keepProtocol(server, new NegotiatedProtocol("2026-07-28", null));
    assertThat(servers.find(server.key()).orElseThrow().protocol()).isNotEqualTo(server.protocol());
    assertThat(reencrypt(Area.SERVERS)).isEqualTo(new Run(1, 0, 0, null));
  }

  @Test
  void sessionThatBeganBeforeTheUpdateEndsAfterIt() {
    var like = Samples.session();
    var session = like.servedAt(like.target().serverUrl().withQueryPart(QUERY));
    sessions.begin(session);
    var key = Values.key(session.key().value());
    Stores.put(tables.sessions(), EarlierRows.ofSession(Stores.raw(tables.sessions(), key), Stores.CIPHER, QUERY,
        session.request().verifier().reveal()));
    assertThat(sessions.find(session.key())).contains(session);
    sessions.park(session, Samples.parked(), NOW);
    assertThat(sessions.findWithParked(session.key()).orElseThrow().parked()).hasSize(1);
    assertThat(sessions.claim(session.key(), NOW)).isTrue();
    sessions.finish(session, SessionOutcome.connected(Scopes.none(), null), NOW.plusSeconds(900));
    assertSealed(Stores.raw(tables.sessions(), key));
    assertThat(List.of(sessions.find(session.key()).orElseThrow().target().serverUrl().value())).containsExactly(URL);
  }
}
