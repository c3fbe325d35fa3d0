package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.ISSUER;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.authorization.AuthorizationSession.Status;
import social.avatarai.mcp.authorization.SessionOutcome;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.Grants.StoreResult;
import social.avatarai.mcp.token.Leases.Acquired;
import social.avatarai.mcp.token.Leases.Lease;
import social.avatarai.mcp.token.Replaceable;

/**
 * A conditional write whose response is lost is sent again, and fails because of its own first try. It still counts as
 * done.
 */
class LostResponseTest {
  private final DynamoDbSessions sessions = new DynamoDbSessions(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private final DynamoDbGrants grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);
  private LostResponse lost = LostResponse.ofFirst("UpdateItem");

  private DynamoDbSessions sessionsWithLoss() {
    return new DynamoDbSessions(Stores.clientWith(lost), Stores.TABLES, Stores.CIPHER);
  }

  private DynamoDbGrants grantsWithLoss() {
    return new DynamoDbGrants(Stores.clientWith(lost), Stores.TABLES, Stores.CIPHER);
  }

  private AuthorizationSession begun() {
    var session = Samples.session();
    sessions.begin(session);
    return session;
  }

  private Grant stored() {
    var grant = Samples.grant();
    grants.store(grant);
    return grant;
  }

  private static Grant renewed(Grant grant) {
    return grant.renewed(Samples.tokens("renewed"), GrantState.healthy(NOW, 0));
  }

  @AfterEach
  void theCallWasSentAgain() {
    assertThat(lost.tries()).isGreaterThan(1);
  }

  @Test
  void aClaimHolds() {
    var session = begun();
    assertThat(sessionsWithLoss().claim(session.key(), NOW)).isTrue();
    assertThat(sessions.claim(session.key(), NOW)).isFalse();
  }

  @Test
  void aCommitHolds() {
    var grant = stored();
    var next = renewed(grant);
    assertThat(grantsWithLoss().commit(next)).isTrue();
    assertThat(grants.read(grant.key()).orElseThrow().tokens()).isEqualTo(next.tokens());
  }

  @Test
  void aCommitThatWasOvertakenIsReportedSo() {
    var grant = stored();
    var next = renewed(grant);
    var afterNext = renewed(next);
    lost.meanwhile(() -> grants.commit(afterNext));
    assertThat(grantsWithLoss().commit(next)).isFalse();
    assertThat(grants.read(grant.key()).orElseThrow().tokens()).isEqualTo(afterNext.tokens());
  }

  @Test
  void anAcquiredLeaseIsHeldAndAsksForAnotherLook() {
    var leases = new DynamoDbLeases(Stores.clientWith(lost), Stores.TABLES);
    var lease = new Lease(Samples.key(), GrantId.fresh(), 1, NOW.plusSeconds(40));
    assertThat(leases.acquire(lease, NOW)).isEqualTo(new Acquired.TakenOver());
    assertThat(leases.acquire(lease, NOW)).isInstanceOf(Acquired.Held.class);
  }

  @Test
  void theRightToRegisterIsHeld() {
    var registrations = new DynamoDbRegistrations(Stores.clientWith(lost), Stores.TABLES, Stores.CIPHER);
    var owner = Owner.of(Samples.user());
    assertThat(registrations.acquireLease(owner, ISSUER, NOW, NOW.plusSeconds(30))).isTrue();
    assertThat(registrations.acquireLease(owner, ISSUER, NOW, NOW.plusSeconds(30))).isFalse();
    registrations.releaseLease(owner, ISSUER);
    assertThat(registrations.acquireLease(owner, ISSUER, NOW, NOW.plusSeconds(30))).isTrue();
  }

  @Test
  void parksOnceOnly() {
    lost = LostResponse.ofFirst("PutItem");
    var session = begun();
    assertThat(sessionsWithLoss().park(session, Samples.parked(), NOW)).isTrue();
    assertThat(sessions.findWithParked(session.key()).orElseThrow().parked()).hasSize(1);
  }

  @Test
  void finishesOnceOnly() {
    var session = begun();
    sessions.claim(session.key(), NOW);
    var outcome = SessionOutcome.connected(Scopes.none(), null);
    sessionsWithLoss().finish(session, outcome, NOW.plusSeconds(900));
    assertThat(sessions.find(session.key()).orElseThrow().outcome()).isEqualTo(outcome);
  }

  @Test
  void beginningDoesNotSetBackASessionThatIsBeingRedeemed() {
    lost = LostResponse.ofFirst("PutItem");
    var session = Samples.session();
    lost.meanwhile(() -> sessions.claim(session.key(), NOW));
    sessionsWithLoss().begin(session);
    assertThat(sessions.find(session.key()).orElseThrow().status()).isEqualTo(Status.REDEEMING);
  }

  @Test
  void storingAConsentDoesNotSetBackItsRenewal() {
    lost = LostResponse.ofFirst("PutItem");
    var grant = Samples.grant();
    var next = renewed(grant);
    lost.meanwhile(() -> grants.commit(next));
    grantsWithLoss().store(grant);
    assertThat(grants.read(grant.key()).orElseThrow().version()).isEqualTo(2);
  }

  @Test
  void consentWhoseStoringWasNotAnsweredIsKeptAndNotInItsOwnWay() {
    lost = LostResponse.ofFirst("PutItem");
    var grant = Samples.grant(stored().key());
    assertThat(grantsWithLoss().store(grant, new Replaceable.SameIssuer()))
        .isEqualTo(new StoreResult.Kept(Optional.empty()));
    assertThat(grants.read(grant.key())).contains(grant);
  }
}
