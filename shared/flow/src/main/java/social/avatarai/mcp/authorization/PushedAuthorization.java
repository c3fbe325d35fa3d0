package social.avatarai.mcp.authorization;

import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.CredentialSource;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.token.PushedRequestEndpoint;
import social.avatarai.mcp.token.PushedRequestEndpoint.Pushed;

/**
 * Makes the URL of the consent page. The request is pushed first (RFC 9126) where the authorization server requires
 * it, and where the URL would be too long for some browsers and proxies.
 */
public final class PushedAuthorization {
  /** In characters. Longer URLs are pushed where the authorization server takes pushed requests. */
  static final int MAX_URL = 2000;

  private final PushedRequestEndpoint endpoint;
  private final CredentialSource credentials;
  private final Registrations registrations;

  public PushedAuthorization(PushedRequestEndpoint endpoint, CredentialSource credentials,
      Registrations registrations) {
    this.endpoint = endpoint;
    this.credentials = credentials;
    this.registrations = registrations;
  }

  /**
   * The URL for this session and these parameters. Empty if the authorization server refuses the client or the scopes
   * in a way that another client or other scopes can heal: this is noted, so the flow is to choose again.
   */
  Optional<String> url(AuthorizationServerMetadata server, AuthorizationSession session, Map<String, String> parameters,
      Deadline deadline) {
    String url = AuthorizationRequest.url(server.authorizationEndpoint(), parameters);
    var pushed = server.pushedAuthorizationRequestEndpoint();
    boolean needed = server.requiresPushedAuthorizationRequests() || (pushed.isPresent() && url.length() > MAX_URL);
    if (!needed) return Optional.of(url);
    return push(pushed.orElseThrow(PushedAuthorization::noEndpoint), session, parameters, deadline)
        .map(uri -> AuthorizationRequest.url(server.authorizationEndpoint(), session.client().id(), uri));
  }

  private Optional<String> push(EndpointUrl url, AuthorizationSession session, Map<String, String> parameters,
      Deadline deadline) {
    var client = credentials.of(session.client(), session.target().issuer());
    return switch (endpoint.push(url, parameters, client, deadline)) {
      case Pushed.Kept(var requestUri) -> Optional.of(requestUri);
      case Pushed.Refused(var refusal) when refusal.isUnknownClient() && isOurs(session) -> {
        // The issuer has forgotten the client that we registered: a new one is registered.
        registrations.forgetOwn(session.client().owner(), session.target().issuer(), session.client().id());
        yield Optional.empty();
      }
      case Pushed.Refused(var refusal) when refusal.isInvalidScope() && (isOurs(session)
          || session.request().offlineAccessAdded()) -> {
        RefusedScopes.note(session, registrations);
        yield Optional.empty();
      }
      case Pushed.Refused(var refusal) -> throw refused(refusal.described(), refusal.status());
    };
  }

  private static boolean isOurs(AuthorizationSession session) {
    return session.client().origin() == ClientIdentity.Origin.DYNAMIC;
  }

  static Failure refused(String described, int status) {
    return new Failure.Refused(ErrorCode.TOKEN_REQUEST_REFUSED,
        "The authorization server refused the pushed authorization request.", described).withUpstreamStatus(status);
  }

  private static Failure noEndpoint() {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA, "The authorization server requires pushed requests, "
        + "but its metadata has no pushed_authorization_request_endpoint.", "");
  }
}
