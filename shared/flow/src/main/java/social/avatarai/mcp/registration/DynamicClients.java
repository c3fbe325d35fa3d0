package social.avatarai.mcp.registration;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.registration.Registrations.Known;
import social.avatarai.mcp.registration.Registrations.Query;

/**
 * The clients that this service registers dynamically (RFC 7591). One client of the deployment serves all users at an
 * issuer, so no user, record or challenge decides its scopes: the registration names none.
 *
 * <p>Where the issuer has refused scopes to this client, a client with these scopes is registered for the user alone,
 * whatever way the refusal came: a user chooses what is requested, and can invent a response at the user's own
 * callback. What the registration response leaves out is no refusal: Keycloak does not list a client's default scopes
 * there, and gives none of them to a client that is registered with named ones. The clients before stay, for the grants
 * that name them.
 */
final class DynamicClients {
  /** With less time than this, no registration is begun. */
  private static final Duration MIN_TO_REGISTER = Duration.ofSeconds(2);

  private final RegistrationEndpoint endpoint;
  private final ClientMetadata metadata;
  private final Registrations registrations;
  private final RegistrationManagements managements;
  private final ClientSecrets secrets;
  private final ClientHolding holding;
  private final Clock clock;
  private final RegistrationLease lease;

  DynamicClients(RegistrationEndpoint endpoint, ClientMetadata metadata, Registrations registrations,
      RegistrationManagements managements, ClientSecrets secrets, ClientHolding holding, Clock clock,
      Pause pause) {
    this.endpoint = endpoint;
    this.metadata = metadata;
    this.registrations = registrations;
    this.managements = managements;
    this.secrets = secrets;
    this.holding = holding;
    this.clock = clock;
    this.lease = new RegistrationLease(registrations, clock, pause, MIN_TO_REGISTER);
  }

  /** A flow that needs a client: what is known at the issuer, and the scopes that the flow will request. */
  private record Need(Query query, Known known, AuthorizationServerMetadata server, WantedScopes wanted,
      Invocation at) {

    /** Whether the client of the user alone was registered for these scopes, or for a part of them. */
    boolean isForTheUserAlone() {
      var alone = known.alone();
      var named = alone == null ? Scopes.none() : WantedScopes.withoutOffline(alone.named());
      return !named.isEmpty() && wanted.withoutOffline().containsAll(named);
    }

    /** Whether the issuer has refused these scopes to this client. */
    boolean isRefused(ClientRegistration own) {
      var refusal = known.refusal();
      return refusal != null && refusal.appliesTo(own.client().id(), wanted.scope());
    }
  }

  /** The client for a flow: one that is there, or a new one. */
  ClientRegistration choose(Query query, Known known, AuthorizationServerMetadata server, WantedScopes wanted,
      Invocation at) {
    var need = new Need(query, known, server, wanted, at);
    var own = Optional.ofNullable(known.own()).filter(this::isUsable);
    if (own.isEmpty()) return register(need, Owner.deployment(), Scopes.none(), this::isUsable);
    boolean alone = need.isForTheUserAlone() || need.isRefused(own.get());
    return alone ? forTheUserAlone(need, own.get()) : own.get();
  }

  /** A client for this user alone. If the issuer registers none with these scopes, its refusal is the flow's end. */
  private ClientRegistration forTheUserAlone(Need need, ClientRegistration own) {
    Predicate<ClientRegistration> suits = one -> isUsable(one)
        && one.named().containsAll(need.wanted().withoutOffline());
    var alone = need.known().alone();
    if (alone != null && suits.test(alone)) return alone;
    var owner = Owner.of(need.query().user());
    RegistrationLease.requireRoom(registrations, owner);
    try {
      return register(need, owner, need.wanted().scope(), suits);
    } catch (Failure.Refused e) {
      return own;
    }
  }

  private boolean isUsable(ClientRegistration registration) {
    return !registration.isExpired(clock.instant());
  }

  private @Nullable ClientRegistration current(Need need, Owner owner) {
    var known = registrations.lookUp(need.query());
    return owner.isDeployment() ? known.own() : known.alone();
  }

  /**
   * Registers once for each owner and issuer, however many flows begin at once: a flow without the lease waits for the
   * one with it.
   */
  private ClientRegistration register(Need need, Owner owner, Scopes named, Predicate<ClientRegistration> suits) {
    var issuer = need.server().issuer();
    while (!lease.acquire(owner, issuer)) {
      lease.waitFor(need.at().deadline());
      var made = current(need, owner);
      if (made != null && suits.test(made)) return made;
    }
    try {
      // The flow that held the lease before may just have registered.
      var made = current(need, owner);
      return made != null && suits.test(made) ? made : send(need, owner, named, made);
    } finally {
      lease.release(owner, issuer);
    }
  }

  private ClientRegistration send(Need need, Owner owner, Scopes named, @Nullable ClientRegistration before) {
    var server = need.server();
    var redirectUri = need.query().redirectUri();
    if (server.registrationEndpoint() == null) throw clientRequired(redirectUri.value());
    var method = RegistrationChoice.method(server, ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
    var requested = new RegistrationResponse.Requested(redirectUri, method, named);
    var response = endpoint.register(server, RegistrationRequest.of(metadata, requested, server),
        requested, need.at().deadline());
    holding.hold(owner, server.issuer(), response.clientId());
    if (!owner.isDeployment()) keepManagement(owner, server, server.registrationEndpoint(), response);
    if (response.secret() != null) secrets.keep(owner, server.issuer(), response.clientId(), response.secret());
    var client = new ClientIdentity(owner, ClientIdentity.Origin.DYNAMIC, response.clientId(), response.method());
    // A flow that names no scope asks for what the issuer gives by itself, not for everything that was named here.
    var scope = before == null ? Scopes.none() : before.scope();
    var registration = new ClientRegistration(server.issuer(), client, List.of(redirectUri),
        named.isEmpty() ? response.scope() : scope, named, response.expiresAt());
    if (before != null) registrations.keep(before);
    registrations.keepOwn(registration, redirectUri);
    return registration;
  }

  /** Deployment registrations are never deleted, so only the management token of a user's own client is stored. */
  private void keepManagement(Owner owner, AuthorizationServerMetadata server, EndpointUrl registrationEndpoint,
      RegistrationResponse response) {
    RegistrationManagement.of(response.document(), registrationEndpoint)
        .ifPresent(how -> managements.keep(owner, server.issuer(), response.clientId(), how));
  }

  private static Failure clientRequired(String redirectUri) {
    return new Failure.Refused(ErrorCode.CLIENT_REQUIRED,
        "The authorization server takes no registrations: a pre-registered client is needed, with the redirect URI "
            + redirectUri + ".",
        "");
  }
}
