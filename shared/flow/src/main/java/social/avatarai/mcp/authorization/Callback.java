package social.avatarai.mcp.authorization;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.BrowserKey;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.CompletionCode;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.SessionKey;
import social.avatarai.mcp.State;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.SlotGate;
import social.avatarai.mcp.http.SlowCalls;
import social.avatarai.mcp.http.UserCall;
import social.avatarai.mcp.record.ConnectionNotes;
import social.avatarai.mcp.registration.Registrations;

/**
 * Ends a flow: a response arrives through a browser, and its code is redeemed for the user who began the flow, or not
 * at all.
 *
 * <p>The order of the steps is the protection: find the session, check the browser or park, claim the session, check
 * its expiry, its context, {@code iss}, {@code error}, and last the {@code code}. A wrong cookie changes nothing. The
 * code is sent once, even if the browser repeats the callback.
 */
public final class Callback {
  /** How long the outcome stays readable, so that a double click gets the same outcome. */
  static final Duration OUTCOME_LIFE = Duration.ofMinutes(10);
  private static final Duration BETWEEN_READS = Duration.ofMillis(200);

  private final Sessions sessions;
  private final Redemption redemption;
  private final Profiles profiles;
  private final Registrations registrations;
  private final ConnectionNotes notes;
  private final SlotGate gate;
  private final boolean bound;
  private final Clock clock;
  private final Pause pause;
  private final Journal journal;

  public Callback(Sessions sessions, Redemption redemption, Profiles profiles, Registrations registrations,
      ConnectionNotes notes, SlotGate gate, boolean bound, Clock clock, Pause pause, Journal journal) {
    this.sessions = sessions;
    this.redemption = redemption;
    this.profiles = profiles;
    this.registrations = registrations;
    this.notes = notes;
    this.gate = gate;
    this.bound = bound;
    this.clock = clock;
    this.pause = pause;
    this.journal = journal;
  }

  /**
   * A response that arrives through a browser.
   *
   * @param response the response of the authorization server
   * @param state the {@code state} in the response
   * @param browser the browser's cookie; null if it sent none
   * @param canPark whether a response without the cookie is parked (a browser) or refused (a JSON caller)
   */
  public record Arrival(AuthorizationResponse response, State state, @Nullable BrowserKey browser, boolean canPark) {}

  /** Takes a response. */
  public CallbackOutcome receive(Arrival arrival, Deadline deadline) {
    var session = find(arrival.state().key());
    if (!isSameBrowser(session, arrival.browser())) return park(session, arrival);
    return settle(session, arrival.response(), deadline);
  }

  /** Takes a parked response for the user who is at the app's page now. */
  public CallbackOutcome complete(Caller caller, CompletionCode code, Deadline deadline) {
    var found = sessions.findWithParked(code.session()).filter(kept -> isLive(kept.session()))
        .orElseThrow(Callback::unknown);
    var session = found.session();
    var parked = found.parked().stream().filter(p -> p.completionHash().equals(code.hash())).findFirst();
    if (!session.connection().user().equals(caller.user())) {
      parked.ifPresent(response -> sessions.drop(session.key(), response));
      throw mismatch();
    }
    if (session.status().isOver() && parked.isPresent()) return repeated(session);
    var response = parked.orElseThrow(Callback::unknown);
    if (!clock.instant().isBefore(response.expiresAt())) throw late(session);
    return settle(session, response.response(), deadline);
  }

  /** The failure of a completion after the code's life. Without a note, the connection would only wait for a consent. */
  private Failure late(AuthorizationSession session) {
    var failure = new Failure.Unknown(ErrorCode.UNKNOWN_STATE, "The consent came back, but was not completed within "
        + ParkedResponse.PARK_LIFE.toSeconds() + " seconds; connect again.");
    notes.consentFailed(session.connection(), failure);
    return failure;
  }

  private AuthorizationSession find(SessionKey key) {
    return sessions.find(key).filter(this::isLive).orElseThrow(Callback::unknown);
  }

  /** After a flow has ended, the session is live as long as its outcome stays readable. */
  private boolean isLive(AuthorizationSession session) {
    return !session.isExpired(clock.instant());
  }

  private boolean isSameBrowser(AuthorizationSession session, @Nullable BrowserKey browser) {
    return !bound || (browser != null && browser.hash().equals(session.binding().browserHash()));
  }

  private CallbackOutcome park(AuthorizationSession session, Arrival arrival) {
    if (!arrival.canPark() || session.status().isOver()) throw mismatch();
    var code = CompletionCode.fresh(session.key());
    var life = ParkedResponse.life(profiles.requestsTo(session.target().issuer()));
    var response = new ParkedResponse(1, code.hash(), arrival.response(), clock.instant().plus(life));
    if (!sessions.park(session, response, clock.instant())) {
      throw new Failure.NotPermitted(ErrorCode.SESSION_MISMATCH, "This authorization was begun in another browser, and "
          + ParkedResponse.MAX_PER_SESSION + " responses wait for that one already.");
    }
    return new CallbackOutcome.Parked(code, session.binding().returnTo());
  }

