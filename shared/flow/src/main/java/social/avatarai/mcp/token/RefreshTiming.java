package social.avatarai.mcp.token;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/** When grants are refreshed. Times have jitter, so that grants of the same minute are not due in the same minute. */
public final class RefreshTiming {
  /** A token that expires within this time is renewed before its use, because clocks differ and requests take time. */
  private static final Duration REFRESH_AHEAD = Duration.ofSeconds(30);
  /** Grants used within this time are refreshed before they expire. The refresh tokens of the others are kept alive. */
  private static final Duration RECENT_USE = Duration.ofDays(1);
  /** At some servers, idle refresh tokens lapse after two weeks. A day is shorter than all known limits. */
  private static final Duration KEEP_ALIVE = Duration.ofDays(1);
  /**
   * The schedule leaves tokens of a shorter life to their use: it looks at grants once a minute, and an issuer that
   * hands out such tokens would decide how often we write.
   */
  static final Duration MIN_SCHEDULED_LIFE = Duration.ofMinutes(5);
  /** How far the clocks of two processes may be apart. */
  static final int SKEW_MINUTES = 5;
  private static final Duration FIRST_WAIT = Duration.ofSeconds(15);
  private static final Duration MAX_WAIT = Duration.ofHours(1);

  private static final RefreshTiming STANDARD = new RefreshTiming(new SecureRandom());

  private final RandomGenerator random;

  /**
   * A timing with its own source of jitter: a test gives a seeded one, so that its run can be repeated.
   *
   * @param random many threads may use it at once
   */
  public RefreshTiming(RandomGenerator random) {
    this.random = random;
  }

  /** The timing of a service. */
  public static RefreshTiming standard() {
    return STANDARD;
  }

  /** Whether an access token can be used without a renewal. A short-lived token can be used for half of its life. */
  static boolean isFresh(Tokens tokens, Instant now) {
    if (tokens.expiresAt() == null) return true;
    var life = Duration.between(tokens.obtainedAt(), tokens.expiresAt());
    var margin = life.dividedBy(2).compareTo(REFRESH_AHEAD) < 0 ? life.dividedBy(2) : REFRESH_AHEAD;
    return now.isBefore(tokens.expiresAt().minus(margin));
  }

  /** The minute in which the scheduled refresh looks at a healthy grant; 0 if there is nothing to refresh. */
  long dueMinute(Tokens tokens, Instant lastUsed, Instant now) {
    if (tokens.refreshToken() == null) return 0;
    boolean usedRecently = lastUsed.plus(RECENT_USE).isAfter(now);
    if (!usedRecently || tokens.expiresAt() == null || isShortLived(tokens))
      return minute(now.plus(jittered(KEEP_ALIVE, 0.8, 1.0)), now);
    var life = Duration.between(now, tokens.expiresAt());
    // The refresh token may lapse before a long-lived access token expires.
    var shorter = life.compareTo(KEEP_ALIVE) < 0 ? life : KEEP_ALIVE;
    return minute(now.plus(jittered(shorter, 0.7, 0.9)), now);
  }

  private static boolean isShortLived(Tokens tokens) {
    return tokens.expiresAt() != null
        && Duration.between(tokens.obtainedAt(), tokens.expiresAt()).compareTo(MIN_SCHEDULED_LIFE) < 0;
  }

  /** The minute of the next attempt, not before this moment. No run has passed this minute yet. */
  public static long minute(Instant moment, Instant now) {
    return Math.max(minute(moment), minute(now) + 1);
  }

  /** The minute (since the epoch) of this moment. */
  public static long minute(Instant moment) {
    return moment.getEpochSecond() / 60;
  }

  /**
   * The wait doubles, with jitter: after n failures in a row up to 15 s · 2ⁿ, but at least what the server requested.
   */
  Duration backoff(int failures, Duration requested) {
    var longest = FIRST_WAIT.multipliedBy(1L << Math.min(failures, 8));
    var wait = jittered(longest.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : longest, 0.5, 1.0);
    return wait.compareTo(requested) > 0 ? wait : requested;
  }

  private Duration jittered(Duration whole, double from, double to) {
    double share = random.nextDouble(from, to);
    return Duration.ofMillis((long) (whole.toMillis() * share));
  }
}
