package social.avatarai.mcp.resource;

import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.discovery.Discovery.Probe;
import social.avatarai.mcp.resource.GrantedAccess.Asking;

/** Asks MCP servers without a stored grant: with a caller's own token, or without a token. */
final class UngrantedAccess {
  private final McpClient client;
  private final RefusedAccess refusedAccess;

  UngrantedAccess(McpClient client, RefusedAccess refusedAccess) {
    this.client = client;
    this.refusedAccess = refusedAccess;
  }

  /** See {@link GrantedAccess#relayed}. */
  Access relayed(Asking asking, @Nullable AccessToken token, Deadline deadline) {
    return judge(asking, token, asking.send(client, token, null, deadline),
        agreed -> client.leave(asking.peer(token), agreed, deadline), deadline);
  }

  /** See {@link GrantedAccess#open}. */
  Access open(Asking asking, @Nullable NegotiatedProtocol kept, Predicate<NegotiatedProtocol> keeper,
      Deadline deadline) {
    return judge(asking, null, asking.send(client, null, kept, deadline),
        agreed -> KeptSessions.keepOrLeave(client, asking, asking.peer(null), kept, agreed, keeper, deadline),
        deadline);
  }

  private Access judge(Asking asking, @Nullable AccessToken token, McpResponse response,
      Consumer<NegotiatedProtocol> after, Deadline deadline) {
    return switch (response) {
      case McpResponse.Result(var result, var protocol) -> {
        if (protocol != null) after.accept(protocol);
        yield new Access.Answered(asking.shown(result, protocol));
      }
      case McpResponse.RpcError(var error, int status, var protocol) -> {
        if (protocol != null) after.accept(protocol);
        yield new Access.RpcError(error, status);
      }
      case McpResponse.Unauthorized _ when token != null -> throw McpFailures.accessTokenRejected(401);
      case McpResponse.Forbidden _ when token != null -> throw McpFailures.accessTokenRejected(403);
      case McpResponse.Unauthorized(var challenge) ->
        refusedAccess.consent(asking, new Probe(401, challenge), deadline);
      case McpResponse.Forbidden(var challenge) when challenge.isPresent() ->
        refusedAccess.consent(asking, new Probe(403, challenge), deadline);
      case McpResponse.Forbidden _ -> throw McpFailures.refusedWithoutToken(403);
      case McpResponse.Unusable unusable -> throw McpFailures.of(unusable);
    };
  }
}
