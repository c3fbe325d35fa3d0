package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.CredentialSource;
import social.avatarai.mcp.registration.Credentials;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.token.GrantState.Cause;
import social.avatarai.mcp.token.Leases.Acquired;
import social.avatarai.mcp.token.Leases.Lease;

/**
 * The one choke point through which every refresh goes, whoever asks for it.
 *
 * <p>Consistent read → fresh enough and nobody forces it: use it → lease → one POST → fenced commit. A lease is for one
 * version of one grant and outlives every attempt, so that a refresh token is never sent by two at once. After an outcome
 * that nobody knows it is sent again only when the lease has run out: not trying would lose the grant for certain.
 */
public final class Refresher {
  /** How much longer than the attempt's own deadline a lease lasts. */
  private static final Duration BEYOND_DEADLINE = Duration.ofSeconds(15);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
  /** Less time than this is too little to send a refresh token in and to commit what comes back. */
  private static final Duration ENOUGH = Duration.ofSeconds(3);
  /** Kept back from the POST, so that there is time to commit. */
  private static final Duration FOR_COMMIT = Duration.ofSeconds(2);
  /**
   * Refusals other than a dead grant, and metadata that moves the token endpoint to another site, may be transient. Only a
   * second one, at least this much later, ends the grant.
   */
  private static final Duration AFTER_REFUSAL = Duration.ofMinutes(15);

  private final TokenEndpointFollower endpoint;
  private final CredentialSource credentials;
  private final Grants grants;
  private final Leases leases;
  private final DueGrants dueGrants;
  private final GrantWriter marked;
  private final Registrations registrations;
  private final Revocation revocation;
  private final Clock clock;
  private final Pause pause;
  private final Journal journal;

  public Refresher(TokenEndpointFollower endpoint, CredentialSource credentials, Grants grants, Leases leases,
      DueGrants dueGrants, Registrations registrations, Revocation revocation, Clock clock, Pause pause,
      Journal journal) {
    this.endpoint = endpoint;
    this.credentials = credentials;
    this.grants = grants;
    this.leases = leases;
    this.dueGrants = dueGrants;
    this.marked = new GrantWriter(dueGrants, new StoreRetry(pause, journal), journal);
    this.registrations = registrations;
    this.revocation = revocation;
    this.clock = clock;
    this.pause = pause;
    this.journal = journal;
  }

  /** Tokens that are fresh by their own account. */
  public Freshness fresh(ConnectionKey key, Deadline deadline) {
    return grants.read(key).map(grant -> fresh(grant, deadline)).orElseGet(Freshness.ConsentNeeded::new);
  }

  /** The same for a grant that has just been read. A token that has not ended is used rather than nothing. */
  public Freshness fresh(Grant grant, Deadline deadline) {
    if (RefreshTiming.isFresh(grant.tokens(), clock.instant())) return new Freshness.Fresh(grant);
    boolean usable = !grant.tokens().isExpired(clock.instant());
    // Who has a token that works does not wait for somebody else's attempt.
    var outcome = newerThan(grant, !usable, deadline);
    return usable && !(outcome instanceof Freshness.Fresh) ? new Freshness.Fresh(grant) : outcome;
  }

  /** Tokens newer than these, which a server has refused or a caller has had enough of. */
  public Freshness newerThan(Grant seen, Deadline deadline) {
    return newerThan(seen, true, deadline);
  }

  private Freshness newerThan(Grant seen, boolean waits, Deadline deadline) {
    Optional<Grant> current = Optional.of(seen);
    while (current.isPresent() && current.get().isSameVersion(seen)) {
      var grant = current.get();
      if (grant.state().needsReauthorization() || grant.tokens().refreshToken() == null) {
        return new Freshness.ConsentNeeded();
      }
      if (grant.state().mustWait(clock.instant()) || !deadline.hasAtLeast(ENOUGH)) return later(grant);
      var lease = new Lease(grant.key(), grant.id(), grant.version(),
          clock.instant().plus(deadline.remaining()).plus(BEYOND_DEADLINE));
      switch (leases.acquire(lease, clock.instant())) {
        case Acquired.First _ -> {
          return attempt(grant, lease, deadline);
        }
        case Acquired.TakenOver _ -> {
          // The attempt before ours ran out without a word, but it may have committed in its last moment.
          current = grants.read(grant.key());
          if (current.isPresent() && current.get().isSameVersion(seen)) return attempt(current.get(), lease, deadline);
        }
        case Acquired.Held _ -> {
          if (!waits) return later(grant);
          pause.of(BETWEEN_LOOKS);
          current = grants.read(grant.key());
        }
      }
    }
    return freshOrGone(current);
  }

  private static Freshness freshOrGone(Optional<Grant> grant) {
    return grant.filter(current -> !current.state().needsReauthorization()).<Freshness>map(Freshness.Fresh::new)
        .orElseGet(Freshness.ConsentNeeded::new);
  }

  private Freshness attempt(Grant grant, Lease lease, Deadline deadline) {
    return endpoint.refresh(grant, credentials(grant, lease), Deadline.in(deadline.remaining().minus(FOR_COMMIT)))
        .map(sent -> judged(sent.grant(), sent.answer(), lease, deadline))
        .orElseGet(() -> moved(grant, lease));
  }

  private Freshness judged(Grant grant, TokenResponse answer, Lease lease, Deadline deadline) {
    return switch (answer) {
      case TokenResponse.Granted(var tokens) -> commit(renewed(grant, tokens), deadline);
      case TokenResponse.Misdirected(var tokens) -> misdirected(grant, tokens, deadline);
      case TokenResponse.Refused refused -> refused(grant, refused, lease);
      case TokenResponse.TryAgain(var after, var status) -> {
        var until = clock.instant().plus(RefreshTiming.backoff(grant.state().failures(), after));
        yield released(lease, waiting(grant, until, false, status));
      }
      // The lease stays: nobody sends this refresh token again before it has run out.
      case TokenResponse.Unknown(var detail, var status) -> {
        note("refresh_outcome_unknown", grant, detail);
        var until = lease.until().plus(RefreshTiming.backoff(grant.state().failures(), Duration.ZERO));
        yield waiting(grant, until, false, status);
      }
    };
  }

