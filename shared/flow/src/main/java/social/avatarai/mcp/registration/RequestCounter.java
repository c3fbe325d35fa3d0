package social.avatarai.mcp.registration;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.UserId;

/**
 * Counts a user's calls in an hour, the step-ups of a connection in an hour, and the sessions that MCP clients of a user
 * end in an hour. Each is counted in one write. {@link RequestBudget} says which calls are counted.
 */
public interface RequestCounter {

  /**
   * Step-ups per connection and hour. Each step-up asks for more scopes than the one before. A server that always asks
   * for more must not send its user to one consent page after the other.
   */
  int MAX_STEP_UPS_PER_HOUR = 3;
  /**
   * Sessions that the MCP clients of a user may end in an hour. Each leaves a row until the session would have ended by
   * itself. A session that is not ended gives no rights, so a client loses nothing.
   */
  int MAX_SESSION_ENDS_PER_HOUR = 100;

  /**
   * The result of counting a call.
   *
   * @param isWithin whether the call is within the limit; a call beyond the limit is not counted
   * @param calls the calls of this user in this hour, with this one
   * @param seen what was noted with {@link #noteGrants} in this hour; null if nothing was
   */
  record Count(boolean isWithin, long calls, @Nullable GrantsSeen seen) {}

  /**
   * How many grants a user had.
   *
   * @param grants the number of grants
   * @param atCall the number of the call that counted them
   */
  record GrantsSeen(int grants, long atCall) {}

  /** Counts one more call of a user, unless the user has had this many in this hour. */
  Count count(UserId user, int most, Instant now);

  /** Notes how many grants the user has, beside the count of this hour. */
  void noteGrants(UserId user, GrantsSeen seen, Instant now);

  /** Counts one more step-up; false if the connection has had {@value #MAX_STEP_UPS_PER_HOUR} in this hour. */
  boolean takeStepUp(ConnectionKey connection, Instant now);

  /** Counts one more session; false if the user has ended {@value #MAX_SESSION_ENDS_PER_HOUR} in this hour. */
  boolean takeSessionEnd(UserId user, Instant now);
}
