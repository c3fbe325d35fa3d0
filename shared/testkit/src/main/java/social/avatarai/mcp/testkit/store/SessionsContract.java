package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.SessionKey;
import social.avatarai.mcp.State;
import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.authorization.AuthorizationSession.Status;
import social.avatarai.mcp.authorization.ParkedResponse;
import social.avatarai.mcp.authorization.SessionOutcome;
import social.avatarai.mcp.authorization.Sessions;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Replaceable;

/** The contract of {@link Sessions}. */
public abstract class SessionsContract {

  protected abstract Sessions sessions();

  private AuthorizationSession begun() {
    var session = Samples.session();
    sessions().begin(session);
    return session;
  }

  private AuthorizationSession found(SessionKey key) {
    return sessions().find(key).orElseThrow();
  }

  private List<ParkedResponse> parkedOn(AuthorizationSession session) {
    return sessions().findWithParked(session.key()).orElseThrow().parked();
  }

  @Test
  void findsNothingUnderAnUnknownKey() {
    var unknown = State.fresh().key();
    assertThat(sessions().find(unknown)).isEmpty();
    assertThat(sessions().findWithParked(unknown)).isEmpty();
  }

  @Test
  void findsWhatBegan() {
    var session = begun();
    assertThat(sessions().find(session.key())).contains(session);
    assertThat(sessions().findWithParked(session.key()))
        .contains(new Sessions.WithParked(session, List.of()));
  }

  @Test
  void findsWhatItsGrantMayReplace() {
    for (var replaceable : List.of(new Replaceable.SameIssuer(), new Replaceable.AnyIssuer(),
        new Replaceable.MigratedGrant(GrantId.fresh()))) {
      var session = Samples.sessionReplacing(replaceable);
      sessions().begin(session);
      assertThat(found(session.key()).replaceable()).isEqualTo(replaceable);
    }
  }

  @Test
  void findsASessionThatHasNothingOptional() {
    var session = Samples.plainSession();
    sessions().begin(session);
    assertThat(sessions().find(session.key())).contains(session);
  }

  @Test
  void keepsWhereTheAccountIsAskedFor() {
    var session = Samples.sessionWithUserinfo();
    sessions().begin(session);
    assertThat(sessions().find(session.key())).contains(session);
  }

  @Test
  void findsWhatTheRecordStatesOfTheIssuer() {
    var session = Samples.statedSession();
    sessions().begin(session);
    assertThat(sessions().find(session.key())).contains(session);
  }

  @Test
  void returnsAnExpiredSession() {
    var session = begun();
    assertThat(found(session.key()).isExpired(session.expiresAt())).isTrue();
  }

  @Test
  void aSecondBeginSetsNothingBack() {
    var session = begun();
    assertThat(sessions().claim(session.key(), NOW)).isTrue();
    sessions().begin(session);
    assertThat(found(session.key()).status()).isEqualTo(Status.REDEEMING);
    assertThat(sessions().claim(session.key(), NOW)).isFalse();
  }

  @Test
  void claimsOnce() {
    var session = begun();
    assertThat(sessions().claim(session.key(), NOW)).isTrue();
    assertThat(sessions().claim(session.key(), NOW)).isFalse();
    assertThat(found(session.key()).status()).isEqualTo(Status.REDEEMING);
    assertThat(found(session.key()).request()).isEqualTo(session.request());
  }

  @Test
  void claimsForExactlyOneOfManyAtOnce() throws Exception {
    var key = begun().key();
    assertThat(Race.of(runner -> () -> sessions().claim(key, NOW))).containsOnlyOnce(true);
  }

  @Test
  void claimsNoUnknownSession() {
    var unknown = State.fresh().key();
    assertThat(sessions().claim(unknown, NOW)).isFalse();
    assertThat(sessions().find(unknown)).isEmpty();
  }

  @Test
  void claimsNoExpiredSession() {
    var session = begun();
    assertThat(sessions().claim(session.key(), session.expiresAt())).isFalse();
    assertThat(sessions().claim(session.key(), session.expiresAt().minus(Duration.ofMillis(1)))).isTrue();
  }

  @Test
  void claimsAParkedSession() {
    var session = begun();
    sessions().park(session, Samples.parked(), NOW);
    assertThat(found(session.key()).status()).isEqualTo(Status.PARKED);
    assertThat(sessions().claim(session.key(), NOW)).isTrue();
  }

  @Test
  void keepsTheOutcomeAndForgetsTheVerifier() {
    var session = begun();
    sessions().claim(session.key(), NOW);
    var outcome = SessionOutcome.connected(Scopes.parse("repo"), NOW.plusSeconds(3600));
    sessions().finish(session, outcome, NOW.plusSeconds(900));

    var finished = found(session.key());
    assertThat(finished.status()).isEqualTo(Status.DONE);
    assertThat(finished.outcome()).isEqualTo(outcome);
    assertThat(finished.expiresAt()).isEqualTo(NOW.plusSeconds(900));
    assertThat(finished.request().verifier()).isNotEqualTo(session.request().verifier());
    assertThat(finished.binding()).isEqualTo(session.binding());
  }

  @Test
  void keepsWhyItFailed() {
    var session = begun();
    sessions().claim(session.key(), NOW);
    var outcome = SessionOutcome.failed(ErrorCode.AUTHORIZATION_DENIED);
    sessions().finish(session, outcome, NOW.plusSeconds(900));
    assertThat(found(session.key()).status()).isEqualTo(Status.FAILED);
    assertThat(found(session.key()).outcome()).isEqualTo(outcome);
  }

