package social.avatarai.mcp.authorization;

import java.util.Map;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.CredentialSource;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.token.PushedRequestEndpoint;
import social.avatarai.mcp.token.PushedRequestEndpoint.Pushed;
import social.avatarai.mcp.token.TokenResponse;

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
   * A request that is to be sent.
   *
   * @param session the session that will wait for the response
   * @param parameters the parameters of the request
   * @param mayForgetClient whether a client that the authorization server does not know is given up for a new one
   */
  record Request(AuthorizationSession session, Map<String, String> parameters, boolean mayForgetClient) {}

  /** What came of it. */
  sealed interface Outcome {
    /** Where the browser is sent. */
    record Url(String value) implements Outcome {}

    /** The client is refused, and is forgotten. The flow is to choose again. */
    record ClientForgotten(Failure refusal) implements Outcome {}

    /** The scopes are refused, and this is noted. The flow is to choose again. */
    record ScopesRefused(Failure refusal) implements Outcome {}
  }

  /** Makes the URL, or says which refusal another choice can heal. */
  Outcome url(AuthorizationServerMetadata server, Request request, Deadline deadline) {
    var session = request.session();
    var parameters = request.parameters();
    String url = AuthorizationRequest.url(server.authorizationEndpoint(), parameters);
    var pushed = server.pushedAuthorizationRequestEndpoint();
    boolean needed = server.requiresPushedAuthorizationRequests() || (pushed.isPresent() && url.length() > MAX_URL);
    if (!needed) return new Outcome.Url(url);
    var client = credentials.of(session.client(), session.target().registeredAt());
    var answer = endpoint.push(pushed.orElseThrow(PushedAuthorization::noEndpoint), parameters, client, deadline);
    return switch (answer) {
      case Pushed.Kept(var requestUri) -> new Outcome.Url(
          AuthorizationRequest.url(server.authorizationEndpoint(), session.client().id(), requestUri));
      case Pushed.Refused(var refusal) -> refused(request, refusal);
    };
  }

  private Outcome refused(Request request, TokenResponse.Refused refusal) {
    var session = request.session();
    var failure = new Failure.Refused(ErrorCode.TOKEN_REQUEST_REFUSED,
        "The authorization server refused the pushed authorization request.", refusal.described())
        .withUpstreamStatus(refusal.status());
    boolean ours = session.client().origin() == ClientIdentity.Origin.DYNAMIC;
    if (refusal.isUnknownClient() && ours && request.mayForgetClient()) {
      registrations.forgetOwn(session.client().owner(), session.target().registeredAt(), session.client().id());
      return new Outcome.ClientForgotten(failure);
    }
    if (refusal.isInvalidScope() && RefusedScopes.note(session, registrations)) {
      return new Outcome.ScopesRefused(failure);
    }
    throw failure;
  }

  private static Failure noEndpoint() {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA, "The authorization server requires pushed requests, "
        + "but its metadata has no pushed_authorization_request_endpoint.", "");
  }
}
