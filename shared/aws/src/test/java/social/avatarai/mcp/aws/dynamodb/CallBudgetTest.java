package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.ISSUER;
import static social.avatarai.mcp.testkit.store.Samples.NOW;
import static social.avatarai.mcp.testkit.store.Samples.REDIRECT_URI;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.authorization.SessionOutcome;
import social.avatarai.mcp.http.SlowCallSlots;
import social.avatarai.mcp.registration.Registrations.Query;
import social.avatarai.mcp.testkit.CountingInterceptor;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.Leases.Lease;
import social.avatarai.mcp.token.Replaceable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** How many calls each step costs, retries included. */
class CallBudgetTest {
  private final CountingInterceptor calls = new CountingInterceptor();
  private final DynamoDbClient client = client();

  private DynamoDbClient client() {
    Stores.client();
    return Stores.clientWith(calls);
  }

  private void assertCost(Map<String, Integer> cost, Runnable step) {
    calls.reset();
    step.run();
    assertThat(calls.counts()).isEqualTo(cost);
  }

  @Test
  void aSessionCostsOneCallAStep() {
    var sessions = new DynamoDbSessions(client, Stores.TABLES, Stores.CIPHER);
    var session = Samples.session();
    assertCost(Map.of("PutItem", 1), () -> sessions.begin(session));
    assertCost(Map.of("GetItem", 1), () -> sessions.find(session.key()));
    assertCost(Map.of("BatchGetItem", 1), () -> sessions.findWithParked(session.key()));
    assertCost(Map.of("PutItem", 1, "UpdateItem", 1), () -> sessions.park(session, Samples.parked(), NOW));
    assertCost(Map.of("UpdateItem", 1), () -> sessions.claim(session.key(), NOW));
    assertCost(Map.of("UpdateItem", 1), () -> sessions.finish(session,
        SessionOutcome.connected(Scopes.none(), null), NOW.plusSeconds(900)));
  }

  @Test
  void aGrantCostsOneCallAStep() {
    var grants = new DynamoDbGrants(client, Stores.TABLES, Stores.CIPHER);
    var grant = Samples.grant();
    var key = grant.key();
    assertCost(Map.of("PutItem", 1), () -> grants.store(grant));
    assertCost(Map.of("GetItem", 1), () -> grants.read(key));
    assertCost(Map.of("GetItem", 1), () -> grants.origin(key));
    assertCost(Map.of("PutItem", 1),
        () -> grants.store(Samples.grantOfAnotherIssuer(key), new Replaceable.SameIssuer()));
    assertCost(Map.of("Query", 1, "BatchGetItem", 1), () -> grants.covering(key.user(), grant.target().serverUrl()));
    assertCost(Map.of("Query", 1),
        () -> grants.covering(key.user(), new EndpointUrl("https://elsewhere.example/")));
    assertCost(Map.of("Query", 1),
        () -> grants.findByRefreshToken(key.user(), Objects.requireNonNull(grant.tokens().refreshToken())));
    assertCost(Map.of("UpdateItem", 1), () -> grants.noteUse(grant, NOW.plusSeconds(3600)));
    assertCost(Map.of("UpdateItem", 1), () -> grants.noteServer(grant));
    assertCost(Map.of("UpdateItem", 1), () -> grants.keepProtocol(grant, Objects.requireNonNull(grant.protocol())));
    assertCost(Map.of("UpdateItem", 1),
        () -> grants.commit(grant.renewed(Samples.tokens("next"), GrantState.healthy(NOW, 1))));
    assertCost(Map.of("UpdateItem", 1), () -> grants.commit(grant.inState(GrantState.healthy(NOW, 1))));
  }

  @Test
  void aReplacedTokenIsOneCallAStep() {
    var tokens = new DynamoDbReplacedTokens(client, Stores.TABLES, Stores.CIPHER);
    var token = Samples.replacedToken(Samples.key(), 1);
    assertCost(Map.of("PutItem", 1), () -> tokens.keep(token));
    assertCost(Map.of("Query", 1), () -> tokens.of(token.connection()));
    assertCost(Map.of("Query", 1), () -> tokens.ofClient(token.connection().user(), token.target().issuer(),
        token.client().id(), NOW));
    assertCost(Map.of("Query", 1), () -> tokens.connections(token.connection().user()));
    assertCost(Map.of("DeleteItem", 1), () -> tokens.forget(token));
  }

  @Test
  void aLeaseIsOneWriteWhateverItMeets() {
    var leases = new DynamoDbLeases(client, Stores.TABLES);
    var grant = Samples.grant();
    var lease = new Lease(grant.key(), grant.id(), 1, NOW.plusSeconds(40));
    assertCost(Map.of("UpdateItem", 1), () -> leases.acquire(lease, NOW));
    assertCost(Map.of("UpdateItem", 1), () -> leases.acquire(lease, NOW));
    assertCost(Map.of("UpdateItem", 1), () -> leases.acquire(lease, NOW.plusSeconds(40)));
    assertCost(Map.of("UpdateItem", 1), () -> leases.release(lease));
  }

  @Test
  void aDueMarkerIsOneWriteAndARunReadsWhatIsDue() {
    var due = new DynamoDbDueGrants(client, Stores.TABLES);
    assertCost(Map.of("PutItem", 1), () -> due.schedule(Samples.key(), 83_000_000));
    assertCost(Map.of("GetItem", 1), () -> due.cursor(0));
    assertCost(Map.of("Query", 1), () -> due.due(0, 83_000_000, 83_000_001, 100));
    assertCost(Map.of("UpdateItem", 1), () -> due.advance(9, 1));
  }

  @Test
  void allThatABeginningFlowMustKnowIsOneRead() {
    var registrations = new DynamoDbRegistrations(client, Stores.TABLES, Stores.CIPHER);
    var key = Samples.key();
    for (ClientId named : new ClientId[]{null, new ClientId("client-1")}) {
      var query = new Query(key.user(), key.connection(), ISSUER, REDIRECT_URI, named);
      assertCost(Map.of("BatchGetItem", 1), () -> registrations.lookUp(query));
    }
  }

  @Test
  void aBegunFlowIsCountedInOneWrite() {
    var counter = new DynamoDbRequestCounter(client, Stores.TABLES);
    assertCost(Map.of("UpdateItem", 1), () -> counter.count(Samples.user(), 600, NOW));
  }

  @Test
  void aSlowCallTakesItsSlotInOneWriteAndReleasesItInAnother() {
    var slots = new DynamoDbSlowCallSlots(client, Stores.TABLES);
    var slot = new SlowCallSlots.Slot(Samples.user(), "call", NOW.plusSeconds(25));
    assertCost(Map.of("UpdateItem", 1), () -> slots.take(slot, 8, NOW));
    assertCost(Map.of("UpdateItem", 1), () -> slots.release(slot));
  }

  @Test
  void aSessionOfAnMcpClientIsReadOnceAndEndedInOneWrite() {
    var sessions = new DynamoDbEndedSessions(client, Stores.TABLES);
    assertCost(Map.of("GetItem", 1), () -> sessions.contain("budget"));
    assertCost(Map.of("PutItem", 1), () -> sessions.end("budget", NOW));
  }
}
