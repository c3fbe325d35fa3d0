package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.registration.StartQuota;

/** The contract of {@link StartQuota}. */
public abstract class StartQuotaContract {
  private static final Instant LAST_OF_THE_HOUR = NOW.plusSeconds(3599);

  private final UserId user = Samples.user();

  protected abstract StartQuota quota();

  private void spend() {
    for (int i = 0; i < StartQuota.MAX_PER_HOUR; i++)
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
  void givesAConnectionSoManyStepUpsAnHourAndNoMore() {
    var connection = new ConnectionKey(user, new ConnectionId("stepping-up"));
    for (int i = 0; i < StartQuota.MAX_STEP_UPS_PER_HOUR; i++)
      assertThat(quota().takeStepUp(connection, NOW)).isTrue();
    assertThat(quota().takeStepUp(connection, LAST_OF_THE_HOUR)).isFalse();
    assertThat(quota().takeStepUp(connection, LAST_OF_THE_HOUR.plusSeconds(1))).isTrue();
    assertThat(quota().takeStepUp(new ConnectionKey(user, new ConnectionId("another")), NOW)).isTrue();
    assertThat(quota().takeStepUp(new ConnectionKey(Samples.user(), connection.connection()), NOW)).isTrue();
    assertThat(quota().take(user, NOW)).as("flows are counted apart").isTrue();
  }

  @Test
  void givesNoMoreToManyAtOnce() throws Exception {
    for (int i = 0; i < StartQuota.MAX_PER_HOUR - 3; i++)
      quota().take(user, NOW);
    assertThat(Race.of(runner -> () -> quota().take(user, NOW)).stream().filter(given -> given)).hasSize(3);
  }
}
