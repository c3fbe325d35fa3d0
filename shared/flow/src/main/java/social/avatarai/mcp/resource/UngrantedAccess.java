package social.avatarai.mcp.resource;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.discovery.Discovery.Probe;
import social.avatarai.mcp.http.Redirect;
import social.avatarai.mcp.resource.GrantedAccess.Asking;

/**
 * Asks MCP servers without a stored grant: with a caller's own token, with the credentials that the user has entered, or
 * with nothing.
 */
final class UngrantedAccess {
  private final McpClient client;
  private final RefusedAccess refusedAccess;

  UngrantedAccess(McpClient client, RefusedAccess refusedAccess) {
    this.client = client;
    this.refusedAccess = refusedAccess;
  }

  /** See {@link GrantedAccess#relayed}. */
  Access relayed(Asking asking, @Nullable AccessToken token, Deadline deadline) {
    return judge(asking, token, asking.send(client, token, Agreements.NONE, deadline), deadline);
  }

  /** See {@link GrantedAccess#open}. */
  Access open(Asking asking, Agreements agreements, Deadline deadline) {
    try {
      return judge(asking, null, asking.send(client, null, agreements, deadline), deadline);
    } catch (Failure.ProtocolBroken failure) {
      boolean redirected = failure.upstreamStatus().filter(Redirect::keepsMethod).isPresent();
      // Where the user has entered credentials, no consent is asked for.
      if (!redirected || !asking.entered().isEmpty()) throw failure;
      return consentAtTarget(asking, failure, deadline);
    }
  }

  /** A server that redirects to itself may ask for consent there. The failure stays where it does not. */
  private Access consentAtTarget(Asking asking, Failure redirected, Deadline deadline) {
    int status = redirected.upstreamStatus().orElseThrow();
    try {
      return refusedAccess.consent(asking, new Probe(status, Optional.empty()), deadline);
    } catch (Failure.Unknown | Failure.ProtocolBroken e) {
      throw redirected;
    }
  }

  private Access judge(Asking asking, @Nullable AccessToken token, McpResponse response, Deadline deadline) {
    return switch (response) {
      case McpResponse.Result(var result, var protocol) -> asking.answered(result, protocol);
      case McpResponse.RpcError(var error, int status) -> new Access.RpcError(error, status);
      case McpResponse.Unauthorized _ when token != null -> throw McpFailures.accessTokenRejected(401);
      case McpResponse.Forbidden _ when token != null -> throw McpFailures.accessTokenRejected(403);
      case McpResponse.Unauthorized _ when !asking.entered().isEmpty() -> throw McpFailures.credentialsRefused(401);
      case McpResponse.Forbidden _ when !asking.entered().isEmpty() -> throw McpFailures.credentialsRefused(403);
      case McpResponse.Unauthorized(var challenge) ->
        refusedAccess.consent(asking, new Probe(401, challenge), deadline);
      case McpResponse.Forbidden(var challenge) when challenge.isPresent() || asking.hasRecordedIssuer() ->
        refusedAccess.consent(asking, new Probe(403, challenge), deadline);
      case McpResponse.Forbidden _ -> throw McpFailures.refusedWithoutToken(403);
      case McpResponse.Unusable unusable -> throw McpFailures.of(unusable);
    };
  }
}
