package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.token.FailedAttempts.Wait;
import social.avatarai.mcp.token.GrantState.Cause;
import social.avatarai.mcp.token.GrantState.Failed;
import social.avatarai.mcp.token.Leases.Lease;

/** Records what came of a refresh attempt: new tokens, a time to wait, or the need for a new consent. */
public final class RefreshRecorder {
  /**
   * A refusal with another word about the token than that of a dead grant may be transient. A second one, at least this
   * much later, is permanent and ends the grant: until then the user can do nothing.
   */
  private static final Duration AFTER_REFUSAL = Duration.ofMinutes(1);
  /**
   * What does not speak of the token may be wrong for a while: metadata, a gateway, or a client whose secret is being
   * changed. Only a second finding, at least this much later, ends the grant.
   */
  private static final Duration AFTER_OTHER_REFUSAL = Duration.ofMinutes(15);
  private static final int WEIGHT_OF_A_WORD = 1;
  private static final int WEIGHT_OF_ANOTHER = 2;
  /** So long at least, a token that its server has refused counts as refused, although the server takes it again. */
  private static final Duration MIN_REJECTED = Duration.ofHours(1);

  private final Grants grants;
  private final GrantWriter writer;
  private final Leases leases;
  private final Registrations registrations;
  private final Revocation revocation;
  private final WaitingEnds ends;
  private final StateChanges changes;
  private final FailedAttempts failed;
  private final RefreshTiming timing;
  private final Clock clock;
  private final Journal journal;

  public RefreshRecorder(Grants grants, GrantWriter writer, Leases leases, DueGrants dueGrants,
      Registrations registrations,
      Revocation revocation, WaitingEnds ends, RefreshTiming timing, Clock clock, Journal journal) {
    this.grants = grants;
    this.writer = writer;
    this.leases = leases;
    this.registrations = registrations;
    this.revocation = revocation;
    this.ends = ends;
    this.changes = new StateChanges(journal);
    this.failed = new FailedAttempts(grants, writer, dueGrants, changes, clock);
    this.timing = timing;
    this.clock = clock;
    this.journal = journal;
  }

  /** Records the response to the refresh token of a grant. */
  Freshness record(RefreshAttempt attempt, TokenResponse response) {
    var grant = attempt.grant();
    int failures = attempt.from().failures();
    return switch (response) {
      case TokenResponse.Granted(var tokens) when Identity.differ(grant.tokens().identity(), tokens.identity()) ->
        ofAnotherAccount(attempt, tokens);
      case TokenResponse.Granted(var tokens) -> {
        if (Identity.differInIssuer(grant.tokens().identity(), tokens.identity())) {
          note("refresh_issuer_respelled", grant, "");
        }
        yield commit(grant, renewed(grant, tokens), attempt.deadline());
      }
      case TokenResponse.Misdirected(var tokens) -> misdirected(grant, tokens, attempt.deadline());
      case TokenResponse.Refused refused -> refused(attempt, refused);
      case TokenResponse.TryAgain(var after, var status) -> {
        var wait = new Wait(clock.instant().plus(timing.backoff(failures, after)), 0, status);
        // Where no server has seen the secret, another one changes nothing.
        var seen = status == null ? attempt.withoutSecret() : attempt;
        yield release(attempt.lease(), failed.postpone(seen, Cause.REFRESH_POSTPONED, wait));
      }
      // The lease stays: this refresh token is not sent again before the lease has run out.
      case TokenResponse.Unknown(var detail, var status, var fault) -> {
        note("refresh_outcome_unknown", grant, fault.isEmpty() ? detail : fault);
        var until = attempt.lease().until().plus(timing.backoff(failures, Duration.ZERO));
        yield failed.postpone(attempt, Cause.REFRESH_UNANSWERED, new Wait(until, 0, status));
      }
    };
  }

  /**
   * Records that the issuer's metadata names a token endpoint on another site. The refresh token was not sent there. No
   * server has seen the secret of the client, so another secret changes nothing.
   */
  Freshness recordMoved(RefreshAttempt found) {
    var attempt = found.withoutSecret();
    var grant = attempt.grant();
    note("token_endpoint_moved", grant, "");
    var current = grants.read(grant.key());
    if (isOvertaken(grant, current)) return release(attempt.lease(), Freshness.of(current));
    var wait = timing.backoff(attempt.from().failures(), AFTER_OTHER_REFUSAL);
    return endOrPostpone(attempt, Cause.TOKEN_ENDPOINT_MOVED, WEIGHT_OF_ANOTHER, wait, null);
  }

