package social.avatarai.mcp.authorization;

import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.BrowserKey;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.CodeVerifier;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.State;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.registration.ClientSelector;
import social.avatarai.mcp.registration.StartQuota;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Replaceable;

/** Begins a flow: from a discovered resource to the URL that the browser is sent to, and the session that waits. */
public final class AuthorizationStarter {
  /** How long a user may take at the consent page. */
  public static final Duration SESSION_LIFE = Duration.ofMinutes(10);

  private final Discovery discovery;
  private final IssuerRules rules;
  private final IssuerPin pin;
  private final ClientSelector registrar;
  private final Outbound outbound;
  private final Sessions sessions;
  private final StartQuota quota;
  private final Clock clock;

  public AuthorizationStarter(Discovery discovery, IssuerRules rules, IssuerPin pin, ClientSelector registrar,
      Outbound outbound, Sessions sessions, StartQuota quota, Clock clock) {
    this.discovery = discovery;
    this.rules = rules;
    this.pin = pin;
    this.registrar = registrar;
    this.outbound = outbound;
    this.sessions = sessions;
    this.quota = quota;
    this.clock = clock;
  }

  /**
   * What to begin.
   *
   * @param connection the user, and the connection that the grant will be
   * @param resource the resource, as discovered
   * @param issuer the authorization server the caller names; null for the resource's own
   * @param clientId the client the caller names; null for our own
   * @param method how that client authenticates, if it was registered by hand; null when nobody has said
   * @param scope the scopes the caller names; null to select them
   * @param browser the browser's key, kept from an earlier flow or new
   * @param returnTo where the browser goes in the end; null for our own page
   * @param replaceable what its grant may take the place of
   */
  public record Beginning(ConnectionKey connection, DiscoveredResource resource, @Nullable Issuer issuer,
      @Nullable ClientId clientId, @Nullable ClientAuthenticationMethod method, @Nullable Scopes scope,
      BrowserKey browser, @Nullable String returnTo, Replaceable replaceable) {

    private Beginning withoutSecret() {
      return new Beginning(connection, resource, issuer, clientId, ClientAuthenticationMethod.NONE, scope, browser,
          returnTo, replaceable);
    }

    private Beginning as(IssuerPin.Choice choice) {
      return new Beginning(connection, choice.resource(), issuer, clientId, method, scope, browser, returnTo,
          choice.replaceable());
    }
  }

  /**
   * A flow that has begun.
   *
   * @param authorizationUrl where the browser must go
   * @param state its state
   * @param browser the key to give to the browser
   * @param trusted what the user is about to trust
   * @param warnings what the user should know before consenting
   */
  public record Begun(String authorizationUrl, State state, BrowserKey browser, Trusted trusted,
      Set<Warning> warnings) {

    public Begun {
      warnings = Set.copyOf(warnings);
    }

    /**
     * Whom a consent trusts, and with what.
     *
     * @param issuer the authorization server that the browser is sent to
     * @param resource the resource that the tokens will be for
     * @param scope the scopes that are asked for; none where the authorization server chooses
     */
    public record Trusted(Issuer issuer, ResourceUri resource, Scopes scope) {}
  }

  /**
   * Begins a flow; {@code issuer_conflict} where the connection has a grant of another issuer that may not be replaced,
   * {@code server_conflict} where it has one that was given at another URL of the same resource,
   * {@code too_many_requests} for a user who begins far too many.
   */
  public Begun begin(Beginning given, Invocation at) {
    var choice = pin.choose(given, at.deadline());
    var issuer = choice.issuer();
    var resource = choice.resource();
    var beginning = given.as(choice);
    var found = discovery.authorizationServer(resource, issuer, at.deadline());
    var server = found.metadata();
    // The browser is sent there: an address that we would not connect to is none for our users either.
    outbound.admit(server.authorizationEndpoint());
    outbound.admit(server.tokenEndpoint());
    boolean pkceAssumed = rules.requirePkce(server);
    var now = clock.instant();
    if (!quota.take(beginning.connection().user(), now)) {
      throw StartQuota.exceeded("Too many flows were begun; try again in the next hour.", now);
    }
    // No metadata says that this is where a secret belongs: none is sent to endpoints that are guessed.
    boolean guessed = found.metadataUrl().equals(issuer.url());
    return send(guessed ? beginning.withoutSecret() : beginning, server, warnings(resource, pkceAssumed), at);
  }

  /** Counts a step-up; {@code too_many_requests} where a server wants one after the other. */
  public void countStepUp(ConnectionKey connection) {
    var now = clock.instant();
    if (quota.takeStepUp(connection, now)) return;
    throw StartQuota.exceeded("The server asks for ever more scopes; try again in the next hour.", now);
  }

  private Begun send(Beginning beginning, AuthorizationServerMetadata server, Set<Warning> warnings, Invocation at) {
    var wanted = select(beginning, server, Scopes.none(), false).scope();
    var chosen = registrar.choose(new ClientSelector.Need(beginning.connection(), server, beginning.clientId(),
        beginning.method(), wanted), at);
    var scope = select(beginning, server, chosen.registration().scope(), chosen.offlineAccessRefused());
    var state = State.fresh();
    var resource = beginning.resource();
    var target = new GrantTarget(server.issuer(), server.tokenEndpoint(), resource.metadata().resource(),
        resource.server());
    var request = new AuthorizationSession.Request(chosen.redirectUri(), chosen.context(), CodeVerifier.fresh(),
        scope.scope(), scope.offlineAccessAdded(), server.sendsIss());
    sessions.begin(new AuthorizationSession(state.key(), beginning.connection(), target,
        chosen.registration().client(), request,
        new AuthorizationSession.Binding(beginning.browser().hash(), beginning.returnTo()), warnings,
        beginning.replaceable(), clock.instant().plus(SESSION_LIFE), AuthorizationSession.Status.PENDING, null));
    String url = AuthorizationRequest.url(server.authorizationEndpoint(), chosen.registration().client().id(), request,
        target.resource(), state);
    return new Begun(url, state, beginning.browser(),
        new Begun.Trusted(target.issuer(), target.resource(), scope.scope()),
        shown(warnings, chosen));
  }

  private static ScopeSelection select(Beginning beginning, AuthorizationServerMetadata server, Scopes registered,
      boolean offlineAccessRefused) {
    var resource = beginning.resource();
    return ScopeSelection.select(new ScopeSelection.Sources(beginning.scope(), resource.challengedScope(),
        resource.metadata().scopesSupported(), registered, server.scopesSupported(), offlineAccessRefused));
  }

  private static Set<Warning> warnings(DiscoveredResource resource, boolean pkceAssumed) {
    var warnings = EnumSet.noneOf(Warning.class);
    if (resource.isLegacy()) warnings.add(Warning.LEGACY_DISCOVERY);
    if (pkceAssumed) warnings.add(Warning.PKCE_NOT_ADVERTISED);
    return warnings;
  }

  /** The connection's warnings, and what is about this flow alone. */
  private static Set<Warning> shown(Set<Warning> warnings, ClientSelector.Chosen chosen) {
    var shown = EnumSet.noneOf(Warning.class);
    shown.addAll(warnings);
    if (chosen.redirectUriElsewhere()) shown.add(Warning.REDIRECT_URI_ELSEWHERE);
    return Warning.of(shown, chosen.registration().client());
  }
}
