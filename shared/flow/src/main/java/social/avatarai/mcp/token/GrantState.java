package social.avatarai.mcp.token;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a grant is doing.
 *
 * @param status whether its refresh token still works
 * @param failures refresh attempts in a row that did not end in tokens
 * @param refusals how many of them were definite refusals
 * @param notBefore no refresh attempt before this; null for at once
 * @param lastUsed when a request last used it, to the hour
 * @param dueMinute the minute (since the epoch) at which the scheduled refresh looks at it; 0 for never
 * @param cause why it cannot be renewed; null where it can be, or where its issuer refused and there is no more to say
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
    /** The issuer's metadata names a token endpoint on another site; tokens are not sent there without a new consent. */
    TOKEN_ENDPOINT_MOVED
  }

  /** The state of a grant that has just been given or renewed. */
  public static GrantState healthy(Instant lastUsed, long dueMinute) {
    return new GrantState(Status.ACTIVE, 0, 0, null, lastUsed, dueMinute);
  }

  GrantState waiting(Instant until, boolean refused, long due) {
    return new GrantState(status, failures + 1, refusals + (refused ? 1 : 0), until, lastUsed, due);
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
