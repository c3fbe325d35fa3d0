package social.avatarai.mcp.token;

import java.time.Clock;
import social.avatarai.mcp.Budgets;
import social.avatarai.mcp.ConnectionKey;
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
 * nothing is counted. From there on the grants are counted at each such start.
 *
 * <p>Flows that are begun and not finished are not seen then. So a flow is marked as limited if the user may have begun
 * enough of them ({@link #mayBeExceeded}). The grants are counted once more at the end of such a flow.
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

  /**
   * Refuses one more grant to a user who has the most that a user may have.
   *
   * @return the call, with the number of grants that is known now
   */
  public CountedCall requireRoom(UserId user, CountedCall call) {
    if (budgets.grants() == 0 || hasRoom(call)) return call;
    int kept = grants.count(user);
    if (kept >= budgets.grants()) throw exceeded();
    var seen = new GrantsSeen(kept, call.calls());
    counter.noteGrants(user, seen, clock.instant());
    return new CountedCall(call.calls(), seen);
  }

  /**
   * Whether the flows that the user may have begun could bring more grants than the limit. Flows of two hours can end
   * at the same time, so half of the limit is for those of each hour.
   */
  public boolean mayBeExceeded(CountedCall call) {
    int kept = call.seen() == null ? 0 : call.seen().grants();
    return budgets.grants() > 0 && 2 * (kept + call.calls()) >= budgets.grants();
  }

  /** Refuses the grant of a consent to a user who has the most, unless the connection has a grant already. */
  public void requireRoomFor(ConnectionKey connection) {
    if (budgets.grants() == 0) return;
    var kept = grants.connections(connection.user());
    if (kept.size() >= budgets.grants() && !kept.contains(connection.connection())) throw exceeded();
  }

  private Failure exceeded() {
    return new Failure.BadRequest(ErrorCode.TOO_MANY_REQUESTS,
        "A user keeps at most " + budgets.grants() + " grants: disconnect a server first.");
  }

  private boolean hasRoom(CountedCall call) {
    var seen = call.seen();
    return seen != null && seen.grants() + call.calls() - seen.atCall() < budgets.grants();
  }
}
