package social.avatarai.mcp.aws.dynamodb;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.ISSUER;
import static social.avatarai.mcp.testkit.store.Samples.NOW;
import static social.avatarai.mcp.testkit.store.Samples.REDIRECT_URI;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.SessionOutcome;
import social.avatarai.mcp.http.SlowCallSlots;
import social.avatarai.mcp.registration.ClientRegistration;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.Registrations.ScopeRefusal;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.Leases.Lease;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Keys and attributes as the tables hold them. They must never change, because stored data outlives every release. */
class StoredItemsTest {
  private static final String ISSUER_HASH = Digest.sha256Hex("https://as.example");

  private static long seconds(Instant moment) {
    return moment.getEpochSecond();
  }

  private static void assertNumber(Map<String, AttributeValue> item, String attribute, long value) {
    assertThat(item.get(attribute)).as(attribute).isEqualTo(AttributeValue.fromN(Long.toString(value)));
  }

  private static void assertText(Map<String, AttributeValue> item, String attribute, String value) {
    assertThat(item.get(attribute)).as(attribute).isEqualTo(AttributeValue.fromS(value));
  }

  private static Map<String, AttributeValue> found(String table, Map<String, AttributeValue> key) {
    var item = Stores.raw(table, key);
    assertThat(item).as("item " + key).isNotEmpty();
    return item;
  }

  private static AttributeValue value(Map<String, AttributeValue> item, String attribute) {
    return Objects.requireNonNull(item.get(attribute), attribute);
  }

  @Test
  void aSessionLiesUnderTheDigestOfItsStateAndItsParksBesideIt() {
    var sessions = new DynamoDbSessions(Stores.client(), Stores.TABLES, Stores.CIPHER);
    var session = Samples.session();
    sessions.begin(session);
    sessions.park(session, Samples.parked(NOW.plusSeconds(60)), NOW);
    sessions.park(session, Samples.parked(NOW.plusSeconds(60)), NOW);

    var item = found(Stores.TABLES.sessions(), Values.key(session.key().value()));
    assertThat(item.keySet()).containsExactlyInAnyOrder("pk", "user", "connection", "issuer", "tokenEndpoint",
        "resource", "serverUrl", "clientOwner", "clientOrigin", "clientId", "clientMethod", "redirectUri", "context",
        "verifier", "scope", "offlineAccessAdded", "issExpected", "browserHash", "returnTo", "warnings",
        "expiresAtMillis", "status", "ttl", "replacesGrant", "limited");
    assertText(item, "status", "PARKED");
    assertNumber(item, "expiresAtMillis", session.expiresAt().toEpochMilli());
    assertNumber(item, "ttl", seconds(session.expiresAt().plusSeconds(3600)));

    var park = found(Stores.TABLES.sessions(), Values.key(session.key() + "#park#2"));
    assertThat(park.keySet()).containsExactlyInAnyOrder("pk", "number", "completionHash", "code", "iss", "context",
        "expiresAtMillis", "attempt", "ttl");
    assertNumber(park, "ttl", seconds(NOW.plusSeconds(3660)));
  }

  @Test
  void aFinishedSessionHasNoVerifier() {
    var sessions = new DynamoDbSessions(Stores.client(), Stores.TABLES, Stores.CIPHER);
    var session = Samples.session();
    sessions.begin(session);
    sessions.claim(session.key(), NOW);
    sessions.finish(session, SessionOutcome.connected(Scopes.parse("repo"), null), NOW.plusSeconds(900));
    var item = found(Stores.TABLES.sessions(), Values.key(session.key().value()));
    assertThat(item).doesNotContainKey("verifier").containsKeys("outcomeScope", "sealed");
    assertNumber(item, "ttl", seconds(NOW.plusSeconds(4500)));
  }

