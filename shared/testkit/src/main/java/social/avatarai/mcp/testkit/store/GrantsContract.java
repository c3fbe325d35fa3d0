package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantOrigin;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Grants.StoreResult;
import social.avatarai.mcp.token.Grants.StoreResult.Kept;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.token.StatedIssuer;
import social.avatarai.mcp.token.WriteMark;

/**
 * The contract of {@link Grants} for reading and writing. The rest of the contract is in
 * {@link RefreshTokenLookUpContract}.
 */
public abstract class GrantsContract {

  protected abstract Grants grants();

  private Grant stored() {
    var grant = Samples.grant();
    grants().store(grant);
    return grant;
  }

  private Grant read(Grant grant) {
    return grants().read(grant.key()).orElseThrow();
  }

  private static Grant renewed(Grant grant) {
    return grant.renewed(Samples.tokens("renewed"), GrantState.healthy(NOW.plusSeconds(9), 82_500_100));
  }

  @Test
  void readsNothingWhereNoneIs() {
    assertThat(grants().read(Samples.key())).isEmpty();
  }

  @Test
  void readsWhatWasStored() {
    var grant = stored();
    assertThat(grants().read(grant.key())).contains(grant);
    assertThat(grants().read(new ConnectionKey(Samples.user(), grant.key().connection()))).isEmpty();
    assertThat(grants().read(new ConnectionKey(grant.key().user(), new ConnectionId("other")))).isEmpty();
  }

  @Test
  void readsAGrantThatHasNothingOptional() {
    var grant = Samples.plainGrant(Samples.key());
    grants().store(grant);
    assertThat(grants().read(grant.key())).contains(grant);
  }

  @Test
  void keepsWhatTheRecordStatesOfTheIssuerInEveryVersion() {
    var grant = Samples.statedGrant(Samples.key());
    grants().store(grant);
    assertThat(grants().read(grant.key())).contains(grant);
    grants().commit(renewed(grant));
    assertThat(read(grant).target()).isEqualTo(grant.target());
  }

  @Test
  void storesANewConsentInPlaceOfTheOld() {
    var old = stored();
    var consent = Samples.plainGrant(old.key());
    grants().store(consent);
    assertThat(grants().read(old.key())).contains(consent);
  }

  private static Kept kept(StoreResult result) {
    if (result instanceof Kept kept) return kept;
    throw new AssertionError("not kept, but " + result);
  }

  @Test
  void storingSaysWhatWasReplacedAsItWasAtThatMoment() {
    var first = Samples.grant();
    assertThat(kept(grants().store(first, new Replaceable.SameIssuer())).replaced()).isEmpty();
    var renewed = renewed(first);
    grants().commit(renewed);
    var second = Samples.plainGrant(first.key());
    var replaced = kept(grants().store(second, new Replaceable.SameIssuer())).replaced().orElseThrow();
    assertThat(replaced.id()).isEqualTo(first.id());
    assertThat(replaced.version()).isEqualTo(2);
    assertThat(replaced.tokens()).isEqualTo(renewed.tokens());
    // A repeated write replaces nothing.
    assertThat(kept(grants().store(second, new Replaceable.SameIssuer())).replaced()).isEmpty();
  }

  @Test
  void grantOfAnotherIssuerStaysUnlessItMayBeReplaced() {
    var held = stored();
    var other = Samples.grantOfAnotherIssuer(held.key());
    var refused = new StoreResult.Refused();
    assertThat(grants().store(other, new Replaceable.SameIssuer())).isEqualTo(refused);
    assertThat(grants().store(other, new Replaceable.MigratedGrant(GrantId.fresh()))).isEqualTo(refused);
    assertThat(grants().read(held.key())).contains(held);
    assertThat(kept(grants().store(other, new Replaceable.AnyIssuer())).replaced()).contains(held);
    assertThat(grants().read(held.key())).contains(other);
  }

