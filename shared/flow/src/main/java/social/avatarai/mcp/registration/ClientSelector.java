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
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.discovery.Profile;

/**
 * Chooses our client identity for a flow: pre-registered, then our metadata document, then dynamic registration, then a
 * clear error (MCP specification, client registration).
 */
public final class ClientSelector {
  /** Less time than this is too little to register in. */
  private static final Duration ENOUGH = Duration.ofSeconds(2);

  private final RegistrationEndpoint endpoint;
  private final ClientMetadata metadata;
  private final DocumentClients documents;
  private final OperatorClients operatorClients;
  private final IssuerRules rules;
  private final Registrations registrations;
  private final ClientSecrets secrets;
  private final Clock clock;
  private final RegistrationLease turn;

  public ClientSelector(RegistrationEndpoint endpoint, ClientMetadata metadata, DocumentClients documents,
      OperatorClients operatorClients, IssuerRules rules, Registrations registrations, ClientSecrets secrets,
      Clock clock, Pause pause) {
    this.endpoint = endpoint;
    this.metadata = metadata;
    this.documents = documents;
    this.operatorClients = operatorClients;
    this.rules = rules;
    this.registrations = registrations;
    this.secrets = secrets;
    this.clock = clock;
    this.turn = new RegistrationLease(registrations, clock, pause);
  }

  /**
   * What a flow needs a client for.
   *
   * @param connection whose flow, and for which server
   * @param server the authorization server
   * @param clientId the client that the caller names; null to choose our own
   * @param method how a pre-registered client is to authenticate; null for what the provider's profile or metadata says
   * @param scope what the flow will ask for
   */
  public record Need(ConnectionKey connection, AuthorizationServerMetadata server, @Nullable ClientId clientId,
      @Nullable ClientAuthenticationMethod method, Scopes scope) {}

  /**
   * The client for a flow, and what goes with it.
   *
   * @param registration the client
   * @param redirectUri where the response is to come in
   * @param context the issuer's own part of the redirect URI; null for the plain callback
   * @param redirectUriElsewhere whether the client's record names a redirect URI under another base URL
   * @param offlineAccessRefused whether this connection has seen {@code offline_access} refused at this issuer
   */
  public record Chosen(ClientRegistration registration, RedirectUri redirectUri, @Nullable IssuerContext context,
      boolean redirectUriElsewhere, boolean offlineAccessRefused) {}

  /** One batch read, and a registration only when there is none yet. */
  public Chosen choose(Need need, Invocation at) {
    var issuer = need.server().issuer();
    var uris = new RedirectUris(issuer, at.base(), rules.allowsPlainCallback(issuer));
    var known = registrations.lookUp(new Registrations.Query(need.connection().user(), need.connection().connection(),
        issuer, uris.own(), need.clientId()));
    var registration = need.clientId() == null ? ours(need, known, at) : named(need, need.clientId(), known, at);
    var choice = uris.of(registration);
    return new Chosen(registration, choice.uri(), choice.uri().equals(uris.own()) ? IssuerContext.of(issuer) : null,
        choice.elsewhere(), known.offlineAccessRefused());
  }

  private ClientRegistration ours(Need need, Registrations.Known known, Invocation at) {
    var server = need.server();
    return operatorClients.registration(server).or(() -> documents.registration(server, at))
        .or(() -> Optional.ofNullable(known.own()).filter(own -> !own.isExpired(clock.instant())))
        .orElseGet(() -> registerOnce(need, at));
  }

  private ClientRegistration named(Need need, ClientId clientId, Registrations.Known known, Invocation at) {
    var operator = operatorClients.registration(need.server()).filter(r -> r.client().id().equals(clientId));
    if (operator.isPresent()) return operator.get();
    if (known.named() != null) return authenticated(need, known.named());
    var document = documented(need, clientId, at);
    if (document.isPresent()) return document.get();
    return new ClientRegistration(need.server().issuer(), new ClientIdentity(Owner.of(need.connection().user()),
        ClientIdentity.Origin.PUBLIC, clientId, ClientAuthenticationMethod.NONE), List.of(), Scopes.none(), null);
  }

  /** Our own metadata document, named by its URL. */
  private Optional<ClientRegistration> documented(Need need, ClientId clientId, Invocation at) {
    if (!clientId.value().startsWith("https://")) return Optional.empty();
    return documents.registration(need.server(), at).filter(own -> own.client().id().equals(clientId));
  }

  /** Nobody has told how a client that was registered by hand authenticates: its record > profile > metadata > Basic. */
  private ClientRegistration authenticated(Need need, ClientRegistration named) {
    var client = named.client();
    boolean chosen = client.origin() == ClientIdentity.Origin.PREREGISTERED && client.hasStoredSecret();
    return chosen ? named.as(client.authenticatingBy(method(need))) : named;
  }

  private ClientAuthenticationMethod method(Need need) {
    var profiled = rules.profiles().of(need.server().issuer()).map(Profile::authMethod);
    return Optional.ofNullable(need.method()).or(() -> profiled).orElseGet(
        () -> RegistrationChoice.method(need.server(), ClientAuthenticationMethod.CLIENT_SECRET_BASIC));
  }

  /** One registration per issuer, however many flows begin at once: whoever has no lease waits for the one who has. */
  private ClientRegistration registerOnce(Need need, Invocation at) {
    var issuer = need.server().issuer();
    while (!turn.take(Owner.deployment(), issuer)) {
      turn.waitFor(at.deadline(), ENOUGH);
      var made = own(need, at);
      if (made.isPresent()) return made.get();
    }
    try {
      // Looked at again under the lease: the one who had it before may just have registered.
      return own(need, at).orElseGet(() -> registerOurselves(need, at));
    } finally {
      turn.end(Owner.deployment(), issuer);
    }
  }

  private Optional<ClientRegistration> own(Need need, Invocation at) {
    var issuer = need.server().issuer();
    var known = registrations.lookUp(new Registrations.Query(need.connection().user(), need.connection().connection(),
        issuer, at.base().callback(IssuerContext.of(issuer)), null));
    return Optional.ofNullable(known.own()).filter(own -> !own.isExpired(clock.instant()));
  }

  private ClientRegistration registerOurselves(Need need, Invocation at) {
    var server = need.server();
    if (server.registrationEndpoint() == null) {
      throw new Failure.Refused(ErrorCode.CLIENT_REQUIRED,
          "The authorization server takes no registrations: a pre-registered client is needed, with the redirect URI "
              + at.base().callback(IssuerContext.of(server.issuer())) + ".",
          "");
    }
    var redirectUri = at.base().callback(IssuerContext.of(server.issuer()));
    var method = RegistrationChoice.method(server, ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
    var asked = new RegistrationResponse.Asked(redirectUri, method, need.scope());
    var answer = endpoint.register(server.registrationEndpoint(), metadata, asked, at.deadline());
    var registration = keepable(answer, server, Owner.deployment(), List.of(redirectUri));
    if (answer.secret() != null) {
      secrets.keep(Owner.deployment(), server.issuer(), answer.clientId(), answer.secret());
    }
    registrations.keepOwn(registration, redirectUri);
    return registration;
  }

  private static ClientRegistration keepable(RegistrationResponse answer, AuthorizationServerMetadata server,
      Owner owner,
      List<RedirectUri> redirectUris) {
    return new ClientRegistration(server.issuer(),
        new ClientIdentity(owner, ClientIdentity.Origin.DYNAMIC, answer.clientId(), answer.method()), redirectUris,
        answer.scope(), answer.expiresAt());
  }
}
