package social.avatarai.mcp.token;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import social.avatarai.mcp.token.DueGrants.Due;

/**
 * The markers that this process has handled lately. Runs read the markers of the last minutes again, because another
 * process may have put one late. The grants of those that were handled need not be read again.
 */
final class HandledMarkers {
  /** More are not remembered: then grants are read once more, which costs reads and nothing else. */
  private static final int MAX_REMEMBERED = 100_000;

  private final Set<Due> handled = ConcurrentHashMap.newKeySet();
  /** The markers whose grants must be looked at again, so that they are never taken as handled. */
  private final Set<Due> again = ConcurrentHashMap.newKeySet();

  boolean contains(Due due) {
    return handled.contains(due);
  }

  /** Says that the grant of this marker must be looked at again. */
  void lookAgain(Due due) {
    again.add(due);
    handled.remove(due);
  }

  /** Notes the markers of a run that has ended. */
  void note(Collection<Due> more, long now) {
    long oldest = now - ScheduledRefresh.OVERLAP_MINUTES - 1;
    handled.removeIf(due -> due.minute() < oldest);
    if (handled.size() + more.size() <= MAX_REMEMBERED) handled.addAll(more);
    handled.removeAll(again);
    again.removeIf(due -> due.minute() < oldest);
  }
}
