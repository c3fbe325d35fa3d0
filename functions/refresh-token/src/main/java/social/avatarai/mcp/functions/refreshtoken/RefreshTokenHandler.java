package social.avatarai.mcp.functions.refreshtoken;

import java.util.Set;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.TokenBody;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.token.Refreshed;

/**
 * {@code POST /api/mcp/oauth/refresh-token} with {@code refresh_token}, {@code auth_server_url} and {@code client_id},
 * or with {@code server_id}: returns new tokens.
 */
public final class RefreshTokenHandler extends ApiHandler {
  private final Flow flow;
  private final TokenBody tokens;

  public RefreshTokenHandler() {
    this(Wiring.primed());
  }

  RefreshTokenHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
    this.tokens = wiring.tokenBody();
  }

  @Override
  protected Request.RouteLimits limits() {
    return new Request.RouteLimits(Request.MAX_BODY_BYTES,
        Set.of("refresh_token", "auth_server_url", "client_id", "server_id"));
  }

  @Override
  protected Reply handle(Request request) {
    return switch (flow.refresh(request.caller(), RefreshCall.read(request, tokens), request.deadline())) {
      case Refreshed.Renewed(var grant) -> tokens.reply(grant);
      case Refreshed.Relayed(var fresh) -> tokens.reply(fresh);
      case Refreshed.InvalidGrant(var status) -> Reply.error(new Failure.Refused(ErrorCode.INVALID_GRANT,
          "The refresh token cannot be used.", "").withUpstreamStatus(status));
      case Refreshed.ConsentNeeded(var status) -> Reply.error(new Failure.Refused(ErrorCode.AUTHORIZATION_REQUIRED,
          "The grant cannot be renewed any more: consent is needed again.", "").withUpstreamStatus(status));
      case Refreshed.Later(var notBefore, var status) -> Reply.error(new Failure.Unreachable(
          ErrorCode.UPSTREAM_UNREACHABLE, "The authorization server cannot renew the grant now.", "", false)
          .withUpstreamStatus(status).withRetryAt(notBefore));
    };
  }
}
