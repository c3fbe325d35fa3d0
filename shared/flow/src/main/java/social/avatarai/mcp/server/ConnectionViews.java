package social.avatarai.mcp.server;

import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
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
   * @param reachable whether this service connects to a URL; it is asked before any request is sent
   * @param clock the clock
   */
  public ConnectionViews(Predicate<EndpointUrl> reachable, Clock clock) {
    this.reachable = reachable;
    this.clock = clock;
  }

  private record State(Status status, @Nullable String cause) {
    State(Status status) {
      this(status, (String) null);
    }

    State(Status status, Cause cause) {
      this(status, cause.wireName());
    }

    State(Status status, ErrorCode cause) {
      this(status, cause.wireName());
    }
  }

  /** The connection of a registered server. A grant counts only if it is for the server as the record now is. */
  ConnectionView of(ServerSummary server, Optional<GrantSummary> grant) {
    var held = grant.filter(server::isServedBy);
    var state = state(server, held);
    var error = server.error();
    return held.map(g -> of(g, state, error)).orElseGet(() -> new ConnectionView(server.key().connection(),
        state.status(), state.cause(), server.terms().issuer(), null, null, null, null, Set.of(), error));
  }

  /** The connection of a resource without a server record. */
  ConnectionView of(GrantSummary grant) {
    boolean reachable = isReachable(grant.target().serverUrl());
    var state = reachable ? fromGrant(grant, null) : new State(Status.UNREACHABLE_HERE, ErrorCode.BLOCKED_URL);
    return of(grant, state, null);
  }

  /** A connection that is stored but cannot be read. */
  static ConnectionView unreadable(ConnectionId id, Status status) {
    return new ConnectionView(id, status, Cause.UNREADABLE.wireName(), null, null, null, null, null, Set.of(), null);
  }

  private static ConnectionView of(GrantSummary grant, State state, @Nullable ConnectionError error) {
    var target = grant.target();
    return new ConnectionView(grant.key().connection(), state.status(), state.cause(), target.issuer(),
        target.resource(), grant.scope(), grant.expiresAt(), grant.state().lastUsed(), grant.shownWarnings(), error);
  }

  private State state(ServerSummary server, Optional<GrantSummary> grant) {
    if (!isReachable(server.url())) return new State(Status.UNREACHABLE_HERE, ErrorCode.BLOCKED_URL);
    var state = grant.map(held -> fromGrant(held, server.error())).orElseGet(() -> fromRecord(server));
    return server.enabled() ? state : new State(state.status(), ErrorCode.SERVER_DISABLED);
  }

  private State fromGrant(GrantSummary grant, @Nullable ConnectionError error) {
    Instant now = clock.instant();
    if (grant.state().needsReauthorization())
      return new State(Status.REAUTHORIZATION_REQUIRED, causeOfLoss(grant.state()));
    if (grant.isOver(now)) return new State(Status.REAUTHORIZATION_REQUIRED, Cause.TOKEN_EXPIRED);
    if (error != null) {
      boolean rejects = error.code() == ErrorCode.TOKEN_REJECTED_BY_RESOURCE;
      return new State(rejects ? Status.RESOURCE_REJECTS : Status.CONNECTED, error.code());
    }
    return grant.state().failures() > 0
        ? new State(Status.CONNECTED, Cause.REFRESH_FAILING)
        : new State(Status.CONNECTED);
  }

  private static String causeOfLoss(GrantState state) {
    return state.cause() == null ? Cause.REFRESH_REFUSED.wireName() : state.cause().name().toLowerCase(Locale.ROOT);
  }

  private static State fromRecord(ServerSummary server) {
    var error = server.error();
    if (error != null) return new State(server.status(), error.code());
    return server.status() == Status.AUTHORIZATION_REQUIRED
        ? new State(server.status(), Cause.CONSENT_PENDING)
        : new State(server.status());
  }

  private boolean isReachable(EndpointUrl url) {
    return reachable.test(url);
  }

  /** Refuses a server at an address that this service does not connect to, before any request is sent. */
  void requireReachable(EndpointUrl url) {
    if (isReachable(url)) return;
    throw new Failure.BadRequest(ErrorCode.BLOCKED_URL,
        "The record's endpoint.url cannot be reached from where this service runs: a deployed service connects to https "
            + "URLs of public hosts alone, on the ports 443 and 8443. Give the record such a URL.");
  }
}