  /** Nothing has been sent when there are no credentials to be had: the next one may try at once. */
  private Credentials credentials(Grant grant, Lease lease) {
    try {
      return credentials.of(grant.client(), grant.target().issuer());
    } catch (RuntimeException e) {
      leases.release(lease);
      throw e;
    }
  }

  private Grant renewed(Grant grant, Tokens answered) {
    // RFC 6749 §6: no new refresh token means that the old one stays.
    var refreshToken = answered.refreshToken() != null ? answered.refreshToken() : grant.tokens().refreshToken();
    var tokens = new Tokens(answered.accessToken(), refreshToken, answered.scope(), answered.obtainedAt(),
        answered.expiresAt());
    var lastUsed = grant.state().lastUsed();
    return grant.renewed(tokens,
        GrantState.healthy(lastUsed, RefreshTiming.dueMinute(tokens, lastUsed, clock.instant())));
  }

  /** The new refresh token is kept, the access token is not: it is for somebody else. */
  private Freshness misdirected(Grant grant, Tokens answered, Deadline deadline) {
    note("refresh_audience_mismatch", grant, "");
    var old = grant.tokens();
    var refreshToken = answered.refreshToken() != null ? answered.refreshToken() : old.refreshToken();
    var tokens = new Tokens(old.accessToken(), refreshToken, old.scope(), old.obtainedAt(), old.expiresAt());
    var lost = grant.renewed(tokens, grant.state().lost());
    return commit(lost, deadline) instanceof Freshness.Fresh(var current) && !current.isSameVersion(lost)
        ? new Freshness.Fresh(current)
        : new Freshness.ConsentNeeded();
  }

  private Freshness commit(Grant next, Deadline deadline) {
    // One mark for all tries: the refresh token before is spent, so a try whose response got lost must be recognised.
    var mark = WriteMark.fresh();
    if (marked.of(next, deadline, () -> grants.commit(next, mark))) return new Freshness.Fresh(next);
    // A new consent, or an attempt that took over, has written since. What it wrote is the grant. Or the grant was ended
    // since, with the tokens before these, and these would live on.
    note("refresh_fenced_off", next, "");
    var current = grants.read(next.key());
    revocation.drop(next, current, deadline);
    return freshOrGone(current);
  }

  private Freshness refused(Grant grant, TokenResponse.Refused refused, Lease lease) {
    note("refresh_refused", grant, refused.described());
    var current = grants.read(grant.key());
    if (isOvertaken(grant, current)) return freshOrGone(current);
    if (isPermanent(grant, refused)) {
      grants.noteState(grant.inState(grant.state().lost()));
      note("reauthorization_required", grant, "");
      return new Freshness.ConsentNeeded(refused.status());
    }
    return released(lease, waiting(grant, afterRefusal(grant), true, refused.status()));
  }

  /** Another attempt may have won with the same refresh token: its tokens are the grant's now. */
  private static boolean isOvertaken(Grant grant, Optional<Grant> current) {
    return current.filter(grant::isSameVersion).isEmpty();
  }

  /** The issuer's metadata names a token endpoint on another site; the refresh token is not sent there. */
  private Freshness moved(Grant grant, Lease lease) {
    note("token_endpoint_moved", grant, "");
    var current = grants.read(grant.key());
    if (isOvertaken(grant, current)) return released(lease, freshOrGone(current));
    if (grant.state().refusals() == 0) return released(lease, waiting(grant, afterRefusal(grant), true, null));
    var cause = Cause.TOKEN_ENDPOINT_MOVED;
    grants.noteState(grant.inState(grant.state().lost(cause)));
    note("reauthorization_required", grant, cause.name().toLowerCase(Locale.ROOT));
    return released(lease, new Freshness.ConsentNeeded());
  }

  private Instant afterRefusal(Grant grant) {
    return clock.instant().plus(RefreshTiming.backoff(grant.state().failures(), AFTER_REFUSAL));
  }

  /** A dead grant at once; a client that must be registered anew; and any other refusal the second time. */
  private boolean isPermanent(Grant grant, TokenResponse.Refused refused) {
    var client = grant.client();
    if (refused.isUnknownClient() && client.origin() == ClientIdentity.Origin.DYNAMIC) {
      registrations.forgetOwn(grant.target().issuer(), client.id());
      return true;
    }
    return refused.isDeadGrant() || grant.state().refusals() > 0;
  }

  /** Not now: the attempt is counted, and the scheduled refresh comes back to it. */
  private Freshness waiting(Grant grant, Instant until, boolean refused, @Nullable Integer upstreamStatus) {
    long due = RefreshTiming.minute(until.plusSeconds(60), clock.instant());
    dueGrants.schedule(grant.key(), due);
    grants.noteState(grant.inState(grant.state().waiting(until, refused, due)));
    return new Freshness.Later(until, upstreamStatus);
  }

  private Freshness released(Lease lease, Freshness outcome) {
    leases.release(lease);
    return outcome;
  }

  private Freshness later(Grant grant) {
    var notBefore = grant.state().notBefore();
    return new Freshness.Later(notBefore == null ? clock.instant() : notBefore);
  }

  private void note(String event, Grant grant, String detail) {
    journal.write(event, Map.of("connection", grant.key().connection(), "detail", detail));
  }
}