  @Test
  void grantIsStoredInPlaceOfOneVersionAndOfNoOther() {
    var held = stored();
    var next = Samples.grant(held.key());
    assertThat(kept(grants().storeInPlaceOf(held, next)).replaced()).contains(held);
    assertThat(grants().read(held.key())).contains(next);
    // A retry of the same write succeeds.
    assertThat(kept(grants().storeInPlaceOf(held, next)).replaced()).isEmpty();
    grants().commit(renewed(next));
    assertThat(grants().storeInPlaceOf(next, Samples.grant(held.key()))).isEqualTo(new StoreResult.Refused());
    assertThat(read(held).version()).isEqualTo(2);
    var nothing = Samples.grant();
    assertThat(grants().storeInPlaceOf(nothing, Samples.grant(nothing.key()))).isEqualTo(new StoreResult.Refused());
  }

  @Test
  void commitThatIsTriedAgainUnderItsMarkHasBeenDone() {
    var grant = stored();
    var next = renewed(grant);
    var mark = WriteMark.fresh();
    assertThat(grants().commit(next, mark).done()).isTrue();
    assertThat(grants().commit(next, mark).done()).isTrue();
    assertThat(grants().commit(next, WriteMark.fresh()).done()).isFalse();
  }

  @Test
  void grantThatMigratedIsReplacedWhateverItsVersionIs() {
    var held = stored();
    grants().commit(renewed(held));
    var other = Samples.grantOfAnotherIssuer(held.key());
    var migrated = new Replaceable.MigratedGrant(held.id());
    assertThat(kept(grants().store(other, migrated)).replaced()).isPresent();
    // A later grant of the former issuer under the same key is not the grant that migrated.
    var third = Samples.grant(held.key());
    assertThat(grants().store(third, migrated)).isEqualTo(new StoreResult.Refused());
  }

  @Test
  void grantOfTheSameIssuerIsReplacedWhateverElseMayBe() {
    var held = stored();
    var second = Samples.grant(held.key());
    assertThat(kept(grants().store(second, new Replaceable.MigratedGrant(GrantId.fresh()))).replaced()).contains(held);
    assertThat(kept(grants().store(Samples.grant(held.key()), new Replaceable.AnyIssuer())).replaced())
        .contains(second);
  }

  private static Grant servedAt(Grant like, String url) {
    var target = new GrantTarget(like.target().issuer(), like.target().tokenEndpoint(), like.target().resource(),
        new EndpointUrl(url));
    return new Grant(like.key(), GrantId.fresh(), 1, target, like.client(), like.tokens(), like.state(),
        like.warnings(), null);
  }

  @Test
  void grantOfAResourceStaysWithItsServerUnlessItMayBeReplaced() {
    var key = new ConnectionKey(Samples.user(), ConnectionId.ofResource(Samples.grant().target().resource()));
    var held = Samples.plainGrant(key);
    grants().store(held);
    String elsewhere = held.target().serverUrl() + "/elsewhere";
    for (var allowed : List.of(new Replaceable.SameIssuer(), new Replaceable.MigratedGrant(GrantId.fresh()))) {
      assertThatThrownBy(() -> grants().store(servedAt(held, elsewhere), allowed)).isInstanceOfSatisfying(Failure.class,
          failure -> assertThat(failure.code()).isEqualTo(ErrorCode.SERVER_CONFLICT));
    }
    assertThat(grants().store(Samples.grantOfAnotherIssuer(key), new Replaceable.SameIssuer()))
        .isEqualTo(new StoreResult.Refused());
    assertThat(grants().read(key)).contains(held);
    var again = servedAt(held, held.target().serverUrl().value());
    assertThat(kept(grants().store(again, new Replaceable.SameIssuer())).replaced()).contains(held);
    var moved = servedAt(held, elsewhere);
    assertThat(kept(grants().store(moved, new Replaceable.AnyIssuer())).replaced()).contains(again);
    assertThat(grants().read(key)).contains(moved);
  }

  /** The record of a registry server says where the server is. */
  @Test
  void grantOfAServerOfTheRegistryMovesWithIt() {
    var held = stored();
    var moved = servedAt(held, held.target().serverUrl() + "/elsewhere");
    assertThat(kept(grants().store(moved, new Replaceable.SameIssuer())).replaced()).contains(held);
  }

