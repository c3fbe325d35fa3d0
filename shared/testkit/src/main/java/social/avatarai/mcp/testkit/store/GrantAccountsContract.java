package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Grants.GrantWriteResult;
import social.avatarai.mcp.token.Grants.StoreResult;
import social.avatarai.mcp.token.Grants.Waited;
import social.avatarai.mcp.token.Identity;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.token.WriteMark;

/** The contract of {@link Grants} for the accounts that grants belong to. */
public abstract class GrantAccountsContract {
  private final ConnectionKey key = Samples.key();

  protected abstract Grants grants();

  private Grant stored(String account) {
    var grant = Samples.grantOf(key, account);
    assertThat(grants().store(grant, new Replaceable.SameIssuer())).isInstanceOf(StoreResult.Kept.class);
    return grant;
  }

  private StoreResult store(Grant grant) {
    return grants().store(grant, new Replaceable.SameIssuer());
  }

  private static AccountChange change(Grant waiting) {
    return new AccountChange(waiting.id(), new Account("bob", null), NOW.plusSeconds(600));
  }

  private static Grant of(Grant grant, Identity account) {
    return new Grant(grant.key(), grant.id(), 1, grant.target(), grant.client(), grant.tokens().of(account),
        grant.state(), grant.warnings(), null);
  }

  @Test
  void grantOfAnotherAccountReplacesNothing() {
    var held = stored("alice");
    var other = Samples.grantOf(key, "bob");
    assertThat(store(other)).isEqualTo(new StoreResult.OtherAccount(held));
    assertThat(grants().store(other, new Replaceable.AnyIssuer())).isEqualTo(new StoreResult.OtherAccount(held));
    assertThat(grants().read(key)).contains(held);
  }

  @Test
  void grantOfTheSameAccountReplacesWhateverVersionTheOtherHas() {
    var held = stored("alice");
    var renewed = held.renewed(held.tokens(), GrantState.healthy(NOW, 82_500_100));
    assertThat(grants().commit(renewed)).isTrue();
    var again = stored("alice");
    assertThat(grants().read(key)).contains(again);
  }

  @Test
  void whereOneAccountIsUnknownNobodyIsSomebodyElse() {
    stored("alice");
    var unknown = Samples.plainGrant(key);
    assertThat(store(unknown)).isInstanceOf(StoreResult.Kept.class);
    assertThat(store(Samples.grantOf(key, "bob"))).isInstanceOf(StoreResult.Kept.class);
  }

  @Test
  void subjectsOfDifferentSourcesAreNotCompared() {
    stored("alice");
    var other = of(Samples.grant(key), new Identity(Samples.ISSUER.value(), "17", null, "/user/id"));
    assertThat(store(other)).isInstanceOf(StoreResult.Kept.class);
    assertThat(grants().read(key)).contains(other);
  }

  @Test
  void accountsOfDifferentIssuersAreNotCompared() {
    stored("alice");
    var other = Samples.grantOfAnotherIssuer(key);
    assertThat(store(other)).isEqualTo(new StoreResult.Refused());
    assertThat(grants().store(other, new Replaceable.AnyIssuer())).isInstanceOf(StoreResult.Kept.class);
  }

  private static Grant respelled(Grant grant) {
    var target = grant.target();
    return new Grant(grant.key(), grant.id(), 1, new GrantTarget(target.issuer().otherSpelling(),
        target.tokenEndpoint(), target.resource(), target.serverUrl()), grant.client(), grant.tokens(), grant.state(),
        grant.warnings(), null);
  }

  /** The bug: after its issuer was spelled otherwise, a connection silently took the grant of another account. */
  @Test
  void issuerThatIsSpelledOtherwiseHasTheSameAccounts() {
    var held = stored("alice");
    var migrated = new Replaceable.MigratedGrant(held.id());
    assertThat(grants().store(respelled(Samples.grantOf(key, "bob")), migrated))
        .isEqualTo(new StoreResult.OtherAccount(held));
    var same = respelled(Samples.grantOf(key, "alice"));
    assertThat(grants().store(same, migrated)).isInstanceOf(StoreResult.Kept.class);
    assertThat(grants().read(key)).contains(same);
  }

  @Test
  void grantThatMayNotBeReplacedAnywayIsNoChangeOfTheAccount() {
    var resource = new ConnectionKey(Samples.user(), ConnectionId.ofResource(Samples.grant().target().resource()));
    var held = Samples.grantOf(resource, "alice");
    store(held);
    var elsewhere = Samples.grantOf(resource, "bob");
    var target = new GrantTarget(held.target().issuer(), held.target().tokenEndpoint(),
        held.target().resource(), new EndpointUrl(held.target().serverUrl() + "/other"));
    var moved = new Grant(resource, elsewhere.id(), 1, target, elsewhere.client(), elsewhere.tokens(),
        elsewhere.state(), elsewhere.warnings(), null);
    assertThatExceptionOfType(Failure.class).isThrownBy(() -> store(moved))
        .extracting(failure -> failure.code().wireName()).isEqualTo("server_conflict");
    assertThat(grants().read(resource)).contains(held);
  }

