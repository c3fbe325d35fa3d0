package social.avatarai.mcp.functions.refreshtoken;

import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.TokenBody;
import social.avatarai.mcp.token.CallerRefresh.What;

/** Reads from a request which tokens to refresh. */
final class RefreshCall {
  private RefreshCall() {}

  static What read(Request request, TokenBody tokens) {
    var serverId = request.optional("server_id");
    if (serverId.isPresent()) return new What.Stored(ConnectionId.ofParameter("server_id", serverId.get()));
    if (!tokens.isFull()) {
      throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
          "Parameter server_id is missing: this deployment takes no raw tokens.");
    }
    return new What.Token(new RefreshToken(request.required("refresh_token")), request.issuer("auth_server_url"),
        ClientId.ofParameter("client_id", request.required("client_id")));
  }
}
