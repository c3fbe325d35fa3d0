package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.Examples;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;

class RefreshTimingTest {
  private static final Instant NOW = Examples.NOW;
  private static final long THIS_MINUTE = NOW.getEpochSecond() / 60;

  @ParameterizedTest
  @CsvSource({
      // life, age, fresh: a token is renewed half a minute before its end
      "3600,0,true", "3600,3569,true", "3600,3570,false", "3600,3600,false", "3600,4000,false", "60,29,true",
      "60,30,false",
      // a short-lived token is fresh for half of its life; otherwise it would never be fresh
      "20,9,true", "20,10,false", "2,0,true", "2,1,false", "0,0,false"})
  void renewsATokenBeforeItEnds(long life, long age, boolean fresh) {
    assertThat(RefreshTiming.isFresh(tokens(Duration.ofSeconds(life), "r"), NOW.plusSeconds(age))).isEqualTo(fresh);
  }

  @Test
  void usesATokenWithoutAnEndForEver() {
    assertThat(RefreshTiming.isFresh(tokens(null, "r"), NOW.plus(Duration.ofDays(4000)))).isTrue();
  }

  @ParameterizedTest
  @CsvSource(nullValues = "-", value = {"3600", "-"})
  void hasNothingToDoWithoutARefreshToken(@Nullable Long life) {
    assertThat(
        RefreshTiming.standard().dueMinute(tokens(life == null ? null : Duration.ofSeconds(life), null), NOW, NOW))
        .isZero();
  }

  @RepeatedTest(200)
  void renewsAGrantThatWasUsedLatelyAheadOfItsEnd() {
    assertThat(due(Duration.ofHours(2), Duration.ofHours(23))).isBetween(minutes(84), minutes(108));
  }

  @RepeatedTest(200)
  void keepsAnIdleGrantAliveOnceADay() {
    assertThat(due(Duration.ofHours(2), Duration.ofHours(25))).isBetween(minutes(24 * 60 * 4 / 5), minutes(24 * 60));
    assertThat(due(null, Duration.ZERO)).isBetween(minutes(24 * 60 * 4 / 5), minutes(24 * 60));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 20, 60, 299})
  void leavesTokensOfAFewMinutesToTheirUseAndKeepsTheGrantAlive(long lifeSeconds) {
    for (int i = 0; i < 100; i++)
      assertThat(due(Duration.ofSeconds(lifeSeconds), Duration.ZERO)).isBetween(minutes(24 * 60 * 4 / 5),
          minutes(24 * 60));
    assertThat(due(RefreshTiming.MIN_SCHEDULED_LIFE, Duration.ZERO)).isBetween(minutes(3), minutes(5));
  }

  @Test
  void neverFallsDueInThePast() {
    var ended = tokens(RefreshTiming.MIN_SCHEDULED_LIFE, "r");
    var later = NOW.plus(Duration.ofDays(3));

    assertThat(RefreshTiming.standard().dueMinute(ended, later, later)).isEqualTo(later.getEpochSecond() / 60 + 1);
    assertThat(RefreshTiming.minute(NOW.minusSeconds(1), NOW)).isEqualTo(THIS_MINUTE + 1);
    assertThat(RefreshTiming.minute(NOW.plusSeconds(59), NOW)).isEqualTo(THIS_MINUTE + 1);
    assertThat(RefreshTiming.minute(NOW.plusSeconds(120), NOW)).isEqualTo(THIS_MINUTE + 2);
  }

  @Test
  void spreadsGrantsOfOneMinuteOverMany() {
    assertThat(IntStream.range(0, 200).mapToLong(i -> due(Duration.ofHours(8), Duration.ZERO)).distinct()
        .count()).isGreaterThan(30);
  }

  @ParameterizedTest
  @CsvSource({"0,7500,15000", "1,15000,30000", "4,120000,240000", "7,960000,1920000", "8,1800000,3600000",
      "9,1800000,3600000", "1000000,1800000,3600000"})
  void waitsLongerAfterEveryFailureUpToAnHour(int failures, long least, long most) {
    for (int i = 0; i < 200; i++)
      assertThat(RefreshTiming.standard().backoff(failures, Duration.ZERO)).isBetween(Duration.ofMillis(least),
          Duration.ofMillis(most));
  }

  @Test
  void waitsAtLeastAsLongAsTheServerAsks() {
    assertThat(RefreshTiming.standard().backoff(0, Duration.ofMinutes(10))).isEqualTo(Duration.ofMinutes(10));
    assertThat(RefreshTiming.standard().backoff(8, Duration.ofSeconds(1)))
        .isGreaterThanOrEqualTo(Duration.ofMinutes(30));
  }

  @Test
  void sameSourceOfJitterGivesTheSameTimes() {
    var one = new RefreshTiming(new SplittableRandom(7));
    var same = new RefreshTiming(new SplittableRandom(7));
    var tokens = tokens(Duration.ofHours(8), "r");
    for (int i = 0; i < 20; i++) {
      assertThat(one.dueMinute(tokens, NOW, NOW)).isEqualTo(same.dueMinute(tokens, NOW, NOW));
      assertThat(one.backoff(i, Duration.ZERO)).isEqualTo(same.backoff(i, Duration.ZERO));
    }
  }

  private static long due(@Nullable Duration life, Duration sinceUse) {
    return RefreshTiming.standard().dueMinute(tokens(life, "r"), NOW.minus(sinceUse), NOW);
  }

  private static long minutes(long later) {
    return THIS_MINUTE + later;
  }

  private static Tokens tokens(@Nullable Duration life, @Nullable String refreshToken) {
    return new Tokens(new AccessToken("a"), refreshToken == null ? null : new RefreshToken(refreshToken), Scopes.none(),
        NOW, life == null ? null : NOW.plus(life));
  }
}
