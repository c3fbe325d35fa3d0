package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.token.Replaceable;

/** What came of asking an MCP server for something on a user's behalf. */
public sealed interface Access {

  /** The server's result, attacker-controlled. */
  record Answered(JsonNode result) implements Access {}

  /**
   * The server answered with a JSON-RPC error.
   *
   * @param error the error, attacker-controlled
   * @param status the HTTP status it came with
   */
  record RpcError(JsonNode error, int status) implements Access {

    public Failure failure() {
      return new Failure.Refused(ErrorCode.UPSTREAM_ERROR, "The MCP server answered with an error.", "")
          .withUpstreamStatus(status);
    }
  }

  /**
   * The user must consent; a flow is begun only when the caller asks for it.
   *
   * @param replaceable what the grant of the consent may take the place of, by what the server has answered
   * @param connection the connection whose grant was asked with; null where there was none
   */
  record ConsentNeeded(DiscoveredResource resource, Replaceable replaceable, @Nullable ConnectionId connection)
      implements
        Access {}

  /**
   * The user must consent to more: these scopes, the granted ones among them, at the issuer and as the client that the
   * grant is from.
   *
   * @param clientId the client the user named; null where the client is ours
   * @param connection the connection whose grant was asked with
   */
  record StepUpNeeded(DiscoveredResource resource, Scopes required, Issuer issuer, @Nullable ClientId clientId,
      ConnectionId connection) implements Access {}

  /** The server refuses a token that its own issuer keeps renewing, or that has every scope it asks for. */
  record Rejected(int status) implements Access {

    public Failure failure() {
      return new Failure.Refused(ErrorCode.TOKEN_REJECTED_BY_RESOURCE, status == 401
          ? "The MCP server does not accept the token, although its authorization server keeps renewing it."
          : "The MCP server refuses the request with this token, and names no scope that would help.", "")
          .withUpstreamStatus(status);
    }
  }
}
