package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;
import static social.avatarai.mcp.testkit.store.Samples.REDIRECT_URI;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.registration.ClientRegistration;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.registration.Registrations.Known;
import social.avatarai.mcp.registration.Registrations.Query;
import social.avatarai.mcp.registration.Registrations.ScopeRefusal;

/**
 * The contract of {@link Registrations}. Each test uses its own issuer, because all tests share the deployment's
 * registrations.
 */
public abstract class RegistrationsContract {
  private static final ConnectionId CONNECTION = new ConnectionId("invented-server");
  private static final Known NOTHING = new Known(null, null, false);
  private static final RedirectUri OTHER_REDIRECT_URI = new RedirectUri("https://other.example/callback");

  private final Issuer issuer = new Issuer("https://" + Unguessable.text().replaceAll("[^a-z0-9]", "") + ".example");
  private final UserId user = Samples.user();

  protected abstract Registrations registrations();

  private ClientRegistration registration(String clientId, Owner owner) {
    return new ClientRegistration(issuer, Samples.client(clientId, owner), List.of(REDIRECT_URI, OTHER_REDIRECT_URI),
        Scopes.parse("repo user"), NOW.plusSeconds(60));
  }

  private Known lookUp(@Nullable String clientId) {
    return registrations().lookUp(new Query(user, CONNECTION, issuer, REDIRECT_URI,
        clientId == null ? null : new ClientId(clientId)));
  }

  private ClientRegistration kept(String clientId, Owner owner) {
    var registration = registration(clientId, owner);
    registrations().keep(registration);
    return registration;
  }

  private ClientRegistration keptOwn(String clientId) {
    var registration = registration(clientId, Owner.deployment());
    registrations().keepOwn(registration, REDIRECT_URI);
    return registration;
  }

  @Test
  void knowsNothingAtFirst() {
    assertThat(lookUp(null)).isEqualTo(NOTHING);
    assertThat(lookUp("client")).isEqualTo(NOTHING);
    assertThat(registrations().find(Owner.of(user), issuer, new ClientId("client"))).isEmpty();
    assertThat(registrations().all(Owner.of(user), issuer)).isEmpty();
  }

  @Test
  void findsWhatWasKept() {
    var registration = kept("client", Owner.of(user));
    assertThat(registrations().find(Owner.of(user), issuer, new ClientId("client"))).contains(registration);
    assertThat(registrations().find(Owner.of(user), issuer, new ClientId("other"))).isEmpty();
    assertThat(registrations().find(Owner.of(user), new Issuer("https://other.example"), new ClientId("client")))
        .isEmpty();
    assertThat(registrations().find(Owner.of(Samples.user()), issuer, new ClientId("client"))).isEmpty();
    assertThat(registrations().find(Owner.deployment(), issuer, new ClientId("client"))).isEmpty();
  }

  @Test
  void findsARegistrationThatHasNothingOptional() {
    var plain = new ClientRegistration(issuer, Samples.client("plain", Owner.of(user)), List.of(), Scopes.none(), null);
    registrations().keep(plain);
    assertThat(registrations().find(Owner.of(user), issuer, new ClientId("plain"))).contains(plain);
  }

  @Test
  void keepsTheLastOfAClient() {
    kept("client", Owner.of(user));
    var last = new ClientRegistration(issuer, Samples.client("client", Owner.of(user)), List.of(), Scopes.none(), null);
    registrations().keep(last);
    assertThat(registrations().all(Owner.of(user), issuer)).containsExactly(last);
  }

  @Test
  void looksUpTheUsersClientBeforeTheDeployments() {
    var ours = kept("client", Owner.deployment());
    assertThat(lookUp("client")).isEqualTo(new Known(null, null, ours, null, ours, false, null));
    var theirs = kept("client", Owner.of(user));
    assertThat(lookUp("client")).isEqualTo(new Known(null, null, theirs, null, ours, false, null));
    assertThat(lookUp(null)).isEqualTo(NOTHING);
  }

