package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.GrantWorld.USER;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.server.ConnectionView;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.GrantWorld;

/** The security checklist: an access token with a long life is used, and its connection carries a warning. */
class LongLivedTokenFlowTest {
  private final GrantWorld world = GrantWorld.start();

  @AfterEach
  void close() {
    world.close();
  }

  private void issueTokensFor(String life) {
    world.authorizationServer.adjust(knobs -> knobs.accessTokenLifetime(Duration.parse(life)));
  }

  private ConnectionView shown() {
    return world.flow.connection(USER, world.connection());
  }

  @Test
  void tokenThatLivesLongerThanADayIsUsedAndWarnedOf() {
    issueTokensFor("PT24H1S");
    assertThat(world.connect(USER).warnings()).contains(Warning.LONG_LIVED_TOKEN);
    assertThat(GrantWorld.saidBy(world.access(USER, GrantWorld.call("whoami")))).isEqualTo("owner-1");
    assertThat(shown().warnings()).contains(Warning.LONG_LIVED_TOKEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT1H", "PT24H"})
  void tokenThatLivesADayAtMostIsNotWarnedOf(String life) {
    issueTokensFor(life);
    assertThat(world.connect(USER).warnings()).isEmpty();
    assertThat(shown().warnings()).isEmpty();
  }

  /** The issuer may change the life of its tokens at any time. */
  @Test
  void eachRefreshIsJudgedByTheLifeOfItsOwnToken() {
    world.connect(USER);
    issueTokensFor("P30D");
    world.refresh(USER);
    assertThat(List.of(world.grantOf(USER).warnings(), shown().warnings()))
        .allSatisfy(warnings -> assertThat(warnings).containsExactly(Warning.LONG_LIVED_TOKEN));
    issueTokensFor("PT1H");
    world.refresh(USER);
    assertThat(List.of(world.grantOf(USER).warnings(), shown().warnings()))
        .allSatisfy(warnings -> assertThat(warnings).isEmpty());
  }
}
