package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.registration.RequestCounter;
import social.avatarai.mcp.registration.RequestCounter.Count;
import social.avatarai.mcp.registration.RequestCounter.GrantsSeen;

/** The contract of {@link RequestCounter}. */
public abstract class RequestCounterContract {
  private static final int MOST = 20;
  private static final Instant LAST_OF_THE_HOUR = NOW.plusSeconds(3599);

  private final UserId user = Samples.user();

  protected abstract RequestCounter counter();

  private boolean take(UserId of, Instant at) {
    return counter().count(of, MOST, at).isWithin();
  }

  private void spend() {
    for (int i = 0; i < MOST; i++)
      assertThat(take(user, NOW)).isTrue();
  }

  @Test
  void givesSoManyAnHourAndNoMore() {
    spend();
    assertThat(take(user, NOW)).isFalse();
    assertThat(take(user, LAST_OF_THE_HOUR)).isFalse();
    assertThat(counter().count(user, MOST + 1, NOW).isWithin()).as("the limit is the caller's").isTrue();
  }

  @Test
  void givesAgainInTheNextHour() {
    spend();
    assertThat(take(user, LAST_OF_THE_HOUR.plusSeconds(1))).isTrue();
  }

  @Test
  void givesEachUserTheirOwn() {
    spend();
    assertThat(take(Samples.user(), NOW)).isTrue();
  }

  @Test
  void numbersTheCallsOfAnHour() {
    assertThat(counter().count(user, MOST, NOW)).isEqualTo(new Count(true, 1, null));
    assertThat(counter().count(user, MOST, LAST_OF_THE_HOUR)).isEqualTo(new Count(true, 2, null));
    assertThat(counter().count(user, MOST, LAST_OF_THE_HOUR.plusSeconds(1))).isEqualTo(new Count(true, 1, null));
  }

  @Test
  void givesTheNotedGrantsWithEveryLaterCountOfTheHour() {
    counter().count(user, MOST, NOW);
    counter().noteGrants(user, new GrantsSeen(7, 1), NOW);
    assertThat(counter().count(user, MOST, NOW)).isEqualTo(new Count(true, 2, new GrantsSeen(7, 1)));
    counter().noteGrants(user, new GrantsSeen(0, 2), NOW);
    assertThat(counter().count(user, MOST, NOW)).isEqualTo(new Count(true, 3, new GrantsSeen(0, 2)));
    assertThat(counter().count(user, MOST, LAST_OF_THE_HOUR.plusSeconds(1)).seen()).isNull();
    assertThat(counter().count(Samples.user(), MOST, NOW).seen()).isNull();
  }

  @Test
  void notesGrantsOnlyBesideACount() {
    counter().noteGrants(user, new GrantsSeen(7, 1), NOW);
    assertThat(counter().count(user, MOST, NOW)).isEqualTo(new Count(true, 1, null));
  }

  @Test
  void givesAConnectionSoManyStepUpsAnHourAndNoMore() {
    var connection = new ConnectionKey(user, new ConnectionId("stepping-up"));
    for (int i = 0; i < RequestCounter.MAX_STEP_UPS_PER_HOUR; i++)
      assertThat(counter().takeStepUp(connection, NOW)).isTrue();
    assertThat(counter().takeStepUp(connection, LAST_OF_THE_HOUR)).isFalse();
    assertThat(counter().takeStepUp(connection, LAST_OF_THE_HOUR.plusSeconds(1))).isTrue();
    assertThat(counter().takeStepUp(new ConnectionKey(user, new ConnectionId("another")), NOW)).isTrue();
    assertThat(counter().takeStepUp(new ConnectionKey(Samples.user(), connection.connection()), NOW)).isTrue();
    assertThat(counter().count(user, MOST, NOW)).as("calls are counted apart").isEqualTo(new Count(true, 1, null));
  }

  @Test
  void letsAUserEndSoManySessionsAnHourAndNoMore() {
    for (int i = 0; i < RequestCounter.MAX_SESSION_ENDS_PER_HOUR; i++)
      assertThat(counter().takeSessionEnd(user, NOW)).isTrue();
    assertThat(counter().takeSessionEnd(user, LAST_OF_THE_HOUR)).isFalse();
    assertThat(counter().takeSessionEnd(user, LAST_OF_THE_HOUR.plusSeconds(1))).isTrue();
    assertThat(counter().takeSessionEnd(Samples.user(), NOW)).isTrue();
    assertThat(counter().count(user, MOST, NOW)).as("calls are counted apart").isEqualTo(new Count(true, 1, null));
  }

  @Test
  void givesNoMoreToManyAtOnce() throws Exception {
    for (int i = 0; i < MOST - 3; i++)
      take(user, NOW);
    assertThat(Race.of(runner -> () -> take(user, NOW)).stream().filter(given -> given)).hasSize(3);
  }
}
