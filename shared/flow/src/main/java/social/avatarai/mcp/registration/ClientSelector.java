package social.avatarai.mcp.registration;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.registration.Registrations.Known;
import social.avatarai.mcp.registration.Registrations.Query;

/**
 * Chooses our client identity for a flow: a pre-registered client, else our metadata document, else dynamic
 * registration, else a clear error (MCP specification, client registration).
 */
public final class ClientSelector {
  private final DynamicClients dynamicClients;
  private final DocumentClients documents;
  private final OperatorClients operatorClients;
  private final IssuerRules rules;
  private final Registrations registrations;

  public ClientSelector(RegistrationEndpoint endpoint, ClientMetadata metadata, DocumentClients documents,
      OperatorClients operatorClients, IssuerRules rules, Registrations registrations,
      RegistrationManagements managements, ClientSecrets secrets, ClientHolding holding, Clock clock,
      Pause pause) {
    this.dynamicClients = new DynamicClients(endpoint, metadata, registrations, managements, secrets, holding, clock,
        pause);
    this.documents = documents;
    this.operatorClients = operatorClients;
    this.rules = rules;
    this.registrations = registrations;
  }

  /**
   * The client for a flow, and what goes with it.
   *
   * @param registration the client
   * @param redirectUri where the authorization response will arrive
   * @param context the issuer's own part of the redirect URI; null for the plain callback
   * @param redirectUriElsewhere whether the client's record names a redirect URI under another base URL
   * @param offlineAccessRefused whether this issuer has refused {@code offline_access} on this connection
   * @param isNew whether the client was registered for this choice
   */
  public record Chosen(ClientRegistration registration, RedirectUri redirectUri, @Nullable IssuerContext context,
      boolean redirectUriElsewhere, boolean offlineAccessRefused, boolean isNew) {}

  /**
   * What a flow wants a client for.
   *
   * @param connection the user, and the connection that the grant will belong to
   * @param server the authorization server
   * @param bound whether the operator or a profile binds the authorization server to the flow's MCP server. The operator's
   *        client is used there alone: with the metadata of any other server, a stranger could have users consent to the
   *        operator's client, and would get the tokens
   * @param choice the client that is wanted
   * @param scopes the scopes that the flow will request
   */
  public record Wanted(ConnectionKey connection, AuthorizationServerMetadata server, boolean bound, ClientChoice choice,
      WantedScopes scopes) {}

  /** Chooses the client of a flow: one batch read, and a registration only if there is none yet. */
  public Chosen choose(Wanted wanted, Invocation at) {
    var server = wanted.server();
    var issuer = server.issuer();
    var connection = wanted.connection();
    var uris = new RedirectUris(issuer, at.base(), rules.allowsPlainCallback(issuer));
    var query = new Query(connection.user(), connection.connection(), server.registeredAt(), uris.own(),
        wanted.choice().named().orElse(null));
    var known = registrations.lookUp(query);
    boolean offlineAccessRefused = isOfflineAccessRefused(query, known, server, wanted.scopes());
    var scopes = offlineAccessRefused ? wanted.scopes().afterOfflineRefusal() : wanted.scopes();
    var registration = switch (wanted.choice()) {
      case ClientChoice.Ours _ -> ours(wanted, at)
          .orElseGet(() -> dynamicClients.choose(query, known, server, scopes, at));
      case ClientChoice.Named named -> named(named, wanted, known, at)
          .orElseGet(() -> publicClient(connection.user(), issuer, named.id()));
    };
    var redirect = uris.of(registration);
    return new Chosen(registration, redirect.uri(), redirect.uri().equals(uris.own()) ? IssuerContext.of(issuer) : null,
        redirect.elsewhere(), offlineAccessRefused, isNew(registration, known));
  }

  private static boolean isNew(ClientRegistration chosen, Known known) {
    boolean isKnown = Stream.concat(Stream.ofNullable(known.own()), Stream.ofNullable(known.alone()))
        .anyMatch(one -> one.client().id().equals(chosen.client().id()));
    return chosen.client().origin() == ClientIdentity.Origin.DYNAMIC && !isKnown;
  }

