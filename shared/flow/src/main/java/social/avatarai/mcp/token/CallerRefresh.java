package social.avatarai.mcp.token;

import java.time.Clock;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.http.SlotGate;
import social.avatarai.mcp.registration.ClientCredentials;
import social.avatarai.mcp.registration.CredentialSource;
import social.avatarai.mcp.registration.OperatorClients;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.registration.RequestBudget;

/**
 * The guide's {@code refresh-token}. The refresh token of a stored grant goes through the {@link Refresher}. A refresh
 * token that is not stored here is relayed once, with the caller's own credentials only.
 */
public final class CallerRefresh {
  private final Grants grants;
  private final GrantUse use;
  private final Refresher refresher;
  private final Discovery discovery;
  private final TokenEndpoint endpoint;
  private final Registrations registrations;
  private final OperatorClients operatorClients;
  private final CredentialSource credentials;
  private final RequestBudget budget;
  private final SlotGate gate;
  private final Clock clock;

  public CallerRefresh(Grants grants, GrantUse use, Refresher refresher, Discovery discovery, TokenEndpoint endpoint,
      Registrations registrations, OperatorClients operatorClients, CredentialSource credentials, RequestBudget budget,
      SlotGate gate, Clock clock) {
    this.grants = grants;
    this.use = use;
    this.refresher = refresher;
    this.discovery = discovery;
    this.endpoint = endpoint;
    this.registrations = registrations;
    this.operatorClients = operatorClients;
    this.credentials = credentials;
    this.budget = budget;
    this.gate = gate;
    this.clock = clock;
  }

  /** What to refresh: a stored grant by its connection, or a refresh token at an issuer. */
  public sealed interface What {
    record Stored(ConnectionId connection) implements What {}

    record Token(RefreshToken token, Issuer issuer, ClientId clientId) implements What {}
  }

  public Refreshed refresh(Caller caller, What what, Deadline deadline) {
    return switch (what) {
      case What.Stored(var connection) -> grants.read(new ConnectionKey(caller.user(), connection))
          .flatMap(grant -> use.usable(grant, deadline)).map(grant -> renew(grant, deadline))
          .orElseThrow(() -> new Failure.Unknown(ErrorCode.NOT_FOUND,
              "There is no such connection."));
      case What.Token token -> byToken(caller, token, deadline);
    };
  }

  private Refreshed byToken(Caller caller, What.Token what, Deadline deadline) {
    var found = grants.findByRefreshToken(caller.user(), what.token());
    if (found.isEmpty()) return relay(caller, what, deadline);
    var grant = found.get().grant();
    boolean same = what.issuer().means(grant.target().issuer()) && grant.client().id().equals(what.clientId());
    if (!same) return new Refreshed.InvalidGrant(null);
    boolean current = found.get().current();
    return use.usable(grant, deadline)
        .map(usable -> current ? renew(usable, deadline) : result(refresher.fresh(usable, deadline)))
        .orElseGet(() -> new Refreshed.InvalidGrant(null));
  }

  private Refreshed renew(Grant grant, Deadline deadline) {
    return result(refresher.newerThan(grant, deadline));
  }

  private static Refreshed result(Freshness freshness) {
    return switch (freshness) {
      case Freshness.Fresh(var grant) -> new Refreshed.Renewed(grant);
      case Freshness.ConsentNeeded(var status) -> new Refreshed.ConsentNeeded(status);
      case Freshness.Later(var notBefore, var status) -> new Refreshed.Later(notBefore, status);
    };
  }

  /**
   * The caller names the issuer, so the call is counted, and has a slot before anything is sent. The refresh token
   * belongs to the caller, and a request that is cut off could use it up: so this request is not cut off.
   */
  private Refreshed relay(Caller caller, What.Token what, Deadline deadline) {
    budget.take(caller.user());
    var own = callersCredentials(caller, what.issuer(), what.clientId());
    if (own == null) return new Refreshed.InvalidGrant(null);
    gate.requireSlot();
    var server = discovery.writtenIssuer(what.issuer(), deadline).metadata();
    return switch (endpoint.relay(server, what.token(), own, deadline)) {
      case TokenResponse.Granted(var tokens) -> new Refreshed.Relayed(tokens);
      case TokenResponse.Misdirected(var tokens) -> new Refreshed.Relayed(tokens);
      case TokenResponse.Refused refused when refused.isDeadGrant() -> new Refreshed.InvalidGrant(refused.status());
      // Only a dead grant is reported as one. Otherwise the caller would throw away a refresh token that still works.
      case TokenResponse.Refused refused -> throw new Failure.Refused(ErrorCode.TOKEN_REQUEST_REFUSED,
          "The authorization server refused the request.", refused.described()).withUpstreamStatus(refused.status());
      case TokenResponse.TryAgain(var after, var status) ->
        throw new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE,
            "The authorization server cannot respond now.", "", false).withUpstreamStatus(status)
            .withRetryAt(after.isZero() ? null : clock.instant().plus(after));
      case TokenResponse.Unknown unknown -> throw new Failure.Unreachable(ErrorCode.OUTCOME_UNKNOWN,
          unknown.explaining("The authorization server did not return tokens; the refresh token may be spent."),
          unknown.detail(), true).withUpstreamStatus(unknown.status());
    };
  }

  /** The caller's registration, or a public client that is not registered here; null for the deployment's client. */
  private @Nullable ClientCredentials callersCredentials(Caller caller, Issuer issuer, ClientId clientId) {
    var spellings = issuer.spellings();
    var own = spellings.stream().flatMap(one -> registrations.find(Owner.of(caller.user()), one, clientId).stream())
        .findFirst();
    if (own.isPresent()) return credentials.of(own.get().client(), own.get().issuer());
    boolean deployments = spellings.stream().anyMatch(one -> operatorClients.isConfigured(one, clientId)
        || registrations.all(Owner.deployment(), one).stream().anyMatch(r -> r.client().id().equals(clientId)));
    return deployments ? null : new ClientCredentials.None(clientId);
  }
}
