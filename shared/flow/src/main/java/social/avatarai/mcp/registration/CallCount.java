package social.avatarai.mcp.registration;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.UserId;

/**
 * Counts one API call of a user in the user's budget of requests, at the first step that must be counted. Several steps
 * of a call may ask for it; the call is counted once.
 */
public final class CallCount {
  private final RequestBudget budget;
  private final UserId user;
  private @Nullable CountedCall counted;

  CallCount(RequestBudget budget, UserId user) {
    this.budget = budget;
    this.user = user;
  }

  /** Counts the call, unless it is counted; {@code too_many_requests} if the user has no call left in this hour. */
  public CountedCall take() {
    if (counted == null) counted = budget.take(user);
    return counted;
  }
}