  @Test
  void saysWhichConsentAGrantIsFrom() {
    assertThat(grants().origin(Samples.key())).isEmpty();
    var grant = stored();
    assertThat(grants().origin(grant.key()))
        .contains(new GrantOrigin(grant.id(), grant.target().issuer(), grant.client().id(),
            grant.target().serverUrl()));
    assertThat(grants().origin(new ConnectionKey(Samples.user(), grant.key().connection()))).isEmpty();
  }

  @Test
  void storingAGrantAgainSetsNothingBack() {
    var grant = stored();
    var next = renewed(grant);
    grants().commit(next);
    grants().store(grant);
    assertThat(read(grant).version()).isEqualTo(2);
  }

  @Test
  void commitsTheNextVersion() {
    var grant = stored();
    var next = renewed(grant);
    assertThat(grants().commit(next)).isTrue();
    var read = read(grant);
    assertThat(read.version()).isEqualTo(2);
    assertThat(read.tokens()).isEqualTo(next.tokens());
    assertThat(read.state()).isEqualTo(GrantState.healthy(NOW, 82_500_100));
    assertThat(grants().commit(renewed(next))).isTrue();
    assertThat(read(grant).version()).isEqualTo(3);
  }

  @Test
  void notesHowAGrantIsDoingWithoutTouchingItsVersion() {
    var grant = stored();
    var failed = new GrantState(GrantState.Status.REAUTHORIZATION_REQUIRED, 7, 2, NOW.plusSeconds(60), NOW, 0,
        GrantState.Cause.TOKEN_ENDPOINT_MOVED, new GrantState.Notes(NOW, null, "k1:invented-digest"));
    assertThat(grants().noteState(grant, failed)).isTrue();
    assertThat(read(grant)).isEqualTo(grant.inState(failed));
    var healthy = GrantState.healthy(NOW, 12);
    assertThat(grants().noteState(grant.inState(failed), healthy)).isTrue();
    assertThat(read(grant).state()).isEqualTo(healthy);
  }

  private static GrantState waiting(int failures, int refusals, Instant notBefore) {
    return new GrantState(GrantState.Status.ACTIVE, failures, refusals, notBefore, NOW, 12,
        GrantState.Cause.REFRESH_POSTPONED, GrantState.Notes.NONE);
  }

  /** The bug: a dead grant became active again, and a wait was lost, because an older copy was written back. */
  @Test
  void stateThatWasReadBeforeAnotherAttemptNotedItsOutcomeOverwritesNothing() {
    var grant = stored();
    var first = waiting(1, 0, NOW.plusSeconds(60));
    assertThat(grants().noteState(grant, first)).isTrue();
    assertThat(grants().noteState(grant, waiting(1, 0, NOW.plusSeconds(5)))).isFalse();
    var ended = new GrantState(GrantState.Status.REAUTHORIZATION_REQUIRED, 1, 0, null, NOW, 0,
        GrantState.Cause.REFRESH_REFUSED, GrantState.Notes.NONE);
    assertThat(grants().noteState(grant.inState(first), ended)).isTrue();
    for (var stale : List.of(grant.state(), first, waiting(1, 2, NOW.plusSeconds(60)),
        waiting(1, 0, NOW.plusSeconds(61))))
      assertThat(grants().noteState(grant.inState(stale), GrantState.healthy(NOW, 12))).isFalse();
    assertThat(read(grant).state()).isEqualTo(ended);
  }

  @Test
  void aSecondTryOfANoteRecognisesTheFirst() {
    var grant = stored();
    var mark = WriteMark.fresh();
    assertThat(grants().noteState(grant, waiting(1, 0, NOW.plusSeconds(60)), mark)).isTrue();
    assertThat(grants().noteState(grant, waiting(1, 0, NOW.plusSeconds(60)), mark)).isTrue();
    assertThat(read(grant).state().failures()).isEqualTo(1);
  }

