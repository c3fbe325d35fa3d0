package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.token.GrantState.Cause;
import social.avatarai.mcp.token.GrantState.Failed;

/**
 * Notes that an attempt brought no tokens: the grant waits, or has ended. What another attempt has noted since the grant
 * was read is never overwritten.
 */
final class FailedAttempts {
  /** The scheduled refresh comes this long after the end of the wait, so that it does not come too early. */
  private static final Duration AFTER_WAIT = Duration.ofMinutes(1);

  private final Grants grants;
  private final GrantWriter writer;
  private final DueGrants dueGrants;
  private final StateChanges changes;
  private final Clock clock;

  FailedAttempts(Grants grants, GrantWriter writer, DueGrants dueGrants, StateChanges changes, Clock clock) {
    this.grants = grants;
    this.writer = writer;
    this.dueGrants = dueGrants;
    this.changes = changes;
    this.clock = clock;
  }

  /**
   * When the next attempt follows.
   *
   * @param until no attempt before this time
   * @param refusals what the refusals in a row weigh
   * @param upstreamStatus the HTTP status of the response; null if there was none
   */
  record Wait(Instant until, int refusals, @Nullable Integer upstreamStatus) {}

  /**
   * Not now: the attempt is counted, and the scheduled refresh tries again later. A grant that has ended, and was tried
   * because the client has another secret, stays ended until tokens have come. The schedule does not try such a grant.
   */
  Freshness postpone(RefreshAttempt attempt, Cause cause, Wait wait) {
    var grant = attempt.grant();
    boolean ended = grant.state().needsReauthorization();
    long due = ended ? 0 : RefreshTiming.minute(wait.until().plus(AFTER_WAIT), clock.instant());
    if (!ended) dueGrants.schedule(grant.key(), due);
    var next = attempt.from().waiting(failed(attempt, cause), wait.until(), wait.refusals(), due);
    boolean noted = changes.write(grant.state(), grant.inState(next),
        waiting -> grants.noteState(grant, waiting.state()));
    if (!noted) return notedMeanwhile(attempt);
    return ended
        ? new Freshness.ConsentNeeded(wait.upstreamStatus())
        : new Freshness.Later(wait.until(), wait.upstreamStatus());
  }

  /** Ends the grant after repeated refusals, unless another attempt has noted its outcome meanwhile. */
  Freshness end(RefreshAttempt attempt, Cause cause, @Nullable Integer upstreamStatus) {
    return writeEnd(attempt, attempt.grant(), cause)
        ? new Freshness.ConsentNeeded(upstreamStatus)
        : notedMeanwhile(attempt);
  }

  /** Ends the grant in any state, because its refresh token is certainly dead. A newer version stays. */
  void endForGood(RefreshAttempt attempt, Cause cause) {
    var current = Optional.of(attempt.grant());
    while (current.isPresent() && !writeEnd(attempt, current.get(), cause)) {
      current = grants.read(attempt.grant().key())
          .filter(now -> now.isSameVersion(attempt.grant()) && !now.state().needsReauthorization());
    }
  }

  /** @return whether the write took place */
  private boolean writeEnd(RefreshAttempt attempt, Grant read, Cause cause) {
    var next = read.inState(read.state().needingReauthorization(failed(attempt, cause)));
    var mark = WriteMark.fresh();
    return changes.write(read.state(), next, ended -> writer.write(ended, attempt.deadline(),
        () -> grants.noteState(read, ended.state(), mark)));
  }

  private Failed failed(RefreshAttempt attempt, Cause cause) {
    return new Failed(cause, clock.instant(), attempt.usedSecret());
  }

  /** The outcome that another attempt has recorded counts. */
  private Freshness notedMeanwhile(RefreshAttempt attempt) {
    var current = grants.read(attempt.grant().key());
    boolean waits = current.filter(attempt.grant()::isSameVersion).filter(now -> !now.state().needsReauthorization())
        .isPresent();
    return waits ? Freshness.later(current.get(), clock.instant()) : Freshness.of(current);
  }
}
