package social.avatarai.mcp.authorization;

import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import social.avatarai.mcp.CodeVerifier;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.State;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.discovery.DiscoveredServer;
import social.avatarai.mcp.discovery.DiscoveredServer.Source;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.Foreign;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.discovery.Leniency;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.registration.ClientSelector;
import social.avatarai.mcp.registration.CountedCall;
import social.avatarai.mcp.registration.RequestBudget;
import social.avatarai.mcp.registration.UsersOwnClients;
import social.avatarai.mcp.registration.WantedScopes;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.token.GrantBudget;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.StatedIssuer;
import social.avatarai.mcp.token.UserinfoEndpoint;

/** Begins a flow: makes the URL that the browser is sent to, and the session that waits for the response. */
public final class AuthorizationStarter {
  /** The most time that a user may take at the consent page. */
  public static final Duration SESSION_LIFE = Duration.ofMinutes(10);

  /** The statuses of a URL at which there is nothing any more. */
  private static final Set<Integer> GONE = Set.of(404, 405, 410);
  /**
   * The call of a user in an hour up to which a flow that it begins ends without a slot. A user with a slow token
   * endpoint could otherwise hold any number of callbacks, which cannot be cut off.
   */
  static final int MAX_FLOWS_WITHOUT_SLOT = 60;

  private final Discovery discovery;
  private final IssuerRules rules;
  private final IssuerPin pin;
  private final ClientSelector selector;
  private final UsersOwnClients ownClients;
  private final PushedAuthorization pushed;
  private final Outbound outbound;
  private final Sessions sessions;
  private final RequestBudget requestBudget;
  private final GrantBudget grantBudget;
  private final Clock clock;

  public AuthorizationStarter(Discovery discovery, IssuerRules rules, IssuerPin pin, ClientSelector selector,
      UsersOwnClients ownClients, PushedAuthorization pushed, Outbound outbound, Sessions sessions,
      RequestBudget requestBudget,
      GrantBudget grantBudget, Clock clock) {
    this.discovery = discovery;
    this.rules = rules;
    this.pin = pin;
    this.selector = selector;
    this.ownClients = ownClients;
    this.pushed = pushed;
    this.outbound = outbound;
    this.sessions = sessions;
    this.requestBudget = requestBudget;
    this.grantBudget = grantBudget;
    this.clock = clock;
  }

  /**
   * The starter of a server that the operator has written for all users. The issuer in its record counts like one in
   * the setting {@code ISSUER_BINDINGS}, and only for this server.
   */
  public AuthorizationStarter bindingAsOperator(EndpointUrl server, Issuer issuer) {
    var bound = rules.binding(server, issuer);
    return new AuthorizationStarter(discovery, bound, pin.under(bound), selector, ownClients.orDeployments(), pushed,
        outbound,
        sessions, requestBudget, grantBudget, clock);
  }

  /** Refuses a start whose issuer nothing binds to the resource: {@code issuer_not_bound}. Nothing is sent for this. */
  public void requireBound(DiscoveredResource resource, AuthorizationStart start) {
    pin.requireBound(resource, start);
  }

  /**
   * Begins a flow; {@code issuer_conflict} if the connection has a grant of another issuer that may not be replaced,
   * {@code server_conflict} if the connection has a grant that was given at another URL of the same resource,
   * {@code resource_not_exact} and {@code foreign_issuer} if the operator refuses such a resource or issuer,
   * {@code too_many_requests} for a user who begins far too many flows, or who has the most grants that a user may have
   * and would get one more.
   */
  public AuthorizationStarted begin(ConnectionKey connection, DiscoveredResource discovered, AuthorizationStart start,
      Invocation at) {
    var counted = start.counted() == null ? requestBudget.take(connection.user()) : start.counted();
    var pinned = pin.choose(connection, discovered, start, at.deadline());
    if (pinned.isFirst()) counted = grantBudget.requireRoom(connection.user(), counted);
    boolean limited = isLimited(counted);
    pinned.recorded().ifPresent(recorded -> ownClients.require(pinned.issuer(), recorded.client(), at.base()));
    var unusable = new UnusableIssuers();
    for (var issuer : Stream.concat(Stream.of(pinned.issuer()), pinned.others().stream()).toList()) {
      try {
        return begin(pinned.at(issuer), limited, at);
      } catch (Failure failure) {
        unusable.add(issuer, failure);
      }
    }
    throw unusable.failure();
  }