  /** Records that the resource server refuses a token that has just been renewed. Only the first time is written. */
  void recordRejected(Grant grant) {
    if (grant.state().isRejected()) return;
    afterResponse(grant, () -> changes.rejection(grant, true, grants.noteRejected(grant, clock.instant())));
  }

  /**
   * Records that the resource server takes the token, if it is known for refusing the tokens of this grant. A server may
   * refuse one request with 401 and take all others, and each new refusal would cost another renewal. So the token must
   * be newer than the refusal, or the refusal must be old.
   */
  void recordAccepted(Grant grant) {
    if (!isRejectionOver(grant)) return;
    afterResponse(grant, () -> changes.rejection(grant, false, grants.noteAccepted(grant)));
  }

  /** The server has responded already: a failure of the store must not replace the result of a tool. */
  private void afterResponse(Grant grant, Runnable noting) {
    try {
      noting.run();
    } catch (RuntimeException e) {
      note("state_not_stored", grant, e.getClass().getName());
    }
  }

  private boolean isRejectionOver(Grant grant) {
    var since = grant.state().notes().rejectedSince();
    return since != null && (grant.tokens().obtainedAt().isAfter(since)
        || !clock.instant().isBefore(since.plus(MIN_REJECTED)));
  }

  private Grant renewed(Grant grant, Tokens received) {
    var granted = grant.tokens().scope();
    var tokens = new Tokens(received.accessToken(), refreshToken(grant, received),
        WidenedScope.afterRefresh(granted, received.scope()), received.obtainedAt(), received.expiresAt(),
        account(grant.tokens().identity(), received.identity()));
    long due = timing.dueMinute(tokens, grant.state().lastUsed(), clock.instant());
    var renewed = grant.renewed(tokens, grant.state().renewed(due));
    int more = WidenedScope.beyond(granted, received.scope()).values().size();
    if (more == 0) return renewed;
    // Not the scopes themselves: the issuer writes this text, and could write a token into our log.
    note("scope_widened", grant, more + " more than granted");
    return renewed.warnedOf(Grant.Warning.SCOPE_WIDENED);
  }

  /**
   * The account is that of the consent. A refresh may name it first, give it another label, or name the same account as a
   * profile of today does, see {@link AccountReader}.
   */
  private static @Nullable Identity account(@Nullable Identity known, @Nullable Identity received) {
    if (known == null || received == null) return known == null ? received : known;
    return Identity.areSame(known, received) ? known.relabelled(received) : received;
  }

  /** RFC 6749 §6: if the response has no new refresh token, the old one stays. */
  private static @Nullable RefreshToken refreshToken(Grant grant, Tokens received) {
    return received.refreshToken() != null ? received.refreshToken() : grant.tokens().refreshToken();
  }

  /** Keeps the new refresh token. The access token is for another resource and is not kept. */
  private Freshness misdirected(Grant grant, Tokens received, Deadline deadline) {
    note("refresh_audience_mismatch", grant, "");
    var old = grant.tokens();
    var tokens = new Tokens(old.accessToken(), refreshToken(grant, received), old.scope(), old.obtainedAt(),
        old.expiresAt(), old.identity());
    var failed = new Failed(Cause.AUDIENCE_MISMATCH, clock.instant(), null);
    var next = grant.renewed(tokens, grant.state().needingReauthorization(failed));
    return changes.write(grant.state(), next, lost -> write(lost, deadline))
        ? new Freshness.ConsentNeeded()
        : fencedOff(next, deadline);
  }

  /**
   * OpenID Connect Core §12.2: a refresh gives tokens of the same account. Those of another account are never used, only
   * revoked. The refresh token that was sent is used up, so the grant ends.
   */
  private Freshness ofAnotherAccount(RefreshAttempt attempt, Tokens received) {
    var grant = attempt.grant();
    note("refresh_identity_changed", grant, "");
    try {
      failed.endForGood(attempt.withoutSecret(), Cause.IDENTITY_CHANGED);
    } finally {
      revocation.drop(grant.renewed(received, grant.state()), held(grant), attempt.deadline());
    }
    return Freshness.of(grants.read(grant.key()));
  }