  @Test
  void looksUpTheOtherSpellingOfTheIssuerForTheUserAndThenForTheDeployment() {
    for (var owner : List.of(Owner.deployment(), Owner.of(user))) {
      var other = new ClientRegistration(issuer.otherSpelling(), Samples.client("client", owner), List.of(),
          Scopes.none(), null);
      registrations().keep(other);
      assertThat(lookUp("client").named()).isNull();
      assertThat(lookUp("client").misspelled()).isEqualTo(other);
      assertThat(lookUp("client").deployments()).extracting(one -> one.client().owner())
          .isEqualTo(Owner.deployment());
    }
  }

  @Test
  void looksUpOurOwnByItsRedirectUri() {
    var own = keptOwn("own");
    assertThat(lookUp(null)).isEqualTo(new Known(own, null, false));
    assertThat(registrations().lookUp(new Query(user, CONNECTION, issuer, OTHER_REDIRECT_URI, null)))
        .isEqualTo(NOTHING);
  }

  @Test
  void ourOwnIsFoundByItsNameToo() {
    var own = keptOwn("own");
    assertThat(lookUp("own")).isEqualTo(new Known(own, own, false));
    assertThat(registrations().find(Owner.deployment(), issuer, new ClientId("own"))).contains(own);
    assertThat(registrations().find(Owner.of(user), issuer, new ClientId("own"))).isEmpty();
  }

  @Test
  void aNewRegistrationOfOurOwnReplacesTheOld() {
    keptOwn("old");
    var fresh = keptOwn("new");
    assertThat(lookUp(null).own()).isEqualTo(fresh);
    assertThat(registrations().all(Owner.deployment(), issuer)).containsExactly(fresh);
  }

  @Test
  void forgetsOurOwnIfItStillIsThisClient() {
    var own = keptOwn("own");
    registrations().forgetOwn(Owner.deployment(), issuer, new ClientId("older"));
    assertThat(lookUp(null).own()).isEqualTo(own);
    registrations().forgetOwn(Owner.deployment(), issuer, new ClientId("own"));
    registrations().forgetOwn(Owner.deployment(), issuer, new ClientId("own"));
    assertThat(lookUp(null)).isEqualTo(NOTHING);
  }

  @Test
  void keepsTheClientOfAUserAloneBesideTheDeployments() {
    var own = keptOwn("own");
    var alone = new ClientRegistration(issuer, Samples.client("alone", Owner.of(user)), List.of(REDIRECT_URI),
        Scopes.none(), Scopes.parse("junk"), null);
    registrations().keepOwn(alone, REDIRECT_URI);
    assertThat(lookUp(null)).isEqualTo(new Known(own, alone, null, null, null, false, null));
    assertThat(lookUp("alone").named()).isEqualTo(alone);
    assertThat(registrations().find(Owner.of(user), issuer, new ClientId("alone"))).contains(alone);
    var other = new Query(Samples.user(), CONNECTION, issuer, REDIRECT_URI, null);
    assertThat(registrations().lookUp(other)).isEqualTo(new Known(own, null, false));
    registrations().forgetOwn(Owner.of(user), issuer, new ClientId("alone"));
    assertThat(lookUp(null)).isEqualTo(new Known(own, null, false));
  }

  @Test
  void remembersTheLastRefusalOfScopesThatAUserMet() {
    registrations().noteScopeRefused(user, issuer, new ScopeRefusal(new ClientId("one"), Scopes.parse("files")));
    var last = new ScopeRefusal(new ClientId("two"), Scopes.parse("files mail"));
    registrations().noteScopeRefused(user, issuer, last);
    assertThat(lookUp(null)).isEqualTo(new Known(null, null, null, null, null, false, last));
    var other = new Query(Samples.user(), CONNECTION, issuer, REDIRECT_URI, null);
    assertThat(registrations().lookUp(other)).isEqualTo(NOTHING);
    registrations().deleteRest(user);
    assertThat(lookUp(null)).isEqualTo(NOTHING);
  }

  @Test
  void listsAllOfAnOwnerAtAnIssuer() {
    var own = keptOwn("own");
    var one = kept("one", Owner.deployment());
    var two = kept("two", Owner.deployment());
    kept("theirs", Owner.of(user));
    registrations().acquireLease(Owner.deployment(), issuer, NOW, NOW.plusSeconds(30));
    assertThat(registrations().all(Owner.deployment(), issuer)).containsExactlyInAnyOrder(own, one, two);
  }

