package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.ReplacedTokens;
import social.avatarai.mcp.token.ReplacedTokens.OfClient;
import social.avatarai.mcp.token.WaitingGrant;
import social.avatarai.mcp.token.WaitingGrants;

/** The contract of {@link WaitingGrants}. */
public abstract class WaitingGrantsContract {
  private final ConnectionKey key = Samples.key();

  protected abstract WaitingGrants waiting();

  protected abstract Grants grants();

  protected abstract ReplacedTokens tokens();

  private WaitingGrant kept(Grant grant) {
    var one = new WaitingGrant(grant, NOW.plusSeconds(600));
    waiting().keep(one);
    return one;
  }

  @Test
  void findsWhatWaitsWithAllItsValues() {
    var one = kept(Samples.grantOf(key, "bob"));
    assertThat(found(one)).contains(one);
    var stated = kept(Samples.statedGrant(Samples.key()));
    assertThat(found(stated)).contains(stated);
    assertThat(waiting().find(key, stated.grant().id())).isEmpty();
    assertThat(waiting().find(stated.grant().key(), one.grant().id())).isEmpty();
  }

  private Optional<WaitingGrant> found(WaitingGrant one) {
    return waiting().find(one.grant().key(), one.grant().id());
  }

  private void forget(WaitingGrant one) {
    waiting().forget(one.grant().key(), one.grant().id());
  }

  @Test
  void twoGrantsThatWaitForOneConnectionLeaveEachOther() {
    var first = kept(Samples.grantOf(key, "bob"));
    var second = kept(Samples.grantOf(key, "carol"));
    assertThat(found(first)).contains(first);
    assertThat(found(second)).contains(second);
    forget(first);
    assertThat(found(first)).isEmpty();
    assertThat(found(second)).contains(second);
    forget(first);
  }

  @Test
  void forgetsAllThatWaitForAConnection() {
    var user = key.user();
    var other = kept(Samples.grantOf(new ConnectionKey(user, new ConnectionId("another")), "bob"));
    var both = List.of(kept(Samples.grantOf(key, "bob")), kept(Samples.grantOf(key, "carol")));
    assertThat(waiting().connections(user)).containsExactly(other.grant().key().connection(), key.connection());
    var seen = new ArrayList<Grant>();
    waiting().forgetAll(key, grant -> {
      assertThat(waiting().find(key, grant.id())).isPresent();
      seen.add(grant);
    });
    assertThat(seen).containsExactlyInAnyOrderElementsOf(both.stream().map(WaitingGrant::grant).toList());
    assertThat(both).allSatisfy(one -> assertThat(found(one)).isEmpty());
    assertThat(found(other)).contains(other);
    assertThat(waiting().connections(user)).containsExactly(other.grant().key().connection());
    waiting().forgetAll(key, _ -> {});
  }

  private OfClient ofClient(Grant grant, Instant now) {
    return tokens().ofClient(grant.key().user(), grant.target().issuer(), grant.client().id(), now);
  }

  /** Otherwise its token would be revoked before the user has decided. */
  @Test
  void whatWaitsCountsAsAGrantOfItsAccountUntilNoDecisionCanComeAnyMore() {
    var one = kept(Samples.grantOf(key, "bob"));
    var account = Optional.ofNullable(one.grant().tokens().identity());
    assertThat(account).isPresent();
    assertThat(ofClient(one.grant(), NOW)).isEqualTo(new OfClient(List.of(account), List.of()));
    assertThat(ofClient(one.grant(), one.expiresAt()).grants()).as("a decision may be under way").hasSize(1);
    assertThat(ofClient(one.grant(), one.expiresAt().plusSeconds(60)).grants()).isEmpty();
    assertThat(ofClient(Samples.grantOfAnotherIssuer(key), NOW).grants()).isEmpty();
    forget(one);
    assertThat(ofClient(one.grant(), NOW).grants()).isEmpty();
  }

  @Test
  void clientOfWhatWaitsIsNeeded() {
    var like = Samples.grantOf(key, "bob");
    var grant = kept(new Grant(key, like.id(), 1, like.target(), Samples.client("client-1", Owner.of(key.user())),
        like.tokens(), like.state(), like.warnings(), null)).grant();
    assertThat(grants().isNamed(key.user(), grant.target().registeredAt(), grant.client().id())).isTrue();
    waiting().forgetAll(key, _ -> {});
    assertThat(grants().isNamed(key.user(), grant.target().registeredAt(), grant.client().id())).isFalse();
  }

  /** Otherwise the tokens could be used before the user has decided. */
  @Test
  void whatWaitsIsNoGrant() {
    var grant = kept(Samples.grantOf(key, "bob")).grant();
    var user = key.user();
    assertThat(grants().read(key)).isEmpty();
    assertThat(grants().connections(user)).isEmpty();
    assertThat(grants().count(user)).isZero();
    assertThat(grants().covering(user, grant.target().serverUrl()).grants()).isEmpty();
    assertThat(grants().findByRefreshToken(user, Objects.requireNonNull(grant.tokens().refreshToken()))).isEmpty();
  }
}
