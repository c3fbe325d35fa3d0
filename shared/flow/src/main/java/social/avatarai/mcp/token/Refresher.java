package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.SharedClock;
import social.avatarai.mcp.registration.CredentialSource;
import social.avatarai.mcp.token.Leases.Acquired;
import social.avatarai.mcp.token.Leases.Lease;

/**
 * The choke point of refresh: every refresh of a stored grant goes through this class.
 *
 * <p>The steps: consistent read, use the token if it is fresh and no renewal is forced, lease, one POST, fenced commit.
 * A lease is for one version of one grant and outlives every attempt, so a refresh token is never sent by two attempts
 * at once. After an unknown outcome, the refresh token is sent again only when the lease has run out. Not sending it
 * again would certainly lose the grant.
 */
public final class Refresher {
  /** A lease lasts this much longer than the attempt's own deadline. */
  private static final Duration BEYOND_DEADLINE = Duration.ofSeconds(15);
  private static final Duration BETWEEN_READS = Duration.ofMillis(200);
  /** Time reserved after the POST, for the commit. */
  private static final Duration FOR_COMMIT = Duration.ofSeconds(2);
  /** With less time than this, no attempt begins: the request needs {@link TokenEndpointFollower#MIN_FOR_POST} of it. */
  private static final Duration MIN_FOR_REFRESH = Duration.ofSeconds(7);
  /** How often the grant is read again to learn the time before a lease is acquired. */
  private static final int MAX_READS_FOR_TIME = 3;

  private final TokenEndpointFollower endpoint;
  private final CredentialSource credentials;
  private final Grants grants;
  private final Leases leases;
  private final RefreshRecorder recorder;
  private final UsedSecrets secrets;
  private final Clock clock;
  private final Pause pause;

  public Refresher(TokenEndpointFollower endpoint, CredentialSource credentials, Grants grants, Leases leases,
      RefreshRecorder recorder, UsedSecrets secrets, Clock clock, Pause pause) {
    this.endpoint = endpoint;
    this.credentials = credentials;
    this.grants = grants;
    this.leases = leases;
    this.recorder = recorder;
    this.secrets = secrets;
    this.clock = clock;
    this.pause = pause;
  }

  /** Tokens that have not expired, as far as their own expiry says. */
  public Freshness fresh(ConnectionKey key, Deadline deadline) {
    return grants.read(key).map(grant -> fresh(grant, deadline)).orElseGet(Freshness.ConsentNeeded::new);
  }

  /** The same for a grant that has just been read. If no renewal is possible, a token that has not expired is used. */
  public Freshness fresh(Grant grant, Deadline deadline) {
    if (RefreshTiming.isFresh(grant.tokens(), clock.instant())) return new Freshness.Fresh(grant);
    boolean usable = !grant.tokens().isExpired(clock.instant());
    // A caller with a usable token does not wait for another attempt.
    var outcome = newerThan(grant, !usable, deadline);
    return usable && !(outcome instanceof Freshness.Fresh) ? new Freshness.Fresh(grant) : outcome;
  }

  /** Tokens newer than these, which a server has refused or a caller wants to have renewed. */
  public Freshness newerThan(Grant seen, Deadline deadline) {
    return newerThan(seen, true, deadline);
  }

  private Freshness newerThan(Grant seen, boolean wait, Deadline deadline) {
    Optional<Grant> current = readForTime(seen);
    while (current.isPresent() && current.get().isSameVersion(seen)) {
      var turn = turn(current.get());
      var no = whyNot(turn, deadline);
      if (no.isPresent()) return no.get();
      var lease = new Lease(seen.key(), seen.id(), seen.version(),
          clock.instant().plus(inWholeSeconds(deadline.remaining())).plus(BEYOND_DEADLINE));
      switch (leases.acquire(lease, clock.instant())) {
        case Acquired.First _ -> {
          return attempt(turn, lease, deadline);
        }
        case Acquired.TakenOver _ -> {
          // The attempt before ours has committed, has noted a wait or the end of the grant, or ran out.
          current = underLease(lease, () -> grants.read(seen.key()));
          if (current.isPresent() && current.get().isSameVersion(seen)) {
            return attemptUnlessStopped(turn(current.get()), lease, deadline);
          }
        }
        case Acquired.Held _ -> {
          if (!wait) return Freshness.later(turn.grant(), clock.instant());
          pause.of(BETWEEN_READS);
          current = grants.read(seen.key());
        }
      }
    }
    return Freshness.of(current);
  }

