package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.store.StartQuota;

/** What {@link StartQuota} promises. */
public abstract class StartQuotaContract {
  private static final Instant LAST_OF_THE_HOUR = NOW.plusSeconds(3599);

  private final UserId user = Samples.user();

  protected abstract StartQuota quota();

  private void spend() {
    for (int i = 0; i < StartQuota.PER_HOUR; i++)
      assertThat(quota().take(user, NOW)).isTrue();
  }

  @Test
  void givesSoManyAnHourAndNoMore() {
    spend();
    assertThat(quota().take(user, NOW)).isFalse();
    assertThat(quota().take(user, LAST_OF_THE_HOUR)).isFalse();
  }

  @Test
  void givesAgainInTheNextHour() {
    spend();
    assertThat(quota().take(user, LAST_OF_THE_HOUR.plusSeconds(1))).isTrue();
  }

  @Test
  void givesEachUserTheirOwn() {
    spend();
    assertThat(quota().take(Samples.user(), NOW)).isTrue();
  }

  @Test
  void givesNoMoreToManyAtOnce() throws Exception {
    for (int i = 0; i < StartQuota.PER_HOUR - 3; i++)
      quota().take(user, NOW);
    assertThat(Race.of(runner -> () -> quota().take(user, NOW)).stream().filter(given -> given)).hasSize(3);
  }
}
