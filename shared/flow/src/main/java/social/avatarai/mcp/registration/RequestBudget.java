package social.avatarai.mcp.registration;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import social.avatarai.mcp.Budgets;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.UserCall;

/**
 * The calls that one user may make in an hour in order to discover servers, to register clients and to begin flows, all
 * together. A call is counted once, in one write, before the first request of that step goes out. Otherwise a user could
 * have this service send any number of requests to servers of others, and fill the tables with what is begun.
 *
 * <p>These calls are not counted: a call of the app's own backend, a call with a grant that its server accepts, a call
 * with the caller's own token, and a call to a server of the registry that has answered without a token before.
 */
public final class RequestBudget {
  private final RequestCounter counter;
  private final Budgets budgets;
  private final Clock clock;

  public RequestBudget(RequestCounter counter, Budgets budgets, Clock clock) {
    this.counter = counter;
    this.budgets = budgets;
    this.clock = clock;
  }

  /** Counts a call of the user; {@code too_many_requests} if the user has no call left in this hour. */
  public CountedCall take(UserId user) {
    if (UserCall.isOfOperator()) return new CountedCall(0, null);
    // The count is also what the budget of grants goes by.
    if (budgets.requestsPerHour() == 0 && budgets.grants() == 0) return new CountedCall(0, null);
    var now = clock.instant();
    int most = budgets.requestsPerHour() == 0 ? Integer.MAX_VALUE : budgets.requestsPerHour();
    var count = counter.count(user, most, now);
    if (count.isWithin()) return new CountedCall(count.calls(), count.seen());
    throw exceeded("A user has at most " + most
        + " discovery, registration and start calls in an hour, together; try again in the next hour.", now);
  }

  /** The count of one call whose steps do not know of each other. Nothing is counted yet. */
  public CallCount callOf(UserId user) {
    return new CallCount(this, user);
  }

  /** Counts a step-up; {@code too_many_requests} if a server asks for one after the other. */
  public void takeStepUp(ConnectionKey connection) {
    var now = clock.instant();
    if (counter.takeStepUp(connection, now)) return;
    throw exceeded(
        "The server asks for ever more scopes, and a connection has at most " + RequestCounter.MAX_STEP_UPS_PER_HOUR
            + " step-ups in an hour; try again in the next hour.",
        now);
  }

  /** Counts a session that a client of the user ends; {@code too_many_requests} if there were too many in this hour. */
  public void takeSessionEnd(UserId user) {
    if (UserCall.isOfOperator()) return;
    var now = clock.instant();
    if (counter.takeSessionEnd(user, now)) return;
    throw exceeded("The clients of a user end at most " + RequestCounter.MAX_SESSION_ENDS_PER_HOUR
        + " sessions in an hour. The session needs no end: it ends by itself.", now);
  }

  /** A new count begins with the next hour. */
  private static Failure exceeded(String message, Instant now) {
    return new Failure.BadRequest(ErrorCode.TOO_MANY_REQUESTS, message)
        .withRetryAt(now.truncatedTo(ChronoUnit.HOURS).plus(1, ChronoUnit.HOURS));
  }
}
