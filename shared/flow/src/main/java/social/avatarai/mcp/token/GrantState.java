package social.avatarai.mcp.token;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a grant.
 *
 * @param status whether the refresh token still works
 * @param failures refresh attempts in a row that brought no tokens
 * @param refusals what the refusals since the last other outcome weigh: one in a word about the token counts 1, any
 *        other counts 2
 * @param notBefore no refresh attempt before this time; null for no wait
 * @param lastUsed when a request last used the grant, to the hour
 * @param dueMinute the minute (since the epoch) in which the scheduled refresh looks at the grant; 0 for never
 * @param cause why the grant cannot be renewed; null if it can be, or if its issuer refused without a further reason
 */
public record GrantState(Status status, int failures, int refusals, @Nullable Instant notBefore, Instant lastUsed,
    long dueMinute, @Nullable Cause cause) {

  /** A state without a cause. */
  public GrantState(Status status, int failures, int refusals, @Nullable Instant notBefore, Instant lastUsed,
      long dueMinute) {
    this(status, failures, refusals, notBefore, lastUsed, dueMinute, null);
  }

  /** Whether a grant can be renewed. */
  public enum Status {
    ACTIVE, REAUTHORIZATION_REQUIRED
  }

  /** Why a grant cannot be renewed. */
  public enum Cause {
    /**
     * The issuer's metadata names a token endpoint on another site. Tokens are not sent there without a new consent.
     */
    TOKEN_ENDPOINT_MOVED
  }

  /** The state of a grant that has just been given or renewed. */
  public static GrantState healthy(Instant lastUsed, long dueMinute) {
    return new GrantState(Status.ACTIVE, 0, 0, null, lastUsed, dueMinute);
  }

  /** After an attempt that brought no tokens. The refusals are those in a row, with this attempt. */
  GrantState waiting(Instant until, int refusalsInARow, long due) {
    return new GrantState(status, failures + 1, refusalsInARow, until, lastUsed, due);
  }

  GrantState needingReauthorization(@Nullable Cause why) {
    return new GrantState(Status.REAUTHORIZATION_REQUIRED, failures, refusals, null, lastUsed, 0, why);
  }

  GrantState usedAt(Instant now) {
    return new GrantState(status, failures, refusals, notBefore, now, dueMinute, cause);
  }

  GrantState dueAt(long minute) {
    return new GrantState(status, failures, refusals, notBefore, lastUsed, minute, cause);
  }

  public boolean needsReauthorization() {
    return status == Status.REAUTHORIZATION_REQUIRED;
  }

  public boolean mustWait(Instant now) {
    return notBefore != null && now.isBefore(notBefore);
  }
}