  @Test
  void rejectionIsNotedOnceAndDeletedOnceAndChangesNothingElse() {
    var grant = stored();
    var waiting = waiting(3, 1, NOW.plusSeconds(60));
    assertThat(grants().noteState(grant, waiting)).isTrue();
    // What is noted does not depend on the age of the copy.
    assertThat(grants().noteRejected(grant, NOW)).isTrue();
    assertThat(grants().noteRejected(grant, NOW.plusSeconds(1))).isFalse();
    var rejected = new GrantState(waiting.status(), 3, 1, waiting.notBefore(), NOW, 12, waiting.cause(),
        new GrantState.Notes(null, NOW, null));
    assertThat(read(grant).state()).isEqualTo(rejected);
    assertThat(grants().noteAccepted(grant)).isTrue();
    assertThat(grants().noteAccepted(grant)).isFalse();
    assertThat(read(grant).state()).isEqualTo(waiting);
  }

  @Test
  void rejectionOutlivesNotesAndCommitsAndIsOfOneVersion() {
    var grant = stored();
    assertThat(grants().noteRejected(grant, NOW)).isTrue();
    assertThat(grants().noteState(grant, waiting(1, 0, NOW))).isTrue();
    var next = renewed(grant);
    assertThat(grants().commit(next)).isTrue();
    assertThat(read(grant).state().notes().rejectedSince()).isEqualTo(NOW);
    assertThat(grants().noteAccepted(grant)).isFalse();
    assertThat(grants().noteAccepted(next)).isTrue();
    assertThat(grants().noteRejected(grant, NOW)).isFalse();
    assertThat(read(grant).state().isRejected()).isFalse();
  }

  @Test
  void notesNothingOfAVersionThatIsGone() {
    var grant = stored();
    var next = renewed(grant);
    assertThat(grants().commit(next)).isTrue();
    assertThat(grants().noteState(grant, GrantState.healthy(NOW, 12))).isFalse();
    assertThat(read(grant).state().dueMinute()).isEqualTo(next.state().dueMinute());
  }

  @Test
  void commitsWhatHasNoEnd() {
    var grant = stored();
    var plain = Samples.plainGrant(grant.key());
    var next = grant.renewed(plain.tokens(), plain.state());
    assertThat(grants().commit(next)).isTrue();
    assertThat(read(grant).tokens()).isEqualTo(plain.tokens());
    assertThat(grants().commit(renewed(next))).isTrue();
  }

  @Test
  void commitsNothingWhenTheRowHasMovedOn() {
    var grant = stored();
    var winner = renewed(grant);
    assertThat(grants().commit(winner)).isTrue();
    assertThat(grants().commit(renewed(grant))).isFalse();
    assertThat(grants().commit(renewed(renewed(winner)))).isFalse();
    assertThat(read(grant).tokens()).isEqualTo(winner.tokens());
  }

  @Test
  void commitsNothingOverAnotherConsent() {
    var old = stored();
    var consent = Samples.grant(old.key());
    grants().store(consent);
    assertThat(grants().commit(renewed(old))).isFalse();
    assertThat(grants().read(old.key())).contains(consent);
  }

  @Test
  void commitsNothingWhereNoGrantIs() {
    var gone = Samples.grant();
    assertThat(grants().commit(renewed(gone))).isFalse();
    assertThat(grants().read(gone.key())).isEmpty();
  }

  @Test
  void commitsForExactlyOneOfManyAtOnce() throws Exception {
    var grant = stored();
    var commits = IntStream.range(0, Race.RUNNERS).mapToObj(i -> renewed(grant)).toList();
    var done = Race.of(runner -> () -> grants().commit(commits.get(runner)));
    assertThat(done).containsOnlyOnce(true);
    assertThat(read(grant).tokens()).isEqualTo(commits.get(done.indexOf(true)).tokens());
  }

  @Test
  void commitKeepsWhatOthersNotedMeanwhile() {
    var grant = stored();
    var protocol = new NegotiatedProtocol("2025-06-18", new McpSessionId("other-mcp-session"));
    grants().noteUse(grant, NOW.plusSeconds(3600));
    grants().keepProtocol(grant, protocol);
    assertThat(grants().commit(renewed(grant))).isTrue();
    assertThat(read(grant).state().lastUsed()).isEqualTo(NOW.plusSeconds(3600));
    assertThat(read(grant).protocol()).isEqualTo(protocol);
  }

