package social.avatarai.mcp.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.http.Json;

/** What a caller is told of an MCP server that answered no: in one wording each, with the server's HTTP status. */
public final class McpReply {
  private McpReply() {}

  /** A JSON-RPC error of the server, attacker-controlled, in {@code upstream}. */
  public static Reply error(JsonNode error, int status) {
    return Reply.error(ErrorCode.UPSTREAM_ERROR, "The MCP server answered with an error.",
        Json.newObject().put("upstream_status", status).set("upstream", error));
  }

  /** A stored token that its issuer keeps renewing, or that has every scope the server asks for. */
  public static Reply tokenRejected(int status) {
    return reply(ErrorCode.TOKEN_REJECTED_BY_RESOURCE, status == 401
        ? "The MCP server does not accept the token, although its authorization server keeps renewing it."
        : "The MCP server refuses the request with this token, and names no scope that would help.", status);
  }

  /** A token that the caller gave. */
  public static Reply accessTokenRejected(int status) {
    return reply(ErrorCode.ACCESS_TOKEN_REJECTED, status == 401
        ? "The MCP server does not accept the access_token."
        : "The MCP server refuses the request with this access_token: the token may not do this.", status);
  }

  /** No token was sent, and the server asks for none. */
  public static Reply refusedWithoutToken(int status) {
    return reply(ErrorCode.UPSTREAM_REFUSED,
        "The MCP server refuses the request, which carried no token, and does not ask for authorization.", status);
  }

  private static Reply reply(ErrorCode code, String description, int status) {
    return Reply.error(code, description, Json.newObject().put("upstream_status", status));
  }
}