  @Test
  void secondTryOfTheSameWriteIsNoOtherAccount() {
    var grant = stored("alice");
    assertThat(store(grant)).isInstanceOf(StoreResult.Kept.class);
  }

  @Test
  void decidedGrantReplacesOnlyTheGrantThatNamesIt() {
    var held = stored("alice");
    var waiting = Samples.grantOf(key, "bob");
    var decided = new Replaceable.DecidedAccount();
    assertThat(grants().store(waiting, decided)).isEqualTo(new StoreResult.Refused());
    assertThat(grants().noteAccountChange(held, change(Samples.grantOf(key, "carol"))).done()).isTrue();
    assertThat(grants().store(waiting, decided)).isEqualTo(new StoreResult.Refused());
    assertThat(grants().noteAccountChange(held, change(waiting)).done()).isTrue();
    assertThat(grants().store(waiting, decided))
        .isEqualTo(new StoreResult.Kept(Optional.of(held), Optional.of(waited(waiting))));
    assertThat(grants().store(waiting, decided)).isInstanceOf(StoreResult.Kept.class);
    assertThat(grants().read(key)).contains(waiting);
  }

  @Test
  void decisionNeedsAGrantInUse() {
    assertThat(grants().store(Samples.grantOf(key, "bob"), new Replaceable.DecidedAccount()))
        .isEqualTo(new StoreResult.Refused());
    assertThat(grants().read(key)).isEmpty();
  }

  @Test
  void noteOutlivesARefreshAndEndsWithTheNextConsent() {
    var held = stored("alice");
    var waiting = Samples.grantOf(key, "bob");
    grants().noteAccountChange(held, change(waiting));
    assertThat(grants().commit(held.renewed(held.tokens(), GrantState.healthy(NOW, 82_500_100)))).isTrue();
    assertThat(grants().endAccountChange(key, GrantId.fresh())).isFalse();
    stored("alice");
    assertThat(grants().store(waiting, new Replaceable.DecidedAccount())).isEqualTo(new StoreResult.Refused());
  }

  private static Waited waited(Grant waiting) {
    return new Waited(waiting.id(), NOW.plusSeconds(600));
  }

  /** So that no call has to look for a row that may be left of it. */
  @Test
  void writesThatMeetANoteSayWhatHasWaited() {
    var held = stored("alice");
    var first = Samples.grantOf(key, "bob");
    var second = Samples.grantOf(key, "carol");
    assertThat(grants().noteAccountChange(held, change(first))).isEqualTo(new GrantWriteResult(true, Optional.empty()));
    assertThat(grants().noteAccountChange(held, change(first))).as("the same again")
        .isEqualTo(new GrantWriteResult(true, Optional.empty()));
    assertThat(grants().noteAccountChange(held, change(second)))
        .isEqualTo(new GrantWriteResult(true, Optional.of(waited(first))));
    var next = held.renewed(held.tokens(), GrantState.healthy(NOW, 82_500_100));
    assertThat(grants().commit(next, WriteMark.fresh()))
        .isEqualTo(new GrantWriteResult(true, Optional.of(waited(second))));
    var again = Samples.grantOf(key, "alice");
    assertThat(store(again)).isEqualTo(new StoreResult.Kept(Optional.of(next), Optional.of(waited(second))));
    grants().noteAccountChange(again, change(first));
    assertThat(grants().remove(again)).isEqualTo(new GrantWriteResult(true, Optional.of(waited(first))));
    assertThat(grants().remove(again)).isEqualTo(GrantWriteResult.NOT_DONE);
  }

  @Test
  void endedNoteIsNoneAnyMore() {
    var held = stored("alice");
    var waiting = Samples.grantOf(key, "bob");
    grants().noteAccountChange(held, change(waiting));
    assertThat(grants().endAccountChange(key, waiting.id())).isTrue();
    assertThat(grants().endAccountChange(key, waiting.id())).as("it has ended").isFalse();
    assertThat(grants().store(waiting, new Replaceable.DecidedAccount())).isEqualTo(new StoreResult.Refused());
    assertThat(grants().read(key)).contains(held);
  }

  @Test
  void noNoteIsWrittenWhereTheConnectionHasAnotherGrant() {
    var held = stored("alice");
    stored("alice");
    assertThat(grants().noteAccountChange(held, change(Samples.grantOf(key, "bob"))))
        .isEqualTo(GrantWriteResult.NOT_DONE);
  }
}
