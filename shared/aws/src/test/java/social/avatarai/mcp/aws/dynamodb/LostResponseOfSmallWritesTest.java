package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.ISSUER;
import static social.avatarai.mcp.testkit.store.Samples.NOW;
import static social.avatarai.mcp.testkit.store.Samples.REDIRECT_URI;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.SlowCallSlots.Slot;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.ServerOffer;
import social.avatarai.mcp.record.StoredServer;
import social.avatarai.mcp.record.ToolDigests;
import social.avatarai.mcp.registration.ClientRegistration;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.Registrations.Query;
import social.avatarai.mcp.registration.RequestCounter.Count;
import social.avatarai.mcp.registration.RequestCounter.GrantsSeen;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.Grants.GrantWriteResult;
import social.avatarai.mcp.token.Leases.Acquired;
import social.avatarai.mcp.token.Leases.Lease;

/** The other writes that may be sent twice: notes, releases, deletions, counts and plain writes. */
class LostResponseOfSmallWritesTest {
  private static final int MAX_CALLS = 20;
  /** A shard whose cursor no other test moves. */
  private static final int SHARD = 11;

  private final DynamoDbGrants grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final DynamoDbLeases leases = new DynamoDbLeases(Stores.client(), Stores.TABLES);
  private final DynamoDbServers servers = new DynamoDbServers(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final DynamoDbRequestCounter counter = new DynamoDbRequestCounter(Stores.client(), Stores.TABLES);
  private final Grant grant = Samples.grant();
  private final UserId user = grant.key().user();
  private LostResponse lost = LostResponse.ofFirst("UpdateItem");

  private DynamoDbGrants grantsWithLoss() {
    return new DynamoDbGrants(Stores.clientWith(lost), Stores.TABLES, Stores.CIPHER);
  }

  private DynamoDbServers serversWithLoss() {
    return new DynamoDbServers(Stores.clientWith(lost), Stores.TABLES, Stores.CIPHER);
  }

  private DynamoDbRegistrations registrationsWithLoss() {
    return new DynamoDbRegistrations(Stores.clientWith(lost), Stores.TABLES, Stores.CIPHER);
  }

  private Grant found() {
    return grants.read(grant.key()).orElseThrow();
  }

  @AfterEach
  void theCallWasSentAgain() {
    assertThat(lost.tries()).isGreaterThan(1);
  }

  @Test
  void aNotedStateIsNoted() {
    grants.store(grant);
    var failed = new GrantState(GrantState.Status.ACTIVE, 3, 1, NOW.plusSeconds(60), NOW, 1);
    assertThat(grantsWithLoss().noteState(grant, failed)).isTrue();
    assertThat(found().state().failures()).isEqualTo(3);
  }

  @Test
  void aNotedRejectionIsNoted() {
    grants.store(grant);
    assertThat(grantsWithLoss().noteRejected(grant, NOW)).isTrue();
    assertThat(found().state().isRejected()).isTrue();
  }

  @Test
  void aNotedStateThatWasOvertakenIsReportedSo() {
    grants.store(grant);
    lost.meanwhile(() -> grants.commit(grant.renewed(Samples.tokens("renewed"), GrantState.healthy(NOW, 0))));
    assertThat(grantsWithLoss().noteState(grant, grant.state())).isFalse();
  }

  private static AccountChange change(Grant waiting) {
    return new AccountChange(waiting.id(), new Account("bob", null), NOW.plusSeconds(600));
  }

  /** Otherwise the second try would take the first one for another grant that waits, and end it. */
  @Test
  void aNotedChangeOfTheAccountIsNotedOnce() {
    grants.store(grant);
    var waiting = Samples.grantOf(grant.key(), "bob");
    assertThat(grantsWithLoss().noteAccountChange(grant, change(waiting)))
        .isEqualTo(new GrantWriteResult(true, Optional.empty()));
    assertThat(grants.endAccountChange(grant.key(), waiting.id())).isTrue();
  }

  @Test
  void anEndedChangeOfTheAccountIsEnded() {
    grants.store(grant);
    var waiting = Samples.grantOf(grant.key(), "bob");
    grants.noteAccountChange(grant, change(waiting));
    assertThat(grantsWithLoss().endAccountChange(grant.key(), waiting.id())).isTrue();
  }

  @Test
  void aLaterUseIsNotSetBack() {
    grants.store(grant);
    lost.meanwhile(() -> grants.noteUse(grant, NOW.plusSeconds(7200)));
    grantsWithLoss().noteUse(grant, NOW.plusSeconds(3600));
    assertThat(found().state().lastUsed()).isEqualTo(NOW.plusSeconds(7200));
  }

  @Test
  void aNewConsentIsNotDeletedWithTheOldGrant() {
    lost = LostResponse.ofFirst("DeleteItem");
    grants.store(grant);
    var next = Samples.grant(grant.key());
    lost.meanwhile(() -> grants.store(next));
    grantsWithLoss().delete(grant);
    assertThat(found()).isEqualTo(next);
  }

  @Test
  void aReleaseEndsOneLeaseAndNotTheNext() {
    var lease = new Lease(grant.key(), GrantId.fresh(), 1, NOW.plusSeconds(40));
    var next = new Lease(grant.key(), lease.grant(), 1, NOW.plusSeconds(50));
    leases.acquire(lease, NOW);
    lost.meanwhile(() -> assertThat(leases.acquire(next, NOW.plusSeconds(1))).isNotInstanceOf(Acquired.Held.class));
    new DynamoDbLeases(Stores.clientWith(lost), Stores.TABLES).release(lease);
    assertThat(leases.acquire(next, NOW.plusSeconds(2))).isInstanceOf(Acquired.Held.class);
  }

  private DynamoDbClientHolders holdersWithLoss() {
    return new DynamoDbClientHolders(Stores.clientWith(lost), Stores.TABLES);
  }

  @Test
  void aClientThatAnotherOwnerGotMeanwhileIsSharedAndNotEnded() {
    var client = new ClientId(Unguessable.text());
    var holders = new DynamoDbClientHolders(Stores.client(), Stores.TABLES);
    lost.meanwhile(() -> assertThat(holders.hold(Owner.deployment(), ISSUER, client, NOW)).isTrue());
    assertThat(holdersWithLoss().hold(Owner.of(user), ISSUER, client, NOW)).isTrue();
    assertThat(holders.beginEnd(Owner.of(user), ISSUER, client, NOW)).isFalse();
    assertThat(holders.beginEnd(Owner.deployment(), ISSUER, client, NOW)).isFalse();
  }

  @Test
  void anEndThatHasBegunHasBegunAndNobodyElseHoldsTheClient() {
    var client = new ClientId(Unguessable.text());
    var holders = new DynamoDbClientHolders(Stores.client(), Stores.TABLES);
    holders.hold(Owner.of(user), ISSUER, client, NOW);
    lost.meanwhile(() -> assertThat(holders.hold(Owner.deployment(), ISSUER, client, NOW)).isFalse());
    assertThat(holdersWithLoss().beginEnd(Owner.of(user), ISSUER, client, NOW)).isTrue();
  }

  @Test
  void releasingTheRightToRegisterTakesItFromNoOtherProcess() {
    var owner = Owner.of(user);
    // Releasing the lease deletes it.
    lost = LostResponse.ofFirst("DeleteItem");
    var other = new DynamoDbRegistrations(Stores.client(), Stores.TABLES, Stores.CIPHER);
    lost.meanwhile(() -> assertThat(other.acquireLease(owner, ISSUER, NOW, NOW.plusSeconds(30))).isTrue());
    var registrations = registrationsWithLoss();
    registrations.acquireLease(owner, ISSUER, NOW, NOW.plusSeconds(30));
    registrations.releaseLease(owner, ISSUER);
    assertThat(registrations.acquireLease(owner, ISSUER, NOW, NOW.plusSeconds(30))).isFalse();
  }

  @Test
  void aRegistrationIsKeptOnce() {
    lost = LostResponse.ofFirst("PutItem");
    var registration = new ClientRegistration(ISSUER, Samples.client("client-1", Owner.of(user)),
        List.of(REDIRECT_URI), Scopes.none(), NOW);
    registrationsWithLoss().keep(registration);
    var known = registrationsWithLoss()
        .lookUp(new Query(user, grant.key().connection(), ISSUER, REDIRECT_URI, new ClientId("client-1")));
    assertThat(known.named()).isEqualTo(registration);
  }

  @Test
  void aServerIsPutOnce() {
    lost = LostResponse.ofFirst("PutItem");
    var server = SampleServer.of(grant.key(), "https://mcp.example/mcp");
    serversWithLoss().put(server);
    assertThat(servers.all(user)).containsExactly(server);
  }

  @Test
  void aServerIsPutOnceWhereItIsExpected() {
    lost = LostResponse.ofFirst("PutItem");
    var server = SampleServer.of(grant.key(), "https://mcp.example/mcp");
    var revision = serversWithLoss().put(server, Precondition.absent());
    assertThat(servers.stored(server.key())).contains(new StoredServer(server, revision.orElseThrow()));
  }

  @Test
  void aServerThatAnotherCallHasReplacedMeanwhileIsNotPutAgain() {
    lost = LostResponse.ofFirst("PutItem");
    var server = SampleServer.of(grant.key(), "https://mcp.example/mcp");
    var later = SampleServer.of(grant.key(), "https://elsewhere.example/mcp");
    lost.meanwhile(() -> servers.put(later));
    assertThat(serversWithLoss().put(server, Precondition.absent())).isEmpty();
    assertThat(servers.find(server.key())).contains(later);
  }

  @Test
  void aServerThatWasDeletedStaysSo() {
    var server = SampleServer.of(grant.key(), "https://mcp.example/mcp");
    servers.put(server);
    lost.meanwhile(() -> servers.delete(server.key()));
    serversWithLoss().note(server.key(), Status.CONNECTED, null);
    assertThat(servers.find(server.key())).isEmpty();
  }

  @Test
  void whatWasAgreedWithAServerGoesToNoOtherUrl() {
    var server = SampleServer.of(grant.key(), "https://mcp.example/mcp");
    var moved = SampleServer.of(grant.key(), "https://elsewhere.example/mcp");
    servers.put(server);
    lost.meanwhile(() -> servers.put(moved));
    serversWithLoss().keepProtocol(server, new NegotiatedProtocol("2026-07-28", null));
    assertThat(servers.find(server.key())).contains(moved);
  }

  private static ServerOffer offer(Instant listedAt) {
    return new ServerOffer(new EndpointUrl("https://mcp.example/mcp"), null, listedAt, Json.newObject(),
        Json.newObject(), new ToolDigests(Map.of(), false), List.of(), false);
  }

  @Test
  void anOfferIsKept() {
    assertThat(new DynamoDbServerOffers(Stores.clientWith(lost), Stores.TABLES).keep(grant.key(), offer(NOW), null))
        .isTrue();
  }

  @Test
  void anOfferThatWasOvertakenIsReportedSo() {
    var offers = new DynamoDbServerOffers(Stores.client(), Stores.TABLES);
    var later = offer(NOW.plusSeconds(1));
    lost.meanwhile(() -> offers.keep(grant.key(), later, offer(NOW)));
    assertThat(new DynamoDbServerOffers(Stores.clientWith(lost), Stores.TABLES).keep(grant.key(), offer(NOW), null))
        .isFalse();
    assertThat(offers.find(grant.key())).contains(later);
  }

  @Test
  void aStartIsCountedOnce() {
    assertThat(
        new DynamoDbRequestCounter(Stores.clientWith(lost), Stores.TABLES).count(user, MAX_CALLS, NOW).isWithin())
        .isTrue();
    for (int i = 1; i < MAX_CALLS; i++)
      assertThat(counter.count(user, MAX_CALLS, NOW).isWithin()).isTrue();
    assertThat(counter.count(user, MAX_CALLS, NOW).isWithin()).isFalse();
  }

  @Test
  void theLastStartOfTheHourIsGiven() {
    for (int i = 1; i < MAX_CALLS; i++)
      counter.count(user, MAX_CALLS, NOW);
    assertThat(
        new DynamoDbRequestCounter(Stores.clientWith(lost), Stores.TABLES).count(user, MAX_CALLS, NOW).isWithin())
        .isTrue();
    assertThat(counter.count(user, MAX_CALLS, NOW).isWithin()).isFalse();
  }

  @Test
  void aCallHasTheSameNumberThoughItsResponseWasLost() {
    counter.count(user, MAX_CALLS, NOW);
    assertThat(new DynamoDbRequestCounter(Stores.clientWith(lost), Stores.TABLES).count(user, MAX_CALLS, NOW))
        .isEqualTo(new Count(true, 2, null));
  }

  @Test
  void theGrantsOfAUserAreNotedAfterALostResponse() {
    counter.count(user, MAX_CALLS, NOW);
    new DynamoDbRequestCounter(Stores.clientWith(lost), Stores.TABLES).noteGrants(user, new GrantsSeen(3, 1), NOW);
    assertThat(counter.count(user, MAX_CALLS, NOW).seen()).isEqualTo(new GrantsSeen(3, 1));
  }

  @Test
  void theLastSlotIsTakenOnce() {
    var slots = new DynamoDbSlowCallSlots(Stores.client(), Stores.TABLES);
    assertThat(slots.take(slot("first"), 2, NOW)).isTrue();
    assertThat(new DynamoDbSlowCallSlots(Stores.clientWith(lost), Stores.TABLES).take(slot("last"), 2, NOW)).isTrue();
    assertThat(slots.take(slot("one-more"), 2, NOW)).isFalse();
  }

  @Test
  void aSlotThatHasRunOutIsGivenOnce() {
    var slots = new DynamoDbSlowCallSlots(Stores.client(), Stores.TABLES);
    assertThat(slots.take(slot("killed"), 1, NOW)).isTrue();
    lost = LostResponse.ofSecond("UpdateItem");
    var later = NOW.plusSeconds(25);
    var next = new Slot(user, "next", later.plusSeconds(25));
    assertThat(new DynamoDbSlowCallSlots(Stores.clientWith(lost), Stores.TABLES).take(next, 1, later)).isTrue();
    assertThat(slots.take(new Slot(user, "one-more", later.plusSeconds(25)), 1, later)).isFalse();
  }

  @Test
  void aReleasedSlotIsFreeOnce() {
    var slots = new DynamoDbSlowCallSlots(Stores.client(), Stores.TABLES);
    slots.take(slot("first"), 1, NOW);
    new DynamoDbSlowCallSlots(Stores.clientWith(lost), Stores.TABLES).release(slot("first"));
    assertThat(slots.take(slot("second"), 1, NOW)).isTrue();
    assertThat(slots.take(slot("third"), 1, NOW)).isFalse();
  }

  private Slot slot(String call) {
    return new Slot(user, call, NOW.plusSeconds(25));
  }

  @Test
  void aDueMarkerIsThereOnce() {
    lost = LostResponse.ofFirst("PutItem");
    var due = new DynamoDbDueGrants(Stores.clientWith(lost), Stores.TABLES);
    long minute = 83_500_000;
    due.schedule(grant.key(), minute);
    assertThat(due.due(DynamoDbDueGrants.shard(grant.key()), minute, minute, 10)).hasSize(1);
  }

  @Test
  void aCursorIsNotSetBack() {
    var due = new DynamoDbDueGrants(Stores.client(), Stores.TABLES);
    long before = due.cursor(SHARD);
    lost.meanwhile(() -> due.advance(SHARD, before + 2));
    new DynamoDbDueGrants(Stores.clientWith(lost), Stores.TABLES).advance(SHARD, before + 1);
    assertThat(due.cursor(SHARD)).isEqualTo(before + 2);
  }

  @Test
  void aSessionOfAnMcpClientEndsOnce() {
    lost = LostResponse.ofFirst("PutItem");
    String session = "digest-" + user;
    new DynamoDbEndedSessions(Stores.clientWith(lost), Stores.TABLES).end(session, NOW.plusSeconds(60));
    assertThat(new DynamoDbEndedSessions(Stores.client(), Stores.TABLES).contain(session)).isTrue();
  }
}
