package social.avatarai.mcp.token;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/** When grants are refreshed. Times are jittered: grants given in one minute must not fall due in one minute. */
final class RefreshTiming {
  /** A token this near its end is renewed before it is used: clocks differ, and requests take their time. */
  private static final Duration MARGIN = Duration.ofSeconds(30);
  /** Grants used within this time are refreshed ahead of expiry, the others only kept alive. */
  private static final Duration LATELY = Duration.ofDays(1);
  /** Idle refresh tokens lapse at some servers after two weeks; a day is well within all that are known. */
  private static final Duration KEEP_ALIVE = Duration.ofDays(1);
  private static final Duration FIRST_WAIT = Duration.ofSeconds(15);
  private static final Duration MAX_WAIT = Duration.ofHours(1);

  private RefreshTiming() {}

  /** Whether an access token can be used without renewing it first. A short-lived one keeps half of its life. */
  static boolean isFresh(Tokens tokens, Instant now) {
    if (tokens.expiresAt() == null) return true;
    var life = Duration.between(tokens.obtainedAt(), tokens.expiresAt());
    var margin = life.dividedBy(2).compareTo(MARGIN) < 0 ? life.dividedBy(2) : MARGIN;
    return now.isBefore(tokens.expiresAt().minus(margin));
  }

  /** The minute at which the scheduled refresh looks at a healthy grant; 0 when there is nothing to refresh. */
  static long dueMinute(Tokens tokens, Instant lastUsed, Instant now) {
    if (tokens.refreshToken() == null) return 0;
    boolean usedLately = lastUsed.plus(LATELY).isAfter(now);
    if (!usedLately || tokens.expiresAt() == null) return minute(now.plus(jittered(KEEP_ALIVE, 0.8, 1.0)), now);
    var life = Duration.between(now, tokens.expiresAt());
    // However long the access token lives, the refresh token behind it may lapse before.
    var shorter = life.compareTo(KEEP_ALIVE) < 0 ? life : KEEP_ALIVE;
    return minute(now.plus(jittered(shorter, 0.7, 0.9)), now);
  }

  /** The minute of the next attempt after this moment; always a minute that no run has passed. */
  static long minute(Instant moment, Instant now) {
    return Math.max(moment.getEpochSecond() / 60, now.getEpochSecond() / 60 + 1);
  }

  /** Full jitter, doubling: the n-th failure in a row waits up to 15 s · 2ⁿ, at least what the server asks for. */
  static Duration backoff(int failures, Duration requested) {
    var most = FIRST_WAIT.multipliedBy(1L << Math.min(failures, 8));
    var wait = jittered(most.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : most, 0.5, 1.0);
    return wait.compareTo(requested) > 0 ? wait : requested;
  }

  private static Duration jittered(Duration whole, double from, double to) {
    double share = ThreadLocalRandom.current().nextDouble(from, to);
    return Duration.ofMillis((long) (whole.toMillis() * share));
  }
}
