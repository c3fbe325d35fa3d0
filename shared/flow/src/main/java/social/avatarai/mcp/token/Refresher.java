package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.registration.ClientCredentials;
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
  /** With less time than this, no refresh token is sent, because the response could not be committed. */
  private static final Duration MIN_FOR_REFRESH = Duration.ofSeconds(3);
  /** Time reserved after the POST, for the commit. */
  private static final Duration FOR_COMMIT = Duration.ofSeconds(2);

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
    Optional<Grant> current = Optional.of(seen);
    while (current.isPresent() && current.get().isSameVersion(seen)) {
      var grant = sinceSecretChanged(current.get());
      if (grant.state().needsReauthorization() || grant.tokens().refreshToken() == null) {
        return new Freshness.ConsentNeeded();
      }
      if (grant.state().mustWait(clock.instant()) || !deadline.hasAtLeast(MIN_FOR_REFRESH)) return later(grant);
      var lease = new Lease(grant.key(), grant.id(), grant.version(),
          clock.instant().plus(inWholeSeconds(deadline.remaining())).plus(BEYOND_DEADLINE));
      switch (leases.acquire(lease, clock.instant())) {
        case Acquired.First _ -> {
          return attempt(grant, lease, deadline);
        }
        case Acquired.TakenOver _ -> {
          // The attempt before ours ran out without a result, but it may have committed in its last moment.
          current = grants.read(grant.key());
          if (current.isPresent() && current.get().isSameVersion(seen)) {
            return attempt(sinceSecretChanged(current.get()), lease, deadline);
          }
        }
        case Acquired.Held _ -> {
          if (!wait) return later(grant);
          pause.of(BETWEEN_READS);
          current = grants.read(grant.key());
        }
      }
    }
    return Freshness.of(current);
  }

  /**
   * The grant as if no attempt had failed, if the client's secret has changed since the last one failed. The wait and
   * the end of a grant protect the issuer from attempts that would fail in the same way.
   */
  private Grant sinceSecretChanged(Grant grant) {
    boolean stopped = grant.state().needsReauthorization() || grant.state().mustWait(clock.instant());
    return stopped && secrets.hasChanged(grant) ? grant.inState(grant.state().retrying()) : grant;
  }

  private Freshness attempt(Grant grant, Lease lease, Deadline deadline) {
    var client = findCredentials(grant, lease);
    var attempt = new RefreshRecorder.Attempt(grant, lease, secrets.digest(grant, client));
    return endpoint.refresh(grant, client, Deadline.in(deadline.remaining().minus(FOR_COMMIT)))
        .map(sent -> recorder.record(attempt.at(sent.grant()), sent.response(), deadline))
        .orElseGet(() -> recorder.recordMoved(attempt));
  }

  /** The resource server refuses a token that has just been renewed. */
  public void noteRejected(Grant grant) {
    recorder.recordRejected(grant);
  }

  /** The resource server takes the token. Nothing is written, unless it has refused the tokens of this grant before. */
  public void noteAccepted(Grant grant) {
    recorder.recordAccepted(grant);
  }

  /** Without credentials nothing is sent, so the lease is released and the next attempt may begin at once. */
  private ClientCredentials findCredentials(Grant grant, Lease lease) {
    try {
      return credentials.of(grant.client(), grant.target().issuer());
    } catch (RuntimeException e) {
      leases.release(lease);
      throw e;
    }
  }

  /** Rounded up, so that the end of a lease follows from the time at which it began. */
  private static Duration inWholeSeconds(Duration duration) {
    return Duration.ofSeconds(duration.plusNanos(999_999_999).toSeconds());
  }

  private Freshness later(Grant grant) {
    var notBefore = grant.state().notBefore();
    return new Freshness.Later(notBefore == null ? clock.instant() : notBefore);
  }
}