  /**
   * Whether {@code offline_access} was refused. An {@code invalid_scope} does not say which scope it means. It means
   * {@code offline_access} if we added that scope, and the issuer knows the others: it lists them, or it has registered
   * the refused client for them.
   */
  private boolean isOfflineAccessRefused(Query query, Known known, AuthorizationServerMetadata server,
      WantedScopes wanted) {
    if (known.offlineAccessRefused()) return true;
    var refusal = known.refusal();
    if (refusal == null || !wanted.offlineAccessAdded() || !wanted.scope().containsAll(refusal.scopes())
        || refusal.scopes().equals(WantedScopes.withoutOffline(refusal.scopes()))) {
      return false;
    }
    var others = WantedScopes.withoutOffline(refusal.scopes());
    boolean registered = Stream.concat(Stream.ofNullable(known.own()), Stream.ofNullable(known.alone()))
        .anyMatch(one -> one.client().id().equals(refusal.client()) && one.named().containsAll(others));
    if (!registered && !server.scopesSupported().containsAll(others)) return false;
    registrations.noteOfflineAccessRefused(query.user(), query.connection(), query.issuer());
    return true;
  }

  private Optional<ClientRegistration> ours(Wanted wanted, Invocation at) {
    return operators(wanted).filter(_ -> wanted.bound()).or(() -> documents.registration(wanted.server(), at));
  }

  private Optional<ClientRegistration> operators(Wanted wanted) {
    return operatorClients.registration(wanted.server());
  }

  private Optional<ClientRegistration> named(ClientChoice.Named named, Wanted wanted, Known known, Invocation at) {
    var server = wanted.server();
    var operators = operators(wanted).filter(own -> own.client().id().equals(named.id()));
    if (operators.isPresent() && (wanted.bound() || named.byBuiltIn())) return operators;
    var found = registered(named, server.registeredAt(), known);
    // Every user can read the identifier in the browser's address bar, and the consent page names the operator.
    if (operators.isPresent() && found.filter(ClientSelector::isProvenlyOfUser).isEmpty())
      throw UsersOwnClients.unbound();
    return found.map(one -> one.at(server.issuer()).as(
        RegistrationChoice.authenticated(one.client(), named.method(), server, rules.profiles())))
        .or(() -> documented(named.id(), server, at));
  }

  /**
   * The named client. A built-in record names the deployment's client. Otherwise the user's own client comes first.
   *
   * <p>A client that the operator has entered in a built-in record is for the servers of such records alone. Every user
   * sees its identifier. So a user who names it for another server is refused, unless the user has its secret too.
   */
  private static Optional<ClientRegistration> registered(ClientChoice.Named named, Issuer registeredAt, Known known) {
    var deployments = Optional.ofNullable(known.deployments())
        .filter(one -> isEntered(one) || one.issuer().equals(registeredAt));
    // A client of a server record may have been kept under the spelling that a person wrote. Every other client was
    // registered at the issuer that publishes this spelling, so it is used there alone.
    var found = Optional.ofNullable(known.named())
        .or(() -> Optional.ofNullable(known.misspelled()).filter(ClientSelector::isEntered));
    if (named.byBuiltIn()) return deployments.or(() -> found.filter(one -> one.client().owner().isDeployment()));
    boolean reserved = deployments.filter(ClientSelector::isEntered).isPresent();
    if (reserved && found.filter(ClientSelector::isProvenlyOfUser).isEmpty()) throw UsersOwnClients.reserved();
    return found;
  }

  /** Whether the user has more of the client than its identifier. */
  private static boolean isProvenlyOfUser(ClientRegistration one) {
    return !one.client().owner().isDeployment() && (!isEntered(one) || one.client().hasStoredSecret());
  }

  /** Whether the client was entered in a server record. */
  private static boolean isEntered(ClientRegistration one) {
    return one.client().origin() == ClientIdentity.Origin.PREREGISTERED;
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
}