  @Test
  void aGrantLiesUnderItsUserAndConnectionAndItsLeaseBesideIt() {
    var grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);
    var grant = Samples.grant();
    grants.store(grant);
    String partition = "u#" + grant.key().user();
    var item = found(Stores.TABLES.tokens(), Values.key(partition, "invented-server"));
    assertThat(item.keySet()).containsExactlyInAnyOrder("pk", "sk", "grant", "version", "issuer", "tokenEndpoint",
        "resource", "resourceKey", "serverUrl", "clientOwner", "clientOrigin", "clientId", "clientMethod",
        "accessToken",
        "refreshToken", "refreshMac", "firstRefreshMac", "previousRefreshMac0", "previousRefreshMac1", "scope",
        "obtainedAtMillis",
        "expiresAtMillis", "identity", "accountMac", "status", "failures", "refusals", "notBeforeMillis",
        "lastUsedMillis",
        "dueMinute",
        "warnings",
        "wireVersion", "wireSession", "wireSessionMac");
    assertText(item, "resourceKey", "https://mcp.example/");
    String mac = value(item, "refreshMac").s();
    assertThat(mac).startsWith("k1:");

    grants.commit(grant.renewed(Samples.tokens("next"), GrantState.healthy(NOW, 1)));
    var next = found(Stores.TABLES.tokens(), Values.key(partition, "invented-server"));
    assertThat(next).containsKey("attempt").doesNotContainKey("notBeforeMillis");
    assertThat(value(next, "previousRefreshMac0").m())
        .containsExactly(Map.entry(value(next, "refreshMac").s(), AttributeValue.fromS(mac)));
    assertThat(value(next, "previousRefreshMac1").m()).isEmpty();