  @Test
  void firstOfTwoSessionsStaysAndAForgottenOneIsReplaced() {
    var grant = stored();
    var one = new NegotiatedProtocol("2025-11-25", new McpSessionId("one-mcp-session"));
    var two = new NegotiatedProtocol("2025-11-25", new McpSessionId("two-mcp-session"));
    assertThat(grants().keepProtocol(grant, one)).isTrue();
    assertThat(grants().keepProtocol(grant, two)).isFalse();
    assertThat(grants().keepProtocol(grant, one)).as("a second try of the first").isTrue();
    assertThat(grants().keepProtocol(read(grant), two)).isTrue();
    assertThat(read(grant).protocol()).isEqualTo(two);
  }

  @Test
  void keepsWhichTransportTheServerSpeaks() {
    var grant = stored();
    var overSse = NegotiatedProtocol.overSse("2025-06-18");
    assertThat(grants().keepProtocol(grant, overSse)).isTrue();
    assertThat(read(grant).protocol()).isEqualTo(overSse);
    grants().forgetProtocol(read(grant));
    assertThat(read(grant).protocol()).isNull();
  }

  @Test
  void notesMakeNoVersion() {
    var grant = stored();
    grants().noteUse(grant, NOW.plusSeconds(3600));
    grants().keepProtocol(grant, new NegotiatedProtocol("2026-07-28", null));
    assertThat(read(grant).version()).isEqualTo(1);
    assertThat(read(grant).protocol()).isEqualTo(new NegotiatedProtocol("2026-07-28", null));
    assertThat(read(grant).tokens()).isEqualTo(grant.tokens());
  }

  @Test
  void forgetsWhatWasNegotiatedUnlessAnotherCallHasNegotiatedSince() {
    var grant = stored();
    var copy = read(grant);
    var newer = new NegotiatedProtocol("2025-06-18", new McpSessionId("newer-mcp-session"));
    grants().keepProtocol(grant, newer);
    grants().forgetProtocol(copy);
    assertThat(read(grant).protocol()).as("what another call has negotiated").isEqualTo(newer);
    grants().forgetProtocol(read(grant));
    assertThat(read(grant).protocol()).isNull();
    assertThat(read(grant).version()).isEqualTo(1);
    grants().keepProtocol(grant, new NegotiatedProtocol("2026-07-28", null));
    grants().forgetProtocol(read(grant));
    assertThat(read(grant).protocol()).as("a protocol without a session").isNull();
  }

  @Test
  void forgetsNothingThatWasNegotiatedForTheGrantOfAnotherConsent() {
    var first = stored();
    var second = Samples.grant(first.key());
    grants().store(second);
    grants().forgetProtocol(first);
    assertThat(read(second).protocol()).isEqualTo(second.protocol());
  }

  @Test
  void keepsWhetherTheServerIsABuiltInOneThroughRenewalsAndNotes() {
    var grant = Samples.grant().ofBuiltIn(true);
    grants().store(grant);
    assertThat(read(grant)).isEqualTo(grant);
    assertThat(grants().commit(renewed(grant))).isTrue();
    grants().noteEnabled(grant.key(), false);
    grants().noteServer(grant.servedAt(grant.target().serverUrl().withQueryPart("?team=2")));
    grants().forgetProtocol(read(grant));
    assertThat(read(grant).builtIn()).isTrue();
    grants().store(Samples.grant(grant.key()));
    assertThat(read(grant).builtIn()).as("the grant of another consent").isFalse();
  }

  @Test
  void notesWhetherTheServerIsSwitchedOnAndKeepsItThroughRenewals() {
    var grant = stored();
    assertThat(read(grant).enabled()).isTrue();
    grants().noteEnabled(grant.key(), false);
    assertThat(read(grant).enabled()).isFalse();
    assertThat(grants().commit(renewed(grant))).isTrue();
    assertThat(read(grant).enabled()).isFalse();
    grants().noteEnabled(grant.key(), true);
    assertThat(read(grant).enabled()).isTrue();
    assertThat(read(grant).version()).isEqualTo(2);
  }

