package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.testkit.store.Samples.ISSUER;
import static social.avatarai.mcp.testkit.store.Samples.NOW;
import static social.avatarai.mcp.testkit.store.Samples.REDIRECT_URI;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.authorization.ParkedResponse;
import social.avatarai.mcp.registration.ClientRegistration;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.Registrations.Query;
import social.avatarai.mcp.testkit.CountingInterceptor;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantSummary;
import social.avatarai.mcp.token.Tokens;

/** DynamoDB does not return everything in one response; the rest is asked for. */
class LargeReadsTest {
  private final DynamoDbGrants grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);

  @Test
  void aQueryReadsPageAfterPage() {
    var user = Samples.user();
    // 30 grants of 40 KB are more than the megabyte of one page.
    for (int i = 0; i < 30; i++)
      grants.store(large(new ConnectionKey(user, new ConnectionId("server-" + (10 + i))), i));
    var calls = new CountingInterceptor();
    var counted = new DynamoDbGrants(Stores.clientWith(calls), Stores.TABLES, Stores.CIPHER);
    assertThat(counted.findByRefreshToken(user, new RefreshToken("refresh-29"))).isPresent();
    assertThat(calls.counts()).isEqualTo(Map.of("Query", 2));
  }

  private static Grant large(ConnectionKey key, int number) {
    var tokens = new Tokens(new AccessToken("x".repeat(40_000)), new RefreshToken("refresh-" + number), Scopes.none(),
        NOW, null);
    return Samples.plainGrant(key).renewed(tokens, GrantState.healthy(NOW, 0));
  }

  @Test
  void aBatchAsksAgainForWhatIsLeftUnread() {
    var user = Samples.user();
    var stored = IntStream.range(0, 9)
        .mapToObj(i -> Samples.grant(new ConnectionKey(user, new ConnectionId("server-" + i)))).toList();
    stored.forEach(grants::store);
    var calls = new CountingInterceptor();
    var throttled = new DynamoDbGrantSummaries(Stores.clientWith(new OneKeyABatch(5), calls), Stores.TABLES,
        () -> Stores.CIPHER);
    var connections = stored.stream().map(grant -> grant.key().connection()).toList();
    assertThat(throttled.read(user, connections)).extracting(Listed::value)
        .containsExactlyInAnyOrderElementsOf(stored.stream().map(GrantSummary::of).toList());
    assertThat(calls.counts()).isEqualTo(Map.of("BatchGetItem", 6));
  }

  @Test
  void aBatchThatIsNeverReadFailsInTheEnd() {
    var key = Samples.key();
    var throttled = new DynamoDbGrantSummaries(Stores.clientWith(new OneKeyABatch(1_000)), Stores.TABLES,
        () -> Stores.CIPHER);
    var connections = IntStream.range(0, 9).mapToObj(i -> new ConnectionId("server-" + i)).toList();
    assertThatThrownBy(() -> throttled.read(key.user(), connections)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aBatchOfASessionAndItsParksIsReadToTheEnd() {
    var sessions = new DynamoDbSessions(Stores.client(), Stores.TABLES, Stores.CIPHER);
    var session = Samples.session();
    sessions.begin(session);
    for (int i = 0; i < ParkedResponse.MAX_PER_SESSION; i++)
      sessions.park(session, Samples.parked(), NOW);
    var throttled = new DynamoDbSessions(Stores.clientWith(new OneKeyABatch(3)), Stores.TABLES, Stores.CIPHER);
    assertThat(throttled.findWithParked(session.key())).isEqualTo(sessions.findWithParked(session.key()));
    assertThat(throttled.findWithParked(session.key()).orElseThrow().parked()).hasSize(ParkedResponse.MAX_PER_SESSION);
  }

  @Test
  void aBatchOfRegistrationsIsReadToTheEnd() {
    var key = Samples.key();
    var registrations = new DynamoDbRegistrations(Stores.client(), Stores.TABLES, Stores.CIPHER);
    var registration = new ClientRegistration(ISSUER, Samples.client("client-1", Owner.of(key.user())),
        List.of(REDIRECT_URI), Scopes.none(), NOW);
    registrations.keep(registration);
    registrations.noteOfflineAccessRefused(key.user(), key.connection(), ISSUER);
    var throttled = new DynamoDbRegistrations(Stores.clientWith(new OneKeyABatch(3)), Stores.TABLES, Stores.CIPHER);
    var known = throttled
        .lookUp(new Query(key.user(), key.connection(), ISSUER, REDIRECT_URI, new ClientId("client-1")));
    assertThat(known.named()).isEqualTo(registration);
    assertThat(known.offlineAccessRefused()).isTrue();
  }
}
