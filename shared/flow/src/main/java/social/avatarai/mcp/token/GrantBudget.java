package social.avatarai.mcp.token;

import java.time.Clock;
import social.avatarai.mcp.Budgets;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.registration.CountedCall;
import social.avatarai.mcp.registration.RequestCounter;
import social.avatarai.mcp.registration.RequestCounter.GrantsSeen;

/**
 * The grants that one user may keep. A flow for a connection without a grant is refused when the user has this many.
 *
 * <p>The grants are not counted at each start. They are counted, in one query, at the first such start of an hour, and
 * their number is noted beside the user's count of calls. Each counted call begins one flow at most. So the noted number
 * and the calls counted since then are together more than the user can have, and as long as they are below the limit,
 * nothing is counted. From there on the grants are counted at each such start. Flows that are begun and not finished are
 * not seen then: a user can exceed the limit by the flows that are unfinished at that moment, and not by more.
 */
public final class GrantBudget {
  private final Grants grants;
  private final RequestCounter counter;
  private final Budgets budgets;
  private final Clock clock;

  public GrantBudget(Grants grants, RequestCounter counter, Budgets budgets, Clock clock) {
    this.grants = grants;
    this.counter = counter;
    this.budgets = budgets;
    this.clock = clock;
  }

  /** Refuses one more grant to a user who has the most that a user may have. */
  public void requireRoom(UserId user, CountedCall call) {
    if (budgets.grants() == 0 || hasRoom(call)) return;
    int kept = grants.count(user);
    if (kept >= budgets.grants()) {
      throw new Failure.BadRequest(ErrorCode.TOO_MANY_REQUESTS,
          "A user keeps at most " + budgets.grants() + " grants: disconnect a server first.");
    }
    counter.noteGrants(user, new GrantsSeen(kept, call.calls()), clock.instant());
  }

  private boolean hasRoom(CountedCall call) {
    var seen = call.seen();
    return seen != null && seen.grants() + call.calls() - seen.atCall() < budgets.grants();
  }
}