  /**
   * The grant. It is read again where the process does not know the time of the store for sure: with a wrong time it
   * would take a lease from an attempt that is still under way.
   */
  private Optional<Grant> readForTime(Grant seen) {
    var current = Optional.of(seen);
    for (int reads = 0; reads < MAX_READS_FOR_TIME && SharedClock.isUnsure(clock); reads++)
      current = grants.read(seen.key());
    return current;
  }

  /**
   * An attempt that may follow.
   *
   * @param grant the grant as it was read
   * @param hasNewSecret whether the client's secret has changed since the last attempt failed
   */
  private record Turn(Grant grant, boolean hasNewSecret) {
    /** The state that the attempt begins from. */
    GrantState from() {
      return hasNewSecret ? grant.state().retrying() : grant.state();
    }

    boolean isOfEndedGrant() { return grant.state().needsReauthorization(); }
  }

  /**
   * If the client's secret has changed since the last attempt failed, it is as if no attempt had failed. The wait and
   * the end of a grant protect the issuer from attempts that would fail in the same way.
   */
  private Turn turn(Grant grant) {
    var state = grant.state();
    boolean stopped = state.needsReauthorization() || state.mustWait(clock.instant());
    return new Turn(grant, stopped && secrets.hasChanged(grant));
  }

  /** Why no attempt may follow; empty if one may. */
  private Optional<Freshness> whyNot(Turn turn, Deadline deadline) {
    boolean over = turn.grant().state().isOver() && !turn.hasNewSecret();
    if (over || turn.grant().tokens().refreshToken() == null) return Optional.of(new Freshness.ConsentNeeded());
    boolean possible = !turn.from().mustWait(clock.instant()) && deadline.hasAtLeast(MIN_FOR_REFRESH);
    return possible ? Optional.empty() : Optional.of(notNow(turn));
  }

  private Freshness notNow(Turn turn) {
    return turn.isOfEndedGrant()
        ? new Freshness.ConsentNeeded()
        : Freshness.later(turn.grant(), clock.instant());
  }

  private Freshness attemptUnlessStopped(Turn turn, Lease lease, Deadline deadline) {
    var no = whyNot(turn, deadline);
    if (no.isEmpty()) return attempt(turn, lease, deadline);
    leases.release(lease);
    return no.get();
  }

  private Freshness attempt(Turn turn, Lease lease, Deadline deadline) {
    var grant = turn.grant();
    var client = underLease(lease, () -> credentials.of(grant.client(), grant.target().registeredAt()));
    var attempt = new RefreshAttempt(grant, turn.from(), lease, secrets.digest(grant, client), deadline);
    return switch (endpoint.refresh(grant, client, Deadline.in(deadline.remaining().minus(FOR_COMMIT)))) {
      case TokenEndpointFollower.Sent(var sent, var response) -> recorder.record(attempt.at(sent), response);
      case TokenEndpointFollower.Moved _ -> recorder.recordMoved(attempt);
      case TokenEndpointFollower.NoTime _ -> {
        leases.release(lease);
        yield notNow(turn);
      }
    };
  }

  /** The resource server refuses a token, and another one of this issuer would not help, or cannot be had. */
  public void noteRejected(Grant grant) {
    recorder.recordRejected(grant);
  }

  /** The resource server takes the token. Nothing is written, unless it has refused the tokens of this grant before. */
  public void noteAccepted(Grant grant) {
    recorder.recordAccepted(grant);
  }

  /** If this fails, nothing is sent. So the lease is released, and the next attempt may begin at once. */
  private <T> T underLease(Lease lease, Supplier<T> beforeSending) {
    try {
      return beforeSending.get();
    } catch (RuntimeException e) {
      leases.release(lease);
      throw e;
    }
  }

  /** Rounded up, so that the end of a lease follows from the time at which it began. */
  private static Duration inWholeSeconds(Duration duration) {
    return Duration.ofSeconds(duration.plusNanos(999_999_999).toSeconds());
  }
}
