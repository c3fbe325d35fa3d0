package social.avatarai.mcp.lambda;

import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.token.Revocation;

/**
 * How a connection ended: whether the issuer revoked the grant, and the HTTP status of the revocation where one was
 * seen.
 */
public final class RevocationReply {
  private RevocationReply() {}

  public static Reply of(String status, Revocation.Result result) {
    var body = Json.newObject().put("status", status).put("revoked", result.revoked());
    if (result.upstreamStatus() != null) body.put("upstream_status", result.upstreamStatus());
    return Reply.ok(body);
  }
}
