package social.avatarai.mcp.store;

import java.time.Instant;

import social.avatarai.mcp.UserId;

/** How many flows a user may begin: per user and hour, counted in one write. */
public interface StartQuota {

  /** Flows per user and hour: far more than a person needs, few enough that nobody fills the session table. */
  int PER_HOUR = 120;

  /** Counts one more flow; false when the user has begun {@value #PER_HOUR} in this hour. */
  boolean take(UserId user, Instant now);
}
