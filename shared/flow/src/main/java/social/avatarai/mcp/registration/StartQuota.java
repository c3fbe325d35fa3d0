package social.avatarai.mcp.registration;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;

/** Limits the flows per user and hour, and the step-ups per connection and hour. Each is counted in one write. */
public interface StartQuota {

  /** Flows per user and hour: far more than a person needs, and too few to fill the session table. */
  int MAX_PER_HOUR = 120;

  /**
   * Step-ups per connection and hour. Each step-up asks for more scopes than the one before. A server that always asks
   * for more must not send its user to one consent page after the other.
   */
  int MAX_STEP_UPS_PER_HOUR = 3;

  /** The failure for a user over the limit. A new count begins with the next hour. */
  static Failure exceeded(String message, Instant now) {
    return new Failure.BadRequest(ErrorCode.TOO_MANY_REQUESTS, message)
        .withRetryAt(now.truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS));
  }

  /** Counts one more step-up; false if the connection has had {@value #MAX_STEP_UPS_PER_HOUR} in this hour. */
  boolean takeStepUp(ConnectionKey connection, Instant now);

  /** Counts one more flow; false if the user has begun {@value #MAX_PER_HOUR} in this hour. */
  boolean take(UserId user, Instant now);
}
