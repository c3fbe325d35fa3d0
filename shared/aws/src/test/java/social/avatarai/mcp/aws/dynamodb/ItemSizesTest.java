package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.ISSUER;
import static social.avatarai.mcp.testkit.store.Samples.NOW;
import static social.avatarai.mcp.testkit.store.Samples.REDIRECT_URI;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.SlowCallSlots;
import social.avatarai.mcp.registration.ClientRegistration;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.Leases.Lease;
import social.avatarai.mcp.token.ReplacedToken;
import social.avatarai.mcp.token.Tokens;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * How large items are, as DynamoDB counts: a write costs a unit for each KB begun, a consistent read one for each 4 KB.
 * The test prints the numbers of docs/performance.md. The samples have every attribute that an item may have.
 */
class ItemSizesTest {
  /** The user id has the length of a {@code did:plc}. */
  private final ConnectionKey key = new ConnectionKey(new UserId("did:plc:abcdefghijklmnopqrstuvwx"),
      new ConnectionId("invented-server"));

  private static void assertSize(String what, int most, Map<String, AttributeValue> item) {
    int bytes = item.entrySet().stream().mapToInt(e -> length(e.getKey()) + size(e.getValue())).sum();
    System.out.println("item " + what + ": " + bytes + " bytes");
    assertThat(bytes).as(what).isLessThanOrEqualTo(most);
  }

  private static int length(String text) {
    return text.getBytes(UTF_8).length;
  }

  private static int size(AttributeValue value) {
    return switch (value.type()) {
      case S -> length(value.s());
      // Two hex digits for each byte, and one for an odd length.
      case N -> (value.n().length() + 1) / 2 + 1;
      case B -> value.b().asByteArrayUnsafe().length;
      case BOOL, NUL -> 1;
      case SS -> value.ss().stream().mapToInt(ItemSizesTest::length).sum();
      case L -> 3 + value.l().stream().mapToInt(inner -> 1 + size(inner)).sum();
      case M -> 3 + value.m().entrySet().stream().mapToInt(e -> 1 + length(e.getKey()) + size(e.getValue())).sum();
      default -> throw new IllegalArgumentException("nothing of ours is stored as " + value.type());
    };
  }

  @Test
  void aSessionAndAParkedAnswerAreOneWriteUnitEach() {
    var sessions = new DynamoDbSessions(Stores.client(), Stores.TABLES, Stores.CIPHER);
    var session = Samples.session();
    sessions.begin(session);
    sessions.park(session, Samples.parked(), NOW);
    String table = Stores.TABLES.sessions();
    assertSize("session", 1024, Stores.raw(table, Values.key(session.key().value())));
    assertSize("parked response", 1024, Stores.raw(table, Values.key(ParkedItem.key(session.key(), 1))));
  }

  @Test
  void aGrantIsTwoWriteUnitsWithShortTokensAndGrowsWithThem() {
    assertSize("grant, tokens of 50 characters", 2048, renewed("x".repeat(50), "y".repeat(50)));
    assertSize("grant, tokens of 1200 and 300 characters", 3072, renewed("x".repeat(1200), "y".repeat(300)));
  }

  /** A grant as it is stored most of the time: with the digest of its previous refresh token. */
  private Map<String, AttributeValue> renewed(String accessToken, String refreshToken) {
    var grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);
    var grant = Samples.grant(key);
    grants.store(grant);
    var tokens = new Tokens(new AccessToken(accessToken), new RefreshToken(refreshToken), Scopes.parse("repo user"),
        NOW, NOW.plusSeconds(3600));
    assertThat(grants.commit(grant.renewed(tokens, GrantState.healthy(NOW, 82_500_000)))).isTrue();
    return Stores.raw(Stores.TABLES.tokens(), GrantItem.key(key));
  }

  @Test
  void keyInTheUrlMakesNoItemCostAUnitMore() {
    String query = "?api_key=" + "x".repeat(40);
    new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER).store(Samples.grantWithQuery(key, query));
    assertSize("grant, a key of 40 characters in its URL", 2048,
        Stores.raw(Stores.TABLES.tokens(), GrantItem.key(key)));
    var session = Samples.session();
    new DynamoDbSessions(Stores.client(), Stores.TABLES, Stores.CIPHER)
        .begin(session.servedAt(session.target().serverUrl().withQueryPart(query)));
    assertSize("session, a key of 40 characters in its URL", 1024,
        Stores.raw(Stores.TABLES.sessions(), Values.key(session.key().value())));
    new DynamoDbServers(Stores.client(), Stores.TABLES, Stores.CIPHER)
        .put(SampleServer.of(key, "https://mcp.example/mcp" + query));
    assertSize("server, a key of 40 characters in its URL", 1024,
        Stores.raw(Stores.TABLES.servers(), ServerItem.key(key)));
  }

  @Test
  void aReplacedTokenIsOneWriteUnit() {
    var like = Samples.replacedToken(key, 1);
    var token = new ReplacedToken(key, like.grant(), 1, like.target(), like.client(),
        new RefreshToken("y".repeat(300)), like.replacedAt());
    new DynamoDbReplacedTokens(Stores.client(), Stores.TABLES, Stores.CIPHER).keep(token);
    assertSize("replaced refresh token of 300 characters", 1024,
        Stores.raw(Stores.TABLES.tokens(), ReplacedTokenItem.key(token)));
  }

  @Test
  void whatIsWrittenAtEachRefreshBesideTheGrantIsOneUnitEach() {
    new DynamoDbLeases(Stores.client(), Stores.TABLES).acquire(new Lease(key, GrantId.fresh(), 1, NOW), NOW);
    new DynamoDbDueGrants(Stores.client(), Stores.TABLES).schedule(key, 82_400_000);
    assertSize("lease", 1024,
        Stores.raw(Stores.TABLES.tokens(), Values.key("u#" + key.user(), "lease#" + key.connection())));
    assertSize("due marker", 1024, Stores.raw(Stores.TABLES.due(), Values.key("due#" + DynamoDbDueGrants.shard(key),
        "0082400000#" + key.user() + "#" + key.connection())));
  }

  @Test
  void aRegistrationAServerAndACounterAreOneUnitEach() {
    var client = Samples.client("client-1", Owner.of(key.user()));
    new DynamoDbRegistrations(Stores.client(), Stores.TABLES, Stores.CIPHER).keep(
        new ClientRegistration(ISSUER, client, List.of(REDIRECT_URI, REDIRECT_URI), Scopes.parse("repo user"), NOW));
    assertSize("registration", 1024, Stores.raw(Stores.TABLES.registrations(),
        Values.key(client.owner().key(), RegistrationItem.client(ISSUER, client.id()))));
    new DynamoDbServers(Stores.client(), Stores.TABLES, Stores.CIPHER)
        .put(SampleServer.of(key, "https://mcp.example/mcp"));
    assertSize("server", 1024, Stores.raw(Stores.TABLES.servers(), ServerItem.key(key)));
    new DynamoDbRequestCounter(Stores.client(), Stores.TABLES).count(key.user(), 600, NOW);
    assertSize("counter of starts", 1024, Stores.raw(Stores.TABLES.servers(),
        Values.key("u#" + key.user(), "counter#start#" + NOW.getEpochSecond() / 3600)));
    var slots = new DynamoDbSlowCallSlots(Stores.client(), Stores.TABLES);
    for (int i = 0; i < 8; i++)
      slots.take(new SlowCallSlots.Slot(key.user(), Unguessable.text(), NOW), 8, NOW);
    assertSize("slots", 1024, Stores.raw(Stores.TABLES.servers(), Values.key("u#" + key.user(), "counter#slow")));
  }
}
