package social.avatarai.mcp.registration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.registration.RegistrationResponse.Requested;

/**
 * The guide's {@code register-client}. It sends a caller's own RFC 7591 body to the registration endpoint of an issuer,
 * adds our issuer-specific redirect URI, and keeps the response as the caller's registration there (as the deployment's
 * registration if the caller is the operator).
 */
public final class CallerRegistration {
  /** With less time than this, no registration is begun. */
  private static final Duration MIN_TO_REGISTER = Duration.ofSeconds(5);
  private static final int MAX_REDIRECT_URIS = 20;

  private final RegistrationEndpoint endpoint;
  private final ClientMetadata metadata;
  private final Registrations registrations;
  private final ClientSecrets secrets;
  private final RegistrationManagements managements;
  private final RegistrationLease lease;
  private final ClientHolding holding;

  public CallerRegistration(RegistrationEndpoint endpoint, ClientMetadata metadata, Registrations registrations,
      ClientSecrets secrets, RegistrationManagements managements, ClientHolding holding, Clock clock,
      Pause pause) {
    this.holding = holding;
    this.endpoint = endpoint;
    this.metadata = metadata;
    this.registrations = registrations;
    this.secrets = secrets;
    this.managements = managements;
    this.lease = new RegistrationLease(registrations, clock, pause, MIN_TO_REGISTER);
  }

  /** Refuses client metadata that no server can accept, before a server is asked. */
  public static void requireWellFormed(ObjectNode body) {
    JsonNode uris = body.path("redirect_uris");
    if (!uris.isMissingNode() && !uris.isArray()) throw bad("Parameter redirect_uris must be a list.");
    if (uris.size() >= MAX_REDIRECT_URIS) {
      throw bad("A registration has at most " + MAX_REDIRECT_URIS
          + " redirect URIs, with the one that this service adds to redirect_uris.");
    }
    for (JsonNode uri : uris)
      EndpointUrl.ofParameter("redirect_uris", uri.asText());
    Scopes.ofParameter("scope", body.path("scope").asText(""));
    method(body.path("token_endpoint_auth_method").asText(ClientAuthenticationMethod.NONE.wireName()));
  }

  /** Registers a client, keeps it, and returns the whole response. */
  public ObjectNode register(Caller caller, AuthorizationServerMetadata server, ObjectNode body, Invocation at) {
    var owner = caller.operator() ? Owner.deployment() : Owner.of(caller.user());
    RegistrationLease.requireRoom(registrations, owner);
    var ours = at.base().callback(IssuerContext.of(server.issuer()));
    var redirectUris = redirectUris(body, ours);
    var request = complete(body, redirectUris, server);
    return lease.during(owner, server.issuer(), at.deadline(), () -> {
      var response = RegistrationResponse.judge(endpoint.send(endpoint(server), request, at.deadline()),
          requested(request, ours));
      keep(owner, server, redirectUris, response, at.deadline());
      return response.document();
    });
  }

  private static EndpointUrl endpoint(AuthorizationServerMetadata server) {
    if (server.registrationEndpoint() != null) return server.registrationEndpoint();
    throw new Failure.Refused(ErrorCode.CLIENT_REQUIRED, "The authorization server takes no registrations.", "");
  }

  /** Keeps the holder and the management token first, so that a registration that is kept can also be deleted at its issuer. */
  private void keep(Owner owner, AuthorizationServerMetadata server, List<RedirectUri> redirectUris,
      RegistrationResponse response, Deadline deadline) {
    holding.hold(owner, server.issuer(), response.clientId());
    // Deployment registrations are never deleted, so their management token is not stored.
    var how = owner.isDeployment()
        ? Optional.<RegistrationManagement>empty()
        : RegistrationManagement.of(response.document(), endpoint(server));
    how.ifPresent(management -> managements.keep(owner, server.issuer(), response.clientId(), management));
    try {
      if (response.secret() != null) secrets.keep(owner, server.issuer(), response.clientId(), response.secret());
    } catch (Failure.BadRequest noRoom) {
      undo(owner, server, response.clientId(), deadline);
      throw noRoom;
    }
    registrations.keep(new ClientRegistration(server.issuer(),
        new ClientIdentity(owner, ClientIdentity.Origin.CALLER, response.clientId(), response.method()), redirectUris,
        response.scope(), response.expiresAt()));
  }

  /** Tries to delete a registration at the issuer that cannot be kept here. The caller gets the first failure. */
  private void undo(Owner owner, AuthorizationServerMetadata server, ClientId clientId, Deadline deadline) {
    holding.end(owner, server.issuer(), clientId, deadline);
    managements.remove(owner, server.issuer(), clientId);
    holding.release(owner, server.issuer(), clientId);
  }

  /** The caller's body, with our redirect URI and with the members that real servers insist on. */
  private ObjectNode complete(ObjectNode body, List<RedirectUri> redirectUris, AuthorizationServerMetadata server) {
    var request = body.deepCopy();
    var defaults = metadata.registration(redirectUris.getLast(),
        RegistrationChoice.method(server, ClientAuthenticationMethod.CLIENT_SECRET_BASIC), Scopes.none());
    defaults.propertyStream().filter(member -> !request.hasNonNull(member.getKey()))
        .forEach(member -> request.set(member.getKey(), member.getValue()));
    var uris = request.putArray("redirect_uris");
    redirectUris.forEach(uri -> uris.add(uri.value()));
    return request;
  }

  private static List<RedirectUri> redirectUris(ObjectNode body, RedirectUri ours) {
    var uris = new LinkedHashSet<RedirectUri>();
    for (JsonNode uri : body.path("redirect_uris"))
      uris.add(new RedirectUri(uri.asText()));
    uris.add(ours);
    return new ArrayList<>(uris);
  }

  private static Requested requested(ObjectNode request, RedirectUri ours) {
    return new Requested(ours, method(request.path("token_endpoint_auth_method").asText()),
        Scopes.parse(request.path("scope").asText("")));
  }

  private static ClientAuthenticationMethod method(String name) {
    return ClientAuthenticationMethod.ofWire(name)
        .orElseThrow(() -> bad("Parameter token_endpoint_auth_method is not one that this service speaks."));
  }

  private static Failure bad(String message) {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, message);
  }
}