  /** The grant that the connection has; the grant as it was read, if the store fails. */
  private Optional<Grant> held(Grant grant) {
    try {
      return grants.read(grant.key());
    } catch (RuntimeException e) {
      note("grant_not_read", grant, e.getClass().getName());
      return Optional.of(grant);
    }
  }

  private Freshness commit(Grant before, Grant next, Deadline deadline) {
    return changes.write(before.state(), next, renewed -> write(renewed, deadline))
        ? new Freshness.Fresh(next)
        : fencedOff(next, deadline);
  }

  private boolean write(Grant next, Deadline deadline) {
    // One mark for all tries: the old refresh token is used up, so a try whose response got lost must be recognised.
    var mark = WriteMark.fresh();
    var written = writer.write(next, deadline, () -> grants.commit(next, mark));
    if (written.done()) ends.endOverdue(next, written.waited(), deadline);
    return written.done();
  }

  /**
   * Another writer was first. A new consent, or an attempt that took over: then that grant counts. Or the grant was
   * ended with the tokens before these ones: then these ones must not live on.
   */
  private Freshness fencedOff(Grant next, Deadline deadline) {
    note("refresh_fenced_off", next, "");
    var current = grants.read(next.key());
    revocation.drop(next, current, deadline);
    return Freshness.of(current);
  }

  /** A dead grant and a forgotten client end the grant at once, any other refusal when it comes a second time. */
  private Freshness refused(RefreshAttempt attempt, TokenResponse.Refused refused) {
    var grant = attempt.grant();
    note("refresh_refused", grant, refused.described());
    var current = grants.read(grant.key());
    if (isOvertaken(grant, current)) return Freshness.of(current);
    boolean clientForgotten = forgetUnknownClient(grant, refused);
    if (clientForgotten || refused.isDeadGrant()) {
      // No other secret of the client would bring this grant back.
      failed.endForGood(attempt.withoutSecret(), clientForgotten ? Cause.CLIENT_FORGOTTEN : Cause.REFRESH_REFUSED);
      return new Freshness.ConsentNeeded(refused.status());
    }
    int weight = isAboutTheToken(grant, refused) ? WEIGHT_OF_A_WORD : WEIGHT_OF_ANOTHER;
    var cause = refused.isAboutTheClient() ? Cause.CLIENT_REFUSED : Cause.REFRESH_REFUSED;
    var wait = weight == WEIGHT_OF_A_WORD ? AFTER_REFUSAL : AFTER_OTHER_REFUSAL;
    return endOrPostpone(attempt, cause, weight, wait, refused.status());
  }

  /** Ends the grant if the refusals before this one weigh as much as this one. Otherwise the grant waits. */
  private Freshness endOrPostpone(RefreshAttempt attempt, Cause cause, int weight, Duration wait,
      @Nullable Integer status) {
    int before = attempt.from().refusals();
    return release(attempt.lease(), before >= weight
        ? failed.end(attempt, cause, status)
        : failed.postpone(attempt, cause, new Wait(clock.instant().plus(wait), before + weight, status)));
  }

  /** A client that a person has registered is refused while its secret is being changed: then the token is not dead. */
  private static boolean isAboutTheToken(Grant grant, TokenResponse.Refused refused) {
    boolean ours = grant.client().origin() == ClientIdentity.Origin.DYNAMIC;
    return refused.isInAWordOfTheServer() && (ours || !refused.isAboutTheClient());
  }

  /** Another attempt may have succeeded with the same refresh token. The grant then has the tokens of that attempt. */
  private static boolean isOvertaken(Grant grant, Optional<Grant> current) {
    return current.filter(grant::isSameVersion).isEmpty();
  }

  /** Forgets a dynamic client that the issuer no longer knows, so that the next flow registers a new one. */
  private boolean forgetUnknownClient(Grant grant, TokenResponse.Refused refused) {
    var client = grant.client();
    if (!refused.isUnknownClient() || client.origin() != ClientIdentity.Origin.DYNAMIC) return false;
    registrations.forgetOwn(client.owner(), grant.target().registeredAt(), client.id());
    return true;
  }

  private Freshness release(Lease lease, Freshness outcome) {
    leases.release(lease);
    return outcome;
  }

  private void note(String event, Grant grant, String detail) {
    journal.write(event, Map.of("connection", grant.key().connection(), "detail", detail));
  }
}
