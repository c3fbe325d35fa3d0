package social.avatarai.mcp.registration;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;

/** How many flows a user may begin: per user and hour, and of them step-ups per connection, each counted in one write. */
public interface StartQuota {

  /** Flows per user and hour: far more than a person needs, few enough that nobody fills the session table. */
  int PER_HOUR = 120;

  /**
   * Step-ups of one connection and hour: each asks for more than the one before, and a server that never has enough must
   * not send its user to one consent page after the other.
   */
  int STEP_UPS_PER_HOUR = 3;

  /** What a user is answered who has had too many: the next hour begins a new count. */
  static Failure exceeded(String message, Instant now) {
    return new Failure.BadRequest(ErrorCode.TOO_MANY_REQUESTS, message)
        .withRetryAt(now.truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS));
  }

  /** Counts one more step-up; false when the connection has had {@value #STEP_UPS_PER_HOUR} in this hour. */
  boolean takeStepUp(ConnectionKey connection, Instant now);

  /** Counts one more flow; false when the user has begun {@value #PER_HOUR} in this hour. */
  boolean take(UserId user, Instant now);
}
