package social.avatarai.mcp.registration;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.registration.Registrations.Known;
import social.avatarai.mcp.registration.Registrations.Query;

/**
 * Chooses our client identity for a flow: a pre-registered client, else our metadata document, else dynamic
 * registration, else a clear error (MCP specification, client registration).
 */
public final class ClientSelector {
  /** With less time than this, no registration is begun. */
  private static final Duration MIN_TO_REGISTER = Duration.ofSeconds(2);

  private final RegistrationEndpoint endpoint;
  private final ClientMetadata metadata;
  private final DocumentClients documents;
  private final OperatorClients operatorClients;
  private final IssuerRules rules;
  private final Registrations registrations;
  private final ClientSecrets secrets;
  private final Clock clock;
  private final RegistrationLease lease;
  private final ClientHolding holding;

  public ClientSelector(RegistrationEndpoint endpoint, ClientMetadata metadata, DocumentClients documents,
      OperatorClients operatorClients, IssuerRules rules, Registrations registrations, ClientSecrets secrets,
      ClientHolding holding, Clock clock, Pause pause) {
    this.holding = holding;
    this.endpoint = endpoint;
    this.metadata = metadata;
    this.documents = documents;
    this.operatorClients = operatorClients;
    this.rules = rules;
    this.registrations = registrations;
    this.secrets = secrets;
    this.clock = clock;
    this.lease = new RegistrationLease(registrations, clock, pause);
  }

  /**
   * The client for a flow, and what goes with it.
   *
   * @param registration the client
   * @param redirectUri where the authorization response will arrive
   * @param context the issuer's own part of the redirect URI; null for the plain callback
   * @param redirectUriElsewhere whether the client's record names a redirect URI under another base URL
   * @param offlineAccessRefused whether this issuer has refused {@code offline_access} on this connection
   */
  public record Chosen(ClientRegistration registration, RedirectUri redirectUri, @Nullable IssuerContext context,
      boolean redirectUriElsewhere, boolean offlineAccessRefused) {}

  /**
   * Chooses the client of a flow: one batch read, and a registration only if there is none yet.
   *
   * @param connection the user, and the connection that the grant will belong to
   * @param server the authorization server
   * @param choice the client that is wanted
   * @param scope the scopes that the flow will request
   */
  public Chosen choose(ConnectionKey connection, AuthorizationServerMetadata server, ClientChoice choice, Scopes scope,
      Invocation at) {
    var issuer = server.issuer();
    var uris = new RedirectUris(issuer, at.base(), rules.allowsPlainCallback(issuer));
    var query = new Query(connection.user(), connection.connection(), issuer, uris.own(), choice.named().orElse(null));
    var known = registrations.lookUp(query);
    var registration = switch (choice) {
      case ClientChoice.Ours _ -> ours(server, known, at).orElseGet(() -> registerOnce(query, server, scope, at));
      case ClientChoice.Named named -> named(named, server, known, at)
          .orElseGet(() -> publicClient(connection.user(), issuer, named.id()));
    };
    var redirect = uris.of(registration);
    return new Chosen(registration, redirect.uri(), redirect.uri().equals(uris.own()) ? IssuerContext.of(issuer) : null,
        redirect.elsewhere(), known.offlineAccessRefused());
  }

  private Optional<ClientRegistration> ours(AuthorizationServerMetadata server, Known known, Invocation at) {
    return operatorClients.registration(server).or(() -> documents.registration(server, at)).or(() -> usable(known));
  }

  private Optional<ClientRegistration> usable(Known known) {
    return Optional.ofNullable(known.own()).filter(own -> !own.isExpired(clock.instant()));
  }

  private Optional<ClientRegistration> named(ClientChoice.Named named, AuthorizationServerMetadata server, Known known,
      Invocation at) {
    return operatorClients.registration(server).filter(own -> own.client().id().equals(named.id()))
        .or(() -> Optional.ofNullable(known.named()).map(found -> authenticated(found, named, server)))
        .or(() -> documented(named.id(), server, at));
  }

  /** A client that is not registered here: it is used as a public client of the user who names it. */
  private static ClientRegistration publicClient(UserId user, Issuer issuer, ClientId id) {
    return new ClientRegistration(issuer,
        new ClientIdentity(Owner.of(user), ClientIdentity.Origin.PUBLIC, id, ClientAuthenticationMethod.NONE),
        List.of(),
        Scopes.none(), null);
  }

  /** Our own metadata document, named by its URL. */
  private Optional<ClientRegistration> documented(ClientId id, AuthorizationServerMetadata server, Invocation at) {
    if (!id.value().startsWith("https://")) return Optional.empty();
    return documents.registration(server, at).filter(own -> own.client().id().equals(id));
  }

  /** The method of a client that was registered by hand: its record, else profile, else metadata, else Basic. */
  private ClientRegistration authenticated(ClientRegistration found, ClientChoice.Named named,
      AuthorizationServerMetadata server) {
    var client = found.client();
    boolean byHand = client.origin() == ClientIdentity.Origin.PREREGISTERED && client.hasStoredSecret();
    return byHand ? found.as(client.authenticatingBy(method(named, server))) : found;
  }

  private ClientAuthenticationMethod method(ClientChoice.Named named, AuthorizationServerMetadata server) {
    var profiled = rules.profiles().of(server.issuer()).map(Profile::authMethod);
    return Optional.ofNullable(named.method()).or(() -> profiled)
        .orElseGet(() -> RegistrationChoice.method(server, ClientAuthenticationMethod.CLIENT_SECRET_BASIC));
  }

  /**
   * Registers once per issuer, however many flows begin at once: a flow without the lease waits for the one with it.
   */
  private ClientRegistration registerOnce(Query query, AuthorizationServerMetadata server, Scopes scope,
      Invocation at) {
    while (!lease.acquire(Owner.deployment(), server.issuer())) {
      lease.waitFor(at.deadline(), MIN_TO_REGISTER);
      var made = usable(registrations.lookUp(query));
      if (made.isPresent()) return made.get();
    }
    try {
      // The flow that held the lease before may just have registered.
      return usable(registrations.lookUp(query)).orElseGet(() -> register(server, scope, at));
    } finally {
      lease.release(Owner.deployment(), server.issuer());
    }
  }

  private ClientRegistration register(AuthorizationServerMetadata server, Scopes scope, Invocation at) {
    var redirectUri = at.base().callback(IssuerContext.of(server.issuer()));
    if (server.registrationEndpoint() == null) {
      throw new Failure.Refused(ErrorCode.CLIENT_REQUIRED,
          "The authorization server takes no registrations: a pre-registered client is needed, with the redirect URI "
              + redirectUri + ".",
          "");
    }
    var method = RegistrationChoice.method(server, ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
    var requested = new RegistrationResponse.Requested(redirectUri, method, scope);
    var response = endpoint.register(server.registrationEndpoint(), metadata, requested, at.deadline());
    holding.hold(Owner.deployment(), server.issuer(), response.clientId());
    if (response.secret() != null) {
      secrets.keep(Owner.deployment(), server.issuer(), response.clientId(), response.secret());
    }
    var registration = new ClientRegistration(server.issuer(), new ClientIdentity(Owner.deployment(),
        ClientIdentity.Origin.DYNAMIC, response.clientId(), response.method()), List.of(redirectUri), response.scope(),
        response.expiresAt());
    registrations.keepOwn(registration, redirectUri);
    return registration;
  }
}