  @Test
  void remembersThatOfflineAccessIsRefusedOnThisConnection() {
    registrations().noteOfflineAccessRefused(user, CONNECTION, issuer);
    registrations().noteOfflineAccessRefused(user, CONNECTION, issuer);
    assertThat(lookUp(null)).isEqualTo(new Known(null, null, true));
    assertThat(lookUp("client").offlineAccessRefused()).isTrue();
    assertThat(registrations().all(Owner.of(user), issuer)).isEmpty();
    var other = new Query(user, new ConnectionId("other"), issuer, REDIRECT_URI, null);
    assertThat(registrations().lookUp(other).offlineAccessRefused()).isFalse();
    var otherUser = new Query(Samples.user(), CONNECTION, issuer, REDIRECT_URI, null);
    assertThat(registrations().lookUp(otherUser).offlineAccessRefused()).isFalse();
  }

  @Test
  void listsAllOfAnOwnerAtAllIssuers() {
    var one = kept("one", Owner.of(user));
    var elsewhere = new ClientRegistration(new Issuer("https://other.example"), one.client(), List.of(), Scopes.none(),
        null);
    registrations().keep(elsewhere);
    kept("theirs", Owner.of(Samples.user()));
    registrations().noteOfflineAccessRefused(user, CONNECTION, issuer);
    registrations().acquireLease(Owner.of(user), issuer, NOW, NOW.plusSeconds(30));
    assertThat(registrations().all(Owner.of(user))).containsExactlyInAnyOrder(one, elsewhere);
    assertThat(registrations().all(Owner.of(Samples.user()))).isEmpty();
  }

  @Test
  void deletesOneRegistrationAndNoOther() {
    kept("client", Owner.of(user));
    var two = kept("two", Owner.of(user));
    var theirs = kept("client", Owner.deployment());
    registrations().delete(Owner.of(user), issuer, new ClientId("client"));
    registrations().delete(Owner.of(user), issuer, new ClientId("client"));
    assertThat(registrations().all(Owner.of(user))).containsExactly(two);
    assertThat(lookUp("client").named()).isEqualTo(theirs);
  }

  @Test
  void deletesTheRestButNoRegistrationAndNoLease() {
    var one = kept("one", Owner.of(user));
    registrations().noteOfflineAccessRefused(user, CONNECTION, issuer);
    var other = Samples.user();
    registrations().noteOfflineAccessRefused(other, CONNECTION, issuer);
    acquire(Owner.of(user), NOW);
    registrations().deleteRest(user);
    registrations().deleteRest(user);
    assertThat(lookUp("one")).isEqualTo(new Known(null, one, false));
    assertThat(acquire(Owner.of(user), NOW)).isFalse();
    var others = new Query(other, CONNECTION, issuer, REDIRECT_URI, null);
    assertThat(registrations().lookUp(others).offlineAccessRefused()).isTrue();
  }

  private boolean acquire(Owner owner, Instant now) {
    return registrations().acquireLease(owner, issuer, now, now.plusSeconds(30));
  }

  @Test
  void oneAtATimeMayRegister() {
    assertThat(acquire(Owner.deployment(), NOW)).isTrue();
    assertThat(acquire(Owner.deployment(), NOW.plusSeconds(29))).isFalse();
    assertThat(acquire(Owner.of(user), NOW)).isTrue();
    assertThat(acquire(Owner.deployment(), NOW.plusSeconds(30))).isTrue();
  }

  @Test
  void theNextMayRegisterWhenTheRightIsGivenBack() {
    acquire(Owner.deployment(), NOW);
    registrations().releaseLease(Owner.deployment(), issuer);
    assertThat(acquire(Owner.deployment(), NOW)).isTrue();
    assertThat(acquire(Owner.deployment(), NOW)).isFalse();
  }

  @Test
  void exactlyOneOfManyAtOnceMayRegister() throws Exception {
    assertThat(Race.of(runner -> () -> acquire(Owner.deployment(), NOW))).containsOnlyOnce(true);
  }
}