  private AuthorizationStarted begin(IssuerPin.Pinned pinned, boolean limited, Invocation at) {
    var stated = stated(pinned);
    boolean remembered = stated.isEmpty() && discovery.remembered(pinned.issuer()).isPresent();
    var found = stated
        .orElseGet(() -> discovery.authorizationServer(pinned.resource(), pinned.issuer(), at.deadline()));
    try {
      return begin(pinned, found, limited, at);
    } catch (Failure refused) {
      if (!remembered || !mayBeOutdated(refused)) throw refused;
      return begin(pinned, changed(found, refused, at), limited, at);
    }
  }

  /** The endpoints in the user's record, for which nothing is fetched. */
  private static Optional<DiscoveredServer> stated(IssuerPin.Pinned pinned) {
    return pinned.recorded().map(RecordedIssuer::endpoints)
        .map(endpoints -> DiscoveredServer.stated(pinned.issuer(), endpoints));
  }

  /** Whether a flow may have failed because the remembered metadata is no longer that of the authorization server. */
  private static boolean mayBeOutdated(Failure failure) {
    return switch (failure.code()) {
      case PKCE_UNSUPPORTED, CLIENT_REQUIRED, INVALID_METADATA, BLOCKED_URL -> true;
      case REGISTRATION_REFUSED, TOKEN_REQUEST_REFUSED -> failure.upstreamStatus().filter(GONE::contains).isPresent();
      default -> false;
    };
  }

  /** The metadata as it is now; the failure if it is what was remembered. */
  private DiscoveredServer changed(DiscoveredServer remembered, Failure failure, Invocation at) {
    return discovery.reread(remembered.metadata().issuer(), at.deadline())
        .filter(now -> !now.metadata().document().equals(remembered.metadata().document())).orElseThrow(() -> failure);
  }

  private AuthorizationStarted begin(IssuerPin.Pinned pinned, DiscoveredServer found, boolean limited, Invocation at) {
    var server = found.metadata();
    // The browser is sent there: an address that we would not connect to is not for our users either.
    outbound.admit(server.authorizationEndpoint());
    outbound.admit(server.tokenEndpoint());
    // A user who states endpoints vouches for S256, which is sent nevertheless.
    boolean pkceAssumed = found.source() == Source.RECORD || rules.requirePkce(server);
    var foreign = rules.requireTrusted(pinned.resource(), server);
    // A secret is not sent to guessed endpoints.
    boolean guessed = found.source() == Source.GUESSED;
    var warnings = warnings(pinned, pkceAssumed, foreign);
    warnings.addAll(Warning.of(leniencies(pinned, server)));
    return send(new Plan(guessed ? pinned.withoutSecret() : pinned, server, warnings, limited), at);
  }

  /** A flow whose authorization server is known. */
  private record Plan(IssuerPin.Pinned pinned, AuthorizationServerMetadata server, Set<Warning> warnings,
      boolean limited) {}

  private boolean isLimited(CountedCall counted) {
    return counted.calls() > MAX_FLOWS_WITHOUT_SLOT || grantBudget.mayBeExceeded(counted);
  }

  private AuthorizationStarted send(Plan plan, Invocation at) {
    var choices = new Choices();
    while (true) {
      var chosen = choose(plan, at);
      var scope = select(plan.pinned(), plan.server(), chosen.registration().scope(), chosen.offlineAccessRefused());
      choices.require(chosen, scope.scope());
      var state = State.fresh();
      var session = session(plan, chosen, scope, state);
      var provider = rules.profiles().requestsTo(session.target().issuer());
      var parameters = AuthorizationRequest.parameters(session, state, provider);
      var request = new PushedAuthorization.Request(session, parameters, choices.mayForget(chosen));
      switch (pushed.url(plan.server(), request, at.deadline())) {
        case PushedAuthorization.Outcome.Url(var url) -> {
          sessions.begin(session);
          var trusted = new AuthorizationStarted.Trusted(session.target().issuer(), session.target().resource(),
              scope.scope());
          return new AuthorizationStarted(url, state, plan.pinned().start().browser(), trusted,
              shown(session.warnings(), chosen));
        }
        case PushedAuthorization.Outcome.ClientForgotten(var refusal) -> choices.noteForgotten(refusal);
        case PushedAuthorization.Outcome.ScopesRefused(var refusal) -> choices.noteRefused(refusal);
      }
    }
  }

