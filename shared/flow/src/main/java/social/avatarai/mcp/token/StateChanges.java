package social.avatarai.mcp.token;

import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Journal;

/** The one place where a grant changes its state. Each change of the status or the cause is logged once. */
final class StateChanges {
  private final Journal journal;

  StateChanges(Journal journal) {
    this.journal = journal;
  }

  /**
   * Writes a grant in its new state, and logs the change if the write took place and the state is another one.
   *
   * @param before the state before
   * @param next the grant as it is to be written
   * @param write writes the grant; false if the row has changed since, and nothing is written
   * @return whether the write took place
   */
  boolean write(GrantState before, Grant next, Predicate<Grant> write) {
    boolean written = write.test(next);
    String event = event(before, next.state());
    if (written && event != null) {
      var cause = next.state().cause();
      journal.write(event, Map.of("connection", next.key().connection(), "detail",
          cause == null ? "" : cause.wireName()));
    }
    return written;
  }

  /**
   * Logs that the resource server begins to refuse the tokens of a grant, or takes them again.
   *
   * @param noted whether the change was written: it is no change if another call has written it before
   */
  void rejection(Grant grant, boolean rejects, boolean noted) {
    if (!noted) return;
    journal.write(rejects ? "resource_rejects" : "resource_accepts",
        Map.of("connection", grant.key().connection(), "detail", ""));
  }

  /** The name of the change in the log; null if it is none. */
  private static @Nullable String event(GrantState before, GrantState after) {
    boolean sameCause = Objects.equals(before.cause(), after.cause());
    if (after.needsReauthorization()) {
      return before.needsReauthorization() && sameCause ? null : "reauthorization_required";
    }
    if (after.isFailing()) return isTroubled(before) && sameCause ? null : "refresh_waits";
    return isTroubled(before) ? "grant_recovered" : null;
  }

  /** Rows of earlier releases have failures without a cause. */
  private static boolean isTroubled(GrantState state) {
    return state.isFailing() || state.needsReauthorization() || state.cause() != null;
  }
}
