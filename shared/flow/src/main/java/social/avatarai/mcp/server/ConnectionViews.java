package social.avatarai.mcp.server;

import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.ServerSummary;
import social.avatarai.mcp.server.ConnectionView.Cause;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantSummary;

/**
 * Derives the status and cause of a connection. No other class derives them, neither for records nor for connections.
 *
 * <p>An address that this service does not connect to takes precedence; then comes the grant, then the noted status.
 */
public final class ConnectionViews {
  private final Predicate<EndpointUrl> reachable;
  private final Clock clock;

  /**
   * @param reachable whether this service connects to a URL, or has the program that the URL stands for; it is asked
   *        before any request is sent
   * @param clock the clock
   */
  public ConnectionViews(Predicate<EndpointUrl> reachable, Clock clock) {
    this.reachable = reachable;
    this.clock = clock;
  }

  private record State(Status status, @Nullable String cause, @Nullable ConnectionError error) {

    /** A state whose cause is the last error of connecting. */
    static State of(Status status, @Nullable ConnectionError error) {
      return new State(status, error == null ? null : error.code().wireName(), error);
    }
  }

  /** The connection of a registered server. A grant counts only if it is for the server as the record now is. */
  ConnectionView of(ServerSummary server, Optional<GrantSummary> grant) {
    var held = grant.filter(server::isServedBy);
    var state = state(server, held);
    return held.map(g -> of(g, state).withAlias(server.alias()))
        .orElseGet(() -> new ConnectionView(server.key().connection(),
            state.status(), state.cause(), server.terms().issuer(), null, null, null, null, Set.of(), null, null,
            state.error(), server.alias()));
  }

  /** The connection of a resource without a server record. */
  ConnectionView of(GrantSummary grant) {
    boolean reachable = isReachable(grant.target().serverUrl());
    return of(grant, reachable ? fromGrant(grant, null) : unreachable(grant.target().serverUrl(), null));
  }

  /** A connection that is stored but cannot be read. */
  static ConnectionView unreadable(ConnectionId id, Status status) {
    return new ConnectionView(id, status, Cause.UNREADABLE.wireName(), null, null, null, null, null, Set.of(), null,
        null,
        null, null);
  }

  private ConnectionView of(GrantSummary grant, State state) {
    var target = grant.target();
    var now = clock.instant();
    return new ConnectionView(grant.key().connection(), state.status(), state.cause(), target.issuer(),
        target.resource(), grant.scope(), grant.expiresAt(), grant.state().lastUsed(), grant.shownWarnings(now),
        grant.account(), grant.openChange(now), state.error(), null);
  }

  private State state(ServerSummary server, Optional<GrantSummary> grant) {
    var noted = noted(server, grant);
    if (!isReachable(server.url())) return unreachable(server.url(), noted);
    var state = grant.map(held -> fromGrant(held, noted)).orElseGet(() -> fromRecord(server, noted));
    return server.enabled()
        ? state
        : new State(state.status(), ErrorCode.SERVER_DISABLED.wireName(), state.error());
  }

  private static State unreachable(EndpointUrl url, @Nullable ConnectionError error) {
    var cause = StdioName.isReserved(url) ? ErrorCode.UNSUPPORTED_TRANSPORT : ErrorCode.BLOCKED_URL;
    return new State(Status.UNREACHABLE_HERE, cause.wireName(), error);
  }

  /** What keeps the grant from being used takes precedence over the last error of connecting. */
  private State fromGrant(GrantSummary grant, @Nullable ConnectionError noted) {
    var state = grant.state();
    boolean over = grant.isExpired(clock.instant());
    if (state.needsReauthorization()) return failed(Status.REAUTHORIZATION_REQUIRED, state, noted);
    if (over && !grant.renewable())
      return new State(Status.REAUTHORIZATION_REQUIRED, Cause.TOKEN_EXPIRED.wireName(), noted);
    if (over && state.isFailing()) return failed(Status.AUTHORIZATION_REQUIRED, state, noted);
    var rejection = GrantError.ofRejection(state, grant.renewable());
    // Without a refresh token there will be no other token.
    if (rejection != null) {
      return State.of(grant.renewable() ? Status.RESOURCE_REJECTS : Status.REAUTHORIZATION_REQUIRED,
          rulesOutConsent(noted) ? noted : rejection);
    }
    if (noted != null) {
      boolean rejects = noted.code() == ErrorCode.TOKEN_REJECTED_BY_RESOURCE;
      return State.of(rejects ? Status.RESOURCE_REJECTS : Status.CONNECTED, noted);
    }
    return state.isFailing() ? failed(Status.CONNECTED, state, null) : State.of(Status.CONNECTED, null);
  }

  /** The error of the record, unless it asks the user for a decision about another account that can be taken no more. */
  private @Nullable ConnectionError noted(ServerSummary server, Optional<GrantSummary> grant) {
    var error = server.error();
    if (error == null || error.code() != ErrorCode.ACCOUNT_CHANGED) return error;
    return grant.filter(held -> held.openChange(clock.instant()) != null).isPresent() ? error : null;
  }

  /** Whether another consent, to which a rejection leads, would fail because of what the record says. */
  private static boolean rulesOutConsent(@Nullable ConnectionError noted) {
    return noted != null && noted.code() == ErrorCode.ISSUER_NOT_BOUND;
  }

  /** A state that failed refreshes have led to. Rows of earlier releases do not say when or why. */
  private static State failed(Status status, GrantState state, @Nullable ConnectionError noted) {
    var error = GrantError.ofRefresh(state);
    return new State(status, causeOfFailure(state), error == null ? noted : error);
  }

  private static String causeOfFailure(GrantState state) {
    if (state.cause() != null) return state.cause().wireName();
    return state.needsReauthorization()
        ? GrantState.Cause.REFRESH_REFUSED.wireName()
        : Cause.REFRESH_FAILING.wireName();
  }

  private static State fromRecord(ServerSummary server, @Nullable ConnectionError error) {
    if (error != null && error.code() == ErrorCode.CREDENTIALS_REFUSED) {
      return State.of(Status.RESOURCE_REJECTS, error);
    }
    if (server.terms().issuerRequired())
      return new State(Status.ISSUER_REQUIRED, ErrorCode.ISSUER_REQUIRED.wireName(), error);
    boolean pending = error == null && server.status() == Status.AUTHORIZATION_REQUIRED;
    return pending
        ? new State(server.status(), Cause.CONSENT_PENDING.wireName(), null)
        : State.of(server.status(), error);
  }

  /** Whether this service connects to a URL. */
  boolean isReachable(EndpointUrl url) {
    return reachable.test(url);
  }

  /** Refuses a server whose program this deployment does not have. */
  void requireProgram(EndpointUrl url) {
    if (!StdioName.isReserved(url) || isReachable(url)) return;
    throw new Failure.BadRequest(ErrorCode.UNSUPPORTED_TRANSPORT,
        "The record's endpoint.command must be the name of a program that the operator of this deployment has defined. "
            + "Programs (endpoint.type stdio) are offered in a local runner alone.");
  }

  /** Refuses a server at an address that this service does not connect to, before any request is sent. */
  void requireReachable(EndpointUrl url) {
    requireProgram(url);
    if (isReachable(url)) return;
    throw new Failure.BadRequest(ErrorCode.BLOCKED_URL,
        "The record's endpoint.url cannot be reached from where this service runs: a deployed service connects to https "
            + "URLs of public hosts alone, on the ports 443 and 8443. Give the record such a URL.");
  }
}