  private ClientSelector.Chosen choose(Plan plan, Invocation at) {
    var pinned = plan.pinned();
    var server = plan.server();
    boolean bound = rules.binds(server.issuer(), pinned.resource().server());
    var chosen = selector.choose(new ClientSelector.Wanted(pinned.connection(), server, bound, pinned.start().client(),
        wanted(pinned, server)), at);
    pinned.recorded().ifPresent(
        recorded -> recorded.requireOwnCallbackFor(chosen, plan.warnings().contains(Warning.FOREIGN_ENDPOINTS)));
    return chosen;
  }

  private AuthorizationSession session(Plan plan, ClientSelector.Chosen chosen, ScopeSelection scope, State state) {
    var start = plan.pinned().start();
    var server = plan.server();
    var resource = plan.pinned().resource();
    var target = new GrantTarget(server.issuer(), server.tokenEndpoint(), resource.metadata().resource(),
        resource.server(), StatedIssuer.of(plan.pinned().recorded().map(RecordedIssuer::endpoints).orElse(null)));
    var published = server.publishedIssuer();
    var request = new AuthorizationSession.Request(chosen.redirectUri(), chosen.context(), CodeVerifier.fresh(),
        scope.scope(), scope.offlineAccessAdded(), server.sendsIss(),
        published.equals(server.issuer()) ? null : published);
    return new AuthorizationSession(state.key(), plan.pinned().connection(), target, chosen.registration().client(),
        request, new AuthorizationSession.Binding(start.browser().hash(), start.returnTo()),
        storedWarnings(plan, chosen),
        start.replaceable(), clock.instant().plus(SESSION_LIFE), AuthorizationSession.Status.PENDING, null,
        plan.limited(), UserinfoEndpoint.of(server).orElse(null));
  }

  /** The scopes as if nothing were registered. A registration only counts where nothing else names a scope. */
  private WantedScopes wanted(IssuerPin.Pinned pinned, AuthorizationServerMetadata server) {
    var selection = select(pinned, server, Scopes.none(), false);
    return new WantedScopes(selection.scope(), selection.offlineAccessAdded());
  }

  private ScopeSelection select(IssuerPin.Pinned pinned, AuthorizationServerMetadata server, Scopes registered,
      boolean offlineAccessRefused) {
    var resource = pinned.resource();
    return ScopeSelection.select(new ScopeSelection.Sources(pinned.start().scope(), resource.challengedScope(),
        resource.metadata().scopesSupported(), registered, server.scopesSupported(),
        rules.profiles().requestsTo(server.issuer()).addedScopes(), offlineAccessRefused));
  }

  /** Where the user's record binds the issuer, the deployment does not make the binding. */
  private Set<Leniency> leniencies(IssuerPin.Pinned pinned, AuthorizationServerMetadata server) {
    return pinned.recorded().isPresent() ? rules.leniencies(server) : rules.leniencies(pinned.resource(), server);
  }

  private static Set<Warning> warnings(IssuerPin.Pinned pinned, boolean pkceAssumed, Set<Foreign> foreign) {
    var warnings = EnumSet.noneOf(Warning.class);
    if (pinned.recorded().isPresent()) warnings.add(Warning.ISSUER_BY_RECORD);
    else if (pinned.resource().isLegacy()) warnings.add(Warning.LEGACY_DISCOVERY);
    if (pkceAssumed) warnings.add(Warning.PKCE_NOT_ADVERTISED);
    if (foreign.contains(Foreign.ISSUER)) warnings.add(Warning.FOREIGN_ISSUER);
    if (foreign.contains(Foreign.ENDPOINTS)) warnings.add(Warning.FOREIGN_ENDPOINTS);
    return warnings;
  }

  /** The warnings of the connection. The redirect URI that issuers share is the one without a context. */
  private static Set<Warning> storedWarnings(Plan plan, ClientSelector.Chosen chosen) {
    var warnings = EnumSet.noneOf(Warning.class);
    warnings.addAll(plan.warnings());
    if (chosen.context() == null) warnings.add(Warning.SHARED_CALLBACK);
    return warnings;
  }

  /** The warnings of the connection, and the warning that is about this flow alone. */
  private static Set<Warning> shown(Set<Warning> warnings, ClientSelector.Chosen chosen) {
    var shown = EnumSet.noneOf(Warning.class);
    shown.addAll(warnings);
    if (chosen.redirectUriElsewhere()) shown.add(Warning.REDIRECT_URI_ELSEWHERE);
    return Warning.of(shown, chosen.registration().client());
  }
}
