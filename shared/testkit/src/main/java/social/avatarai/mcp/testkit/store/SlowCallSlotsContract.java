package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.SlowCallSlots;
import social.avatarai.mcp.http.SlowCallSlots.Slot;

/** The contract of {@link SlowCallSlots}. */
public abstract class SlowCallSlotsContract {
  private static final int MOST = 3;
  private static final Instant UNTIL = NOW.plusSeconds(25);

  private final UserId user = Samples.user();

  protected abstract SlowCallSlots slots();

  private boolean take(String call) {
    return slots().take(slot(call), MOST, NOW);
  }

  private Slot slot(String call) {
    return new Slot(user, call, UNTIL);
  }

  private void takeAll() {
    for (int i = 0; i < MOST; i++)
      assertThat(take("call-" + i)).isTrue();
  }

  @Test
  void givesAUserSoManyAndNoMore() {
    takeAll();
    assertThat(take("another")).isFalse();
    assertThat(slots().take(slot("another"), MOST + 1, NOW)).as("the limit is the caller's").isTrue();
  }

  @Test
  void givesEachUserTheirOwn() {
    takeAll();
    assertThat(slots().take(new Slot(Samples.user(), "another", UNTIL), MOST, NOW)).isTrue();
  }

  @Test
  void givesAReleasedSlotAgainAndOnlyOnce() {
    takeAll();
    slots().release(slot("call-1"));
    slots().release(slot("call-1"));
    slots().release(slot("never-taken"));
    assertThat(take("another")).isTrue();
    assertThat(take("one-more")).isFalse();
  }

  @Test
  void releasesNothingWhereNothingWasTaken() {
    slots().release(slot("never-taken"));
    takeAll();
    assertThat(take("another")).isFalse();
  }

  @Test
  void givesTheSlotOfAKilledProcessAgainAfterItsDeadline() {
    takeAll();
    assertThat(slots().take(new Slot(user, "at-the-end", UNTIL), MOST, UNTIL.minusMillis(1))).isFalse();
    var later = UNTIL.plusSeconds(25);
    for (int i = 0; i < MOST; i++)
      assertThat(slots().take(new Slot(user, "later-" + i, later), MOST, UNTIL)).isTrue();
    assertThat(slots().take(new Slot(user, "one-more", later), MOST, UNTIL)).isFalse();
  }

  @Test
  void leavesTheSlotsThatHaveNotRunOut() {
    assertThat(slots().take(new Slot(user, "long", UNTIL.plusSeconds(60)), MOST, NOW)).isTrue();
    for (int i = 1; i < MOST; i++)
      assertThat(take("short-" + i)).isTrue();
    for (int i = 1; i < MOST; i++)
      assertThat(slots().take(new Slot(user, "later-" + i, UNTIL.plusSeconds(60)), MOST, UNTIL)).isTrue();
    assertThat(slots().take(new Slot(user, "one-more", UNTIL.plusSeconds(60)), MOST, UNTIL)).isFalse();
  }

  @Test
  void givesNoMoreToManyAtOnce() throws Exception {
    var names = new AtomicInteger();
    assertThat(Race.of(runner -> () -> take("call-" + names.getAndIncrement())).stream().filter(given -> given))
        .hasSize(MOST);
  }
}