  @Test
  void notesAnotherQueryOfTheServersUrlAndForgetsWhatWasAgreedAtTheOne() {
    var grant = stored();
    var followed = grant.servedAt(new EndpointUrl(grant.target().serverUrl().withoutQuery() + "?followed=1"));
    grants().noteServer(followed);
    assertThat(read(grant).target()).isEqualTo(followed.target());
    assertThat(read(grant).tokens()).isEqualTo(grant.tokens());
    assertThat(read(grant).protocol()).isNull();
    // A call that was under way at the URL before has nothing to keep.
    grants().keepProtocol(grant, Objects.requireNonNull(grant.protocol()));
    assertThat(read(grant).protocol()).isNull();
    grants().keepProtocol(followed, new NegotiatedProtocol("2026-07-28", null));
    assertThat(read(grant).protocol()).isNotNull();
    // Neither has a refresh that began before.
    assertThat(grants().commit(renewed(grant))).isTrue();
    assertThat(read(grant).target()).isEqualTo(followed.target());
  }

  @Test
  void notesThatTheServerIsAskedOverSseAndForgetsWhatWasAgreedBefore() {
    var grant = stored();
    assertThat(read(grant).overSse()).isFalse();
    grants().noteServer(grant.declaredOverSse(true));
    assertThat(read(grant).overSse()).isTrue();
    assertThat(read(grant).protocol()).isNull();
    assertThat(grants().commit(renewed(grant))).isTrue();
    assertThat(read(grant).overSse()).as("after a renewal that began before").isTrue();
    grants().noteServer(grant);
    assertThat(read(grant).overSse()).isFalse();
  }

  @Test
  void keepsThatTheServerIsAskedOverSseThroughRenewalsAndNotes() {
    var grant = Samples.grant().declaredOverSse(true);
    grants().store(grant);
    assertThat(read(grant)).isEqualTo(grant);
    assertThat(grants().commit(renewed(grant))).isTrue();
    grants().noteEnabled(grant.key(), false);
    grants().forgetProtocol(read(grant));
    assertThat(read(grant).overSse()).isTrue();
    grants().store(Samples.grant(grant.key()));
    assertThat(read(grant).overSse()).as("the grant of another consent").isFalse();
  }

  @Test
  void keepsTheQueryOfTheServersUrlThroughRenewals() {
    var grant = Samples.grantWithQuery(Samples.key(), "?api_key=invented");
    grants().store(grant);
    assertThat(read(grant)).isEqualTo(grant);
    assertThat(grants().commit(renewed(grant))).isTrue();
    assertThat(read(grant).target()).isEqualTo(grant.target());
    grants().noteServer(grant.servedAt(grant.target().serverUrl().withoutQuery()));
    assertThat(read(grant).target().serverUrl().value()).isEqualTo("https://mcp.example/mcp");
  }

  @Test
  void consentAtTheSameUrlWithAnotherQueryReplacesAGrantOfTheSameIssuer() {
    var resource = new ConnectionKey(Samples.user(), ConnectionId.ofResource(Samples.target().resource()));
    grants().store(Samples.grantWithQuery(resource, "?api_key=one"));
    var next = Samples.grantWithQuery(resource, "?api_key=two");
    assertThat(grants().store(next, new Replaceable.SameIssuer())).isInstanceOf(StoreResult.Kept.class);
    assertThat(read(next).target()).isEqualTo(next.target());
  }

  @Test
  void forgetsAGrantAtItsVersionAndNoneThatWasRenewedMeanwhile() {
    var grant = stored();
    var next = renewed(grant);
    assertThat(grants().commit(next)).isTrue();
    assertThat(grants().delete(grant)).isFalse();
    assertThat(read(grant).version()).isEqualTo(2);
    assertThat(grants().delete(next)).isTrue();
    assertThat(grants().read(grant.key())).isEmpty();
    assertThat(grants().delete(next)).isFalse();
    assertThat(grants().commit(renewed(next))).isFalse();
  }

  @Test
  void forgetsNothingOfAnotherConsent() {
    var old = stored();
    var consent = Samples.grant(old.key());
    grants().store(consent);
    assertThat(grants().delete(old)).isFalse();
    assertThat(grants().read(old.key())).contains(consent);
  }

