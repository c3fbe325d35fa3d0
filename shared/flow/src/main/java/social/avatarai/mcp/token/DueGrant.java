package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.http.ResponseHead;
import social.avatarai.mcp.token.DueGrants.Due;
import social.avatarai.mcp.token.EndpointBreakers.Word;
import social.avatarai.mcp.token.RefreshLanes.Lane;

/** What a run does with the grant of one marker: it looks at the grant, and sends it through the {@link Refresher}. */
final class DueGrant {
  private static final Duration AFTER_UNREADABLE = Duration.ofMinutes(30);
  private static final Duration AFTER_ATTEMPT = Duration.ofMinutes(1);

  private final Grants grants;
  private final GrantSwitch recorded;
  private final Refresher refresher;
  private final EndpointBreakers breakers;
  private final LaterMarkers later;
  private final Clock clock;
  private final Journal journal;

  DueGrant(Grants grants, GrantSwitch recorded, Refresher refresher, EndpointBreakers breakers, LaterMarkers later,
      Clock clock,
      Journal journal) {
    this.grants = grants;
    this.recorded = recorded;
    this.refresher = refresher;
    this.breakers = breakers;
    this.later = later;
    this.clock = clock;
    this.journal = journal;
  }

  /** The grant of a marker, if it is due: one read, and one of its record where it is switched off. */
  Optional<Grant> look(Due due, RunCount count) {
    try {
      return grants.read(due.key()).map(recorded::current).filter(grant -> isDue(grant, due));
    } catch (Failure e) {
      // The grant is not readable now, or ever. The run passes its marker, so it gets another one.
      journal.write("scheduled_refresh_unreadable", Map.of("connection", due.key().connection(), "detail", e.detail()));
      later.postpone(due, AFTER_UNREADABLE);
      count.postponed.incrementAndGet();
      return Optional.empty();
    }
  }

  /** A marker from before the grant's own minute is stale. A grant whose server is switched off is never due. */
  private static boolean isDue(Grant grant, Due due) {
    return grant.enabled() && grant.state().dueMinute() > 0 && grant.state().dueMinute() <= due.minute();
  }

  /** Makes one attempt. A grant that could not be renewed gets another marker. */
  void attempt(Grant grant, Due due, Deadline share, RunCount count) {
    var lane = Lane.of(grant);
    var closedUntil = breakers.closedTo(lane);
    if (closedUntil.isPresent()) {
      count.skippedByBreaker.incrementAndGet();
      later.postpone(due, Duration.between(clock.instant(), closedUntil.get()));
      return;
    }
    count.late(RefreshTiming.minute(clock.instant()) - grant.state().dueMinute());
    var word = Word.NONE;
    try {
      var outcome = refresher.newerThan(grant, share);
      word = word(grant, outcome);
      boolean renewed = outcome instanceof Freshness.Fresh;
      (renewed ? count.refreshed : count.postponed).incrementAndGet();
      if (outcome instanceof Freshness.Later) postponeIfStillDue(grant, due);
    } catch (RuntimeException e) {
      // A failure of one grant must not stop the run. The grant gets another marker.
      journal.write("scheduled_refresh_failed", Map.of("connection", grant.key().connection(), "detail",
          e.getClass().getName()));
      count.postponed.incrementAndGet();
      postponeIfStillDue(grant, due);
    } finally {
      breakers.note(lane, word);
    }
  }

  /**
   * What the outcome says about the endpoint. An attempt that was not made, because another one holds the lease or the
   * grant must wait, says nothing. Nor does a 429 to a user's own client: the issuer may limit each client, and a few
   * accounts of one attacker would stop the grants of all other users there.
   */
  private Word word(Grant seen, Freshness outcome) {
    if (!(outcome instanceof Freshness.Later(var notBefore, var status))) return Word.RESPONDED;
    if (seen.state().mustWait(clock.instant()) || !notBefore.isAfter(clock.instant())) return Word.NONE;
    if (status != null && status == 429 && !seen.client().owner().isDeployment()) return Word.NONE;
    return status == null || ResponseHead.isUnavailable(status) ? Word.FAILED : Word.RESPONDED;
  }

  /** Gives a grant that could not be renewed another marker, unless the attempt has already set another time. */
  private void postponeIfStillDue(Grant seen, Due due) {
    var current = grants.read(seen.key());
    if (current.filter(grant -> isDue(grant, due)).isPresent()) later.postpone(due, AFTER_ATTEMPT);
  }
}