  @Test
  void keepsTheStatusWithWhichTheAuthorizationServerRefused() {
    var session = begun();
    sessions().claim(session.key(), NOW);
    var outcome = SessionOutcome.failed(ErrorCode.TOKEN_REQUEST_REFUSED, 400);
    sessions().finish(session, outcome, NOW.plusSeconds(900));
    assertThat(found(session.key()).outcome()).isEqualTo(outcome);
  }

  @Test
  void aFinishedSessionIsNeitherClaimedNorFinishedAgain() {
    var session = begun();
    sessions().claim(session.key(), NOW);
    var outcome = SessionOutcome.connected(Scopes.none(), null);
    sessions().finish(session, outcome, NOW.plusSeconds(900));
    sessions().finish(session, SessionOutcome.failed(ErrorCode.INTERNAL_ERROR), NOW.plusSeconds(900));
    assertThat(found(session.key()).outcome()).isEqualTo(outcome);
    assertThat(sessions().claim(session.key(), NOW)).isFalse();
  }

  @Test
  void finishesNoUnclaimedSession() {
    var session = begun();
    var outcome = SessionOutcome.connected(Scopes.none(), null);
    assertThatThrownBy(() -> sessions().finish(session, outcome, NOW)).isInstanceOf(IllegalStateException.class);
    assertThat(sessions().find(session.key())).contains(session);
  }

  @Test
  void finishingASessionThatIsGoneMakesNone() {
    var gone = Samples.session();
    sessions().finish(gone, SessionOutcome.failed(ErrorCode.INTERNAL_ERROR), NOW);
    assertThat(sessions().find(gone.key())).isEmpty();
  }

  @Test
  void parksEachResponseAtAPlaceOfItsOwn() {
    var session = begun();
    var responses = IntStream.range(0, ParkedResponse.MAX_PER_SESSION).mapToObj(i -> Samples.parked()).toList();
    responses.forEach(response -> assertThat(sessions().park(session, response, NOW)).isTrue());
    assertThat(sessions().park(session, Samples.parked(), NOW)).isFalse();

    assertThat(parkedOn(session)).usingRecursiveFieldByFieldElementComparatorIgnoringFields("number")
        .containsExactlyElementsOf(responses);
    assertThat(parkedOn(session)).extracting(ParkedResponse::number).containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void parksAnErrorWithoutIssuerAndContext() {
    var session = begun();
    var response = Samples.parkedError();
    assertThat(sessions().park(session, response, NOW)).isTrue();
    assertThat(parkedOn(session)).containsExactly(response);
  }

  @Test
  void parksInPlaceOfAnExpiredResponse() {
    var session = begun();
    for (int i = 0; i < ParkedResponse.MAX_PER_SESSION; i++)
      sessions().park(session, Samples.parked(NOW.plusSeconds(i + 1)), NOW);
    var late = Samples.parked(NOW.plusSeconds(60));
    assertThat(sessions().park(session, late, NOW.plusSeconds(2))).isTrue();
    assertThat(parkedOn(session)).extracting(ParkedResponse::completionHash).startsWith(late.completionHash());
    assertThat(sessions().park(session, Samples.parked(), NOW.plusSeconds(2))).isTrue();
    assertThat(sessions().park(session, Samples.parked(), NOW.plusSeconds(2))).isFalse();
  }

  @Test
  void parksAtDifferentPlacesAtOnce() throws Exception {
    var session = begun();
    var parked = Race.of(runner -> () -> sessions().park(session, Samples.parked(), NOW));
    assertThat(parked.stream().filter(done -> done)).hasSize(ParkedResponse.MAX_PER_SESSION);
    assertThat(parkedOn(session).stream().map(ParkedResponse::completionHash).distinct())
        .hasSize(ParkedResponse.MAX_PER_SESSION);
  }

  @Test
  void parkingChangesNoSessionThatIsBeingRedeemed() {
    var session = begun();
    sessions().claim(session.key(), NOW);
    assertThat(sessions().park(session, Samples.parked(), NOW)).isTrue();
    assertThat(found(session.key()).status()).isEqualTo(Status.REDEEMING);
  }

  @Test
  void parkingChangesNoExpiredSession() {
    var session = begun();
    sessions().park(session, Samples.parked(NOW.plusSeconds(900)), session.expiresAt());
    assertThat(found(session.key()).status()).isEqualTo(Status.PENDING);
  }

  @Test
  void dropsTheResponseAndLeavesTheOthers() {
    var session = begun();
    sessions().park(session, Samples.parked(), NOW);
    sessions().park(session, Samples.parked(), NOW);
    var parked = parkedOn(session);
    sessions().drop(session.key(), parked.getFirst());
    assertThat(parkedOn(session)).containsExactly(parked.getLast());
    sessions().drop(session.key(), parked.getFirst());
    assertThat(parkedOn(session)).containsExactly(parked.getLast());
  }

  @Test
  void dropsNoOtherResponseThatHasThePlaceByNow() {
    var session = begun();
    sessions().park(session, Samples.parked(), NOW);
    var first = parkedOn(session).getFirst();
    sessions().park(session, Samples.parked(NOW.plusSeconds(120)), first.expiresAt());
    sessions().drop(session.key(), first);
    assertThat(parkedOn(session)).hasSize(1).doesNotContain(first);
  }
}
