package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.ISSUER;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.registration.ClientHolders;
import social.avatarai.mcp.registration.Owner;

/** The contract of {@link ClientHolders}. */
public abstract class ClientHoldersContract {
  private static final Instant OVER = NOW.plus(ClientHolders.ENDING_LIFE);

  private final ClientId client = new ClientId("client-" + Unguessable.text());
  private final Owner one = Owner.of(Samples.user());
  private final Owner other = Owner.of(Samples.user());

  protected abstract ClientHolders holders();

  private boolean hold(Owner owner, Instant now) {
    return holders().hold(owner, ISSUER, client, now);
  }

  private boolean beginEnd(Owner owner, Instant now) {
    return holders().beginEnd(owner, ISSUER, client, now);
  }

  @Test
  void itsOnlyHolderMayEndAClient() {
    assertThat(hold(one, NOW)).isTrue();
    assertThat(beginEnd(one, NOW)).isTrue();
  }

  @Test
  void allWritesMayBeRepeated() {
    assertThat(hold(one, NOW)).isTrue();
    assertThat(hold(one, NOW)).isTrue();
    assertThat(beginEnd(one, NOW)).isTrue();
    assertThat(beginEnd(one, NOW)).isTrue();
  }

  @Test
  void whoNeverHeldAClientMayNotEndIt() {
    assertThat(beginEnd(one, NOW)).isFalse();
    hold(other, NOW);
    assertThat(beginEnd(one, NOW)).isFalse();
    assertThat(holders().beginEnd(other, new Issuer("https://another.example"), client, NOW)).isFalse();
    assertThat(holders().beginEnd(other, ISSUER, new ClientId("another"), NOW)).isFalse();
  }

  @Test
  void aClientThatTwoHaveHeldIsNeverEnded() {
    hold(one, NOW);
    assertThat(hold(other, NOW)).isTrue();
    assertThat(hold(one, NOW)).isTrue();
    assertThat(beginEnd(one, NOW)).isFalse();
    holders().release(one, ISSUER, client);
    assertThat(beginEnd(other, NOW)).isFalse();
    holders().release(other, ISSUER, client);
    assertThat(hold(one, OVER)).isTrue();
    assertThat(beginEnd(one, OVER)).isFalse();
  }

  @Test
  void theDeploymentHoldsAClientLikeAUser() {
    hold(one, NOW);
    assertThat(hold(Owner.deployment(), NOW)).isTrue();
    assertThat(beginEnd(one, NOW)).isFalse();
  }

  @Test
  void nobodyElseBeginsToHoldAClientThatIsBeingEnded() {
    hold(one, NOW);
    beginEnd(one, NOW);
    assertThat(hold(other, NOW)).isFalse();
    assertThat(hold(other, OVER.minusMillis(1))).isFalse();
    // Its owner registers under the lease under which it was ended, so the owner's next registration is a new one.
    assertThat(hold(one, NOW)).isTrue();
    assertThat(hold(other, NOW)).isTrue();
  }

  /** The attack: registering and disconnecting each minute, so that no other owner can ever hold the client. */
  @Test
  void aClientThatItsIssuerGivesAgainAfterItsEndIsSharedAndNobodyWaitsForItASecondTime() {
    hold(one, NOW);
    beginEnd(one, NOW);
    assertThat(hold(one, NOW)).isTrue();
    assertThat(beginEnd(one, NOW)).isFalse();
    assertThat(hold(other, NOW)).isTrue();
  }

  @Test
  void anEndIsOverAfterAMinuteAndTheNextHolderCannotEndTheClient() {
    hold(one, NOW);
    beginEnd(one, NOW);
    assertThat(hold(other, OVER)).isTrue();
    assertThat(beginEnd(one, OVER)).isFalse();
    assertThat(beginEnd(other, OVER)).isFalse();
    assertThat(hold(one, OVER)).isTrue();
  }

  @Test
  void aReleasedClientIsHeldByNobody() {
    hold(one, NOW);
    holders().release(one, ISSUER, client);
    assertThat(beginEnd(one, NOW)).isFalse();
    hold(other, NOW);
    holders().release(one, ISSUER, client);
    assertThat(beginEnd(other, NOW)).isTrue();
    // The end goes on.
    holders().release(other, ISSUER, client);
    assertThat(hold(one, NOW)).isFalse();
  }

  /** In every order, either the end is refused, or the other owner is. */
  @Test
  void anEndAndANewHolderAtTheSameTimeNeverBothSucceed() throws Exception {
    for (int round = 0; round < 10; round++) {
      var raced = new ClientId("client-" + Unguessable.text());
      holders().hold(one, ISSUER, raced, NOW);
      var results = Race.of(runner -> () -> runner == 0
          ? holders().beginEnd(one, ISSUER, raced, NOW)
          : holders().hold(Owner.of(Samples.user()), ISSUER, raced, NOW));
      boolean ended = results.getFirst();
      assertThat(results.subList(1, results.size())).containsOnly(!ended);
    }
  }
}
