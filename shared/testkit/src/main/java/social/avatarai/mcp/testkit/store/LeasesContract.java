package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Leases;
import social.avatarai.mcp.token.Leases.Acquired;
import social.avatarai.mcp.token.Leases.Lease;

/** The contract of {@link Leases}. */
public abstract class LeasesContract {
  private static final Instant UNTIL = NOW.plusSeconds(40);
  private static final Acquired FIRST = new Acquired.First();
  private static final Acquired TAKEN_OVER = new Acquired.TakenOver();

  private final ConnectionKey key = Samples.key();
  private final GrantId grant = GrantId.fresh();

  protected abstract Leases leases();

  private Lease lease(long version, Instant until) {
    return new Lease(key, grant, version, until);
  }

  private Acquired acquire(long version, Instant now) {
    return leases().acquire(lease(version, now.plusSeconds(40)), now);
  }

  @Test
  void isFirstWhereNoLeaseIs() {
    assertThat(acquire(1, NOW)).isEqualTo(FIRST);
  }

  @Test
  void isHeldWhileTheAttemptMayBeUnderWay() {
    acquire(1, NOW);
    assertThat(acquire(1, NOW)).isEqualTo(new Acquired.Held(UNTIL));
    assertThat(acquire(1, UNTIL.minusMillis(1))).isEqualTo(new Acquired.Held(UNTIL));
  }

  @Test
  void isTakenOverWhenItRanOutWithoutAWord() {
    acquire(1, NOW);
    assertThat(acquire(1, UNTIL)).isEqualTo(TAKEN_OVER);
    assertThat(acquire(1, UNTIL)).isEqualTo(new Acquired.Held(UNTIL.plusSeconds(40)));
  }

  @Test
  void isFirstForTheNextVersionWhateverTheLeaseOfTheLast() {
    acquire(1, NOW);
    assertThat(acquire(2, NOW)).isEqualTo(FIRST);
  }

  @Test
  void isHeldForAnOlderVersionForGood() {
    acquire(2, NOW);
    assertThat(acquire(1, NOW)).isEqualTo(new Acquired.Held(UNTIL));
    assertThat(acquire(1, UNTIL.plusSeconds(9))).isEqualTo(new Acquired.Held(UNTIL));
  }

  @Test
  void isTakenOverFromAnotherGrantOfTheConnection() {
    acquire(7, NOW);
    assertThat(leases().acquire(new Lease(key, GrantId.fresh(), 1, UNTIL), NOW)).isEqualTo(new Acquired.TakenOver());
  }

  @Test
  void isNothingToOtherConnectionsAndUsers() {
    acquire(1, NOW);
    var otherConnection = new ConnectionKey(key.user(), new ConnectionId("other"));
    var otherUser = new ConnectionKey(Samples.user(), key.connection());
    assertThat(leases().acquire(new Lease(otherConnection, grant, 1, UNTIL), NOW)).isEqualTo(FIRST);
    assertThat(leases().acquire(new Lease(otherUser, grant, 1, UNTIL), NOW)).isEqualTo(FIRST);
  }

  @Test
  void isOursAgainOnceGivenBack() {
    acquire(1, NOW);
    leases().release(lease(1, UNTIL));
    assertThat(acquire(1, NOW)).isNotInstanceOf(Acquired.Held.class);
    assertThat(acquire(1, NOW)).isEqualTo(new Acquired.Held(UNTIL));
  }

  @Test
  void givingBackLetsNoOlderVersionIn() {
    acquire(2, NOW);
    leases().release(lease(2, UNTIL));
    assertThat(acquire(1, NOW)).isInstanceOf(Acquired.Held.class);
  }

  @Test
  void givesBackNothingThatAnotherOwnerHasByNow() {
    acquire(1, NOW);
    acquire(1, UNTIL);
    leases().release(lease(1, UNTIL));
    assertThat(acquire(1, UNTIL)).isEqualTo(new Acquired.Held(UNTIL.plusSeconds(40)));
  }

  @Test
  void givingBackWhatIsGoneMakesNothing() {
    leases().release(lease(1, UNTIL));
    assertThat(acquire(1, NOW)).isEqualTo(FIRST);
  }

  @Test
  void exactlyOneOfManyAtOnceIsFirst() throws Exception {
    var results = Race.of(runner -> () -> acquire(1, NOW));
    assertThat(results).containsOnlyOnce(FIRST);
    assertThat(results.stream().filter(new Acquired.Held(UNTIL)::equals)).hasSize(Race.RUNNERS - 1);
  }

  @Test
  void exactlyOneOfManyAtOnceTakesOver() throws Exception {
    acquire(1, NOW);
    var results = Race.of(runner -> () -> acquire(1, UNTIL));
    assertThat(results).containsOnlyOnce(TAKEN_OVER).doesNotContain(FIRST);
  }
}