  /**
   * Ends the flow, as a call of its user. A flow of a user who has begun very many needs a slot before it is claimed:
   * without one nothing has changed, and the browser can come back in a moment.
   */
  private CallbackOutcome settle(AuthorizationSession session, AuthorizationResponse response, Deadline deadline) {
    return UserCall.runUncut(session.connection().user(), deadline, () -> {
      if (session.limited() && !session.status().isOver()) gate.requireSlot();
      return claimAndRedeem(session, response, deadline);
    });
  }

  private CallbackOutcome claimAndRedeem(AuthorizationSession session, AuthorizationResponse response,
      Deadline deadline) {
    if (!sessions.claim(session.key(), clock.instant())) return awaitOutcome(session, deadline);
    try {
      var error = refusal(session, response);
      if (error.isPresent()) return fail(session, error.get());
      var grant = redemption.redeem(session, Objects.requireNonNull(response.code()), deadline);
      sessions.finish(session, SessionOutcome.connected(grant.tokens().scope(), grant.tokens().expiresAt()),
          clock.instant().plus(OUTCOME_LIFE));
      return new CallbackOutcome.Connected(grant, session.binding().returnTo());
    } catch (Failure failure) {
      journal.write("code_not_redeemed", Map.of("error", failure.code().wireName(), "detail", failure.detail()));
      return fail(session, failure);
    } catch (RuntimeException e) {
      // The code may be used up, so the flow is over. A second call that waits for the outcome must see one.
      journal.write("code_not_redeemed", Map.of("error", "internal_error", "detail", e.getClass().getName()));
      return fail(session, new Failure.Internal(e.getClass().getName()));
    }
  }

  /** Judges everything that must be right before the code is sent. */
  private Optional<Failure> refusal(AuthorizationSession session, AuthorizationResponse response) {
    if (!Objects.equals(session.request().context(), response.context())) {
      return refused(ErrorCode.CONTEXT_MISMATCH,
          "The authorization response came in at another issuer's redirect URI.");
    }
    if (!IssCheck.passes(session, response)) {
      return refused(ErrorCode.ISSUER_MISMATCH, "The authorization response is not from the issuer that was asked.");
    }
    if (response.error() == null) return Optional.empty();
    journal.write("authorization_denied", Map.of("error", response.error()));
    if (response.error().equals("invalid_scope")) RefusedScopes.note(session, registrations);
    return refused(ErrorCode.AUTHORIZATION_DENIED,
        "Access was not granted at the authorization server; connect again.");
  }

  private static Optional<Failure> refused(ErrorCode code, String message) {
    return Optional.of(new Failure.Refused(code, message, ""));
  }

  private CallbackOutcome fail(AuthorizationSession session, Failure failure) {
    var status = failure.upstreamStatus().orElse(null);
    sessions.finish(session, SessionOutcome.failed(failure.code(), status), clock.instant().plus(OUTCOME_LIFE));
    notes.consentFailed(session.connection(), failure);
    return new CallbackOutcome.Failed(session.connection().connection(), failure.code(), status,
        session.binding().returnTo());
  }

  /**
   * Waits for the outcome of another call that has claimed the session, such as a double click. A callback can be
   * repeated any number of times, so one that waits long needs a slot.
   */
  private CallbackOutcome awaitOutcome(AuthorizationSession session, Deadline deadline) {
    var patience = Deadline.in(SlowCalls.MAX_WITHOUT_SLOT);
    while (true) {
      var current = find(session.key());
      if (current.status().isOver()) return repeated(current);
      if (patience.remaining().isZero()) gate.requireSlot();
      if (!deadline.hasAtLeast(Duration.ofSeconds(2))) {
        throw new Failure.Unreachable(ErrorCode.UPSTREAM_TIMEOUT, "The flow is still being finished; ask again.", "",
            true);
      }
      pause.of(BETWEEN_READS);
    }
  }

  private static CallbackOutcome repeated(AuthorizationSession session) {
    return new CallbackOutcome.Repeated(session.connection().connection(), Objects.requireNonNull(session.outcome()),
        session.binding().returnTo());
  }

  private static Failure unknown() {
    return new Failure.Unknown(ErrorCode.UNKNOWN_STATE, "No authorization is waiting for this answer.");
  }

  private static Failure mismatch() {
    return new Failure.NotPermitted(ErrorCode.SESSION_MISMATCH,
        "This authorization was begun by another user or in another browser.");
  }
}