  @Test
  void theLastUseNeverGoesBack() {
    var grant = stored();
    grants().noteUse(grant, NOW.plusSeconds(3600));
    grants().noteUse(grant, NOW.plusSeconds(60));
    assertThat(read(grant).state().lastUsed()).isEqualTo(NOW.plusSeconds(3600));
  }

  @Test
  void notesNothingOnAnotherConsent() {
    var old = stored();
    var consent = Samples.plainGrant(old.key());
    grants().store(consent);
    grants().noteUse(old, NOW.plusSeconds(3600));
    grants().keepProtocol(old, Objects.requireNonNull(old.protocol()));
    grants().noteServer(old.servedAt(new EndpointUrl(old.target().serverUrl().withoutQuery() + "?followed=1")));
    assertThat(grants().read(old.key())).contains(consent);
  }

  @Test
  void notesNothingWhereNoGrantIs() {
    var gone = Samples.grant();
    grants().noteUse(gone, NOW);
    grants().noteEnabled(gone.key(), false);
    grants().noteServer(gone);
    grants().keepProtocol(gone, Objects.requireNonNull(gone.protocol()));
    assertThat(grants().read(gone.key())).isEmpty();
  }

  @Test
  void listsTheConnectionsOfAUserThatHaveAGrant() {
    var user = Samples.user();
    var one = new ConnectionKey(user, new ConnectionId("one"));
    var two = new ConnectionKey(user, new ConnectionId("two"));
    grants().store(Samples.grant(one));
    grants().store(Samples.plainGrant(two));
    stored();
    assertThat(grants().connections(user)).containsExactly(one.connection(), two.connection());
    assertThat(grants().eraseUnopened(one)).as("it can be opened").isFalse();
    assertThat(grants().delete(grants().read(one).orElseThrow())).isTrue();
    assertThat(grants().eraseUnopened(one)).as("it is gone").isTrue();
    assertThat(grants().connections(user)).containsExactly(two.connection());
    assertThat(grants().read(one)).isEmpty();
  }

  @Test
  void knowsWhetherAGrantNamesAClientOfTheUsersOwn() {
    var key = Samples.key();
    var theirs = new ClientId("client-1");
    grants().store(Samples.grant(key));
    // The stored grant names the deployment's client with the same id.
    assertThat(grants().isNamed(key.user(), Samples.ISSUER, theirs)).isFalse();
    var plain = Samples.plainGrant(new ConnectionKey(key.user(), new ConnectionId("another")));
    grants().store(new Grant(plain.key(), plain.id(), 1, plain.target(),
        Samples.client("client-1", Owner.of(key.user())), plain.tokens(), plain.state(), plain.warnings(), null));
    assertThat(grants().isNamed(key.user(), Samples.ISSUER, theirs)).isTrue();
    assertThat(grants().isNamed(key.user(), Samples.ISSUER, new ClientId("client-2"))).isFalse();
    assertThat(grants().isNamed(key.user(), new Issuer("https://other.example"), theirs)).isFalse();
    assertThat(grants().isNamed(Samples.user(), Samples.ISSUER, theirs)).isFalse();
  }

  @Test
  void clientOfStatedEndpointsIsNotTheOneOfTheIssuer() {
    var key = Samples.key();
    var theirs = new ClientId("client-1");
    var plain = Samples.plainGrant(key);
    var stated = Samples.statedEndpoints();
    var target = new GrantTarget(Samples.ISSUER, stated.token(), plain.target().resource(),
        plain.target().serverUrl(), StatedIssuer.of(stated));
    grants().store(new Grant(key, plain.id(), 1, target, Samples.client("client-1", Owner.of(key.user())),
        plain.tokens(), plain.state(), plain.warnings(), null));
    assertThat(grants().isNamed(key.user(), Samples.ISSUER, theirs)).isFalse();
    assertThat(grants().isNamed(key.user(), stated.registeredAt(Samples.ISSUER), theirs)).isTrue();
    assertThat(grants().isNamed(key.user(), stated.registeredAt(new Issuer("https://other.example")), theirs))
        .isFalse();
  }
}