    var until = NOW.plusSeconds(40);
    new DynamoDbLeases(Stores.client(), Stores.TABLES).acquire(new Lease(grant.key(), grant.id(), 1, until), NOW);
    var lease = found(Stores.TABLES.tokens(), Values.key(partition, "lease#invented-server"));
    assertThat(lease.keySet()).containsExactlyInAnyOrder("pk", "sk", "grant", "version", "untilMillis", "attempt",
        "ttl");
    assertNumber(lease, "ttl", seconds(until.plusSeconds(86_400)));
  }

  @Test
  void digestsOfOlderRefreshTokensDoNotPileUp() {
    var grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);
    var grant = Samples.grant();
    grants.store(grant);
    for (int i = 0; i < 5; i++) {
      grant = grant.renewed(Samples.tokens("next"), GrantState.healthy(NOW, 1));
      assertThat(grants.commit(grant)).isTrue();
    }
    var item = found(Stores.TABLES.tokens(), GrantItem.key(grant.key()));
    assertThat(value(item, "previousRefreshMac0").m()).hasSize(1);
    assertThat(value(item, "previousRefreshMac1").m()).isEmpty();
  }

  @Test
  void theLongestLeaseCostsOneWriteUnit() {
    var key = new ConnectionKey(new UserId("u".repeat(UserId.MAX_LENGTH)), new ConnectionId("r:" + "f".repeat(64)));
    new DynamoDbLeases(Stores.client(), Stores.TABLES)
        .acquire(new Lease(key, GrantId.fresh(), 1, NOW.plusSeconds(40)), NOW);
    var lease = found(Stores.TABLES.tokens(), Values.key("u#" + key.user(), "lease#" + key.connection()));
    int bytes = lease.entrySet().stream().mapToInt(attribute -> attribute.getKey().length()
        + (attribute.getValue().s() == null ? 21 : attribute.getValue().s().length())).sum();
    assertThat(bytes).isLessThan(1024);
  }

  @Test
  void aDueMarkerLiesInItsShardUnderItsMinute() {
    var due = new DynamoDbDueGrants(Stores.client(), Stores.TABLES);
    var key = new ConnectionKey(new UserId("did:plc:invented"), new ConnectionId("invented-server"));
    due.schedule(key, 82_500_001);
    // This must never change either: a marker is looked for in the shard that an older release put it into.
    assertThat(DynamoDbDueGrants.shard(key)).isEqualTo(
        Integer.parseInt(Digest.sha256Hex("did:plc:invented#invented-server").substring(0, 4), 16) % 64);
    var marker = found(Stores.TABLES.due(), Values.key("due#" + DynamoDbDueGrants.shard(key),
        "0082500001#did:plc:invented#invented-server"));
    assertNumber(marker, "ttl", 82_500_001L * 60 + 14 * 86_400);

    due.advance(3, 5);
    assertThat(found(Stores.TABLES.due(), Values.key("due#3", "cursor"))).containsKey("minute");
  }

  @Test
  void registrationsLieUnderTheirOwnerByIssuer() {
    var registrations = new DynamoDbRegistrations(Stores.client(), Stores.TABLES, Stores.CIPHER);
    var user = Samples.user();
    var client = Samples.client("client-1", Owner.deployment());
    var own = new ClientRegistration(ISSUER, client, List.of(REDIRECT_URI), Scopes.none(), NOW);
    registrations.keepOwn(own, REDIRECT_URI);
    registrations.keep(own);
    registrations.noteOfflineAccessRefused(user, new ConnectionId("invented-server"), ISSUER);
    registrations.noteScopeRefused(user, ISSUER, new ScopeRefusal(new ClientId("client-1"), Scopes.parse("repo")));
    registrations.acquireLease(Owner.of(user), ISSUER, NOW, NOW.plusSeconds(30));

    String table = Stores.TABLES.registrations();
    var auto = found(table, Values.key("d#", ISSUER_HASH + "#auto#" + Digest.sha256Hex(REDIRECT_URI.value())));
    assertThat(auto.keySet()).containsExactlyInAnyOrder("pk", "sk", "issuer", "clientOwner", "clientOrigin", "clientId",
        "clientMethod", "redirectUris", "scope", "named", "expiresAtMillis", "sealed");
    found(table, Values.key("d#", ISSUER_HASH + "#client#" + Digest.sha256Hex("client-1")));
    found(table, Values.key("u#" + user, ISSUER_HASH + "#offline#invented-server"));
    found(table, Values.key("u#" + user, ISSUER_HASH + "#refused#scope"));
    var lease = found(table, Values.key("u#" + user, ISSUER_HASH + "#lease"));
    assertNumber(lease, "ttl", seconds(NOW.plusSeconds(3630)));
    registrations.forgetOwn(Owner.deployment(), ISSUER, new ClientId("client-1"));
  }

  @Test
  void aCounterLiesUnderItsUserAndHour() {
    var user = Samples.user();
    new DynamoDbRequestCounter(Stores.client(), Stores.TABLES).count(user, 600, NOW);
    var counter = found(Stores.TABLES.servers(),
        Values.key("u#" + user, "counter#start#" + NOW.getEpochSecond() / 3600));
    assertNumber(counter, "started", 1);
    assertNumber(counter, "ttl", seconds(NOW.plusSeconds(7200)));
  }

  @Test
  void theSlotsOfSlowCallsLieUnderTheirUser() {
    var user = Samples.user();
    new DynamoDbSlowCallSlots(Stores.client(), Stores.TABLES)
        .take(new SlowCallSlots.Slot(user, "one-call", NOW.plusSeconds(25)), 8, NOW);
    var slots = found(Stores.TABLES.servers(), Values.key("u#" + user, "counter#slow"));
    assertThat(requireNonNull(slots.get("holders")).ss())
        .containsExactly(NOW.plusSeconds(25).toEpochMilli() + "#one-call");
    assertNumber(slots, "ttl", seconds(NOW.plusSeconds(7225)));
  }

  @Test
  void anEndedSessionOfAnMcpClientIsADigestAndATimeAlone() {
    String session = "digest-" + Samples.user();
    new DynamoDbEndedSessions(Stores.client(), Stores.TABLES).end(session, NOW.plusSeconds(60));
    var item = found(Stores.TABLES.sessions(), Values.key("proxy#" + session));
    assertThat(item).containsOnlyKeys("pk", "ttl");
    assertNumber(item, "ttl", seconds(NOW.plusSeconds(60)));
  }
}
