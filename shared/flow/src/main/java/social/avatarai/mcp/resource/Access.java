package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.DiscoveredResource;
import social.avatarai.mcp.registration.CallCount;
import social.avatarai.mcp.registration.CountedCall;
import social.avatarai.mcp.token.Replaceable;

/** The outcome of asking an MCP server for something on behalf of a user. */
public sealed interface Access {

  /**
   * The server has answered.
   *
   * @param result the result, attacker-controlled
   * @param isTyped whether the server's protocol gives results a type (MCP 2026-07-28, basic). Otherwise {@code resultType}
   *        is a member that the server itself has chosen
   */
  record Answered(JsonNode result, boolean isTyped) implements Access {}

  /**
   * The server answered with a JSON-RPC error.
   *
   * @param error the error, attacker-controlled
   * @param status the HTTP status it came with; 0 from a program
   */
  record RpcError(JsonNode error, int status) implements Access {

    public Failure failure() {
      return new Failure.Refused(ErrorCode.UPSTREAM_ERROR, "The MCP server answered with an error.", "")
          .withUpstreamStatus(status == McpResponse.Unusable.NO_STATUS ? null : status);
    }
  }

  /** There is no result, because the user must consent first. */
  sealed interface Withheld extends Access {}

  /**
   * The user must consent. A flow begins only when the caller asks for one.
   *
   * @param replaceable the grants that the new grant may replace, according to the server's response
   * @param connection the connection whose grant the request used; null when it used none
   * @param counted the call, if finding this out has counted it; null if not
   */
  record ConsentNeeded(DiscoveredResource resource, Replaceable replaceable, @Nullable ConnectionId connection,
      @Nullable CountedCall counted) implements Withheld {}

  /**
   * The user must consent to more scopes, at the issuer and with the client of the grant.
   *
   * @param required all scopes to ask for, with the granted ones among them
   * @param clientId the client that the user named; null where the client is this service's own
   * @param connection the connection whose grant the request used
   * @param counted the call, which finding this out has counted
   */
  record StepUpNeeded(DiscoveredResource resource, Scopes required, Issuer issuer, @Nullable ClientId clientId,
      ConnectionId connection, CountedCall counted) implements Withheld {}

  /**
   * The grant stays, but it has no token that the server takes now: the token has ended and cannot be renewed for now,
   * or the server refuses a token that was just renewed. A new consent would help. A caller who does not ask for one
   * gets the failure.
   *
   * @param failure why there is no usable token, and when another try makes sense
   * @param connection the connection of the grant
   * @param server the URL of the grant's server
   * @param count counts the call, if a flow begins
   * @param isByRecord whether the user's own record binds the issuer of the grant
   * @param declared what the record of the server says about its transport
   */
  record NoUsableToken(Failure failure, ConnectionId connection, EndpointUrl server, CallCount count,
      boolean isByRecord, DeclaredTransport declared)
      implements
        Withheld {

    /** The outcome for a caller who asks for no consent. */
    public Access withoutConsent() {
      if (failure.code() == ErrorCode.TOKEN_REJECTED_BY_RESOURCE) return new Rejected(401);
      throw failure;
    }
  }

  /**
   * The server refuses a token that its issuer still renews, or the request with a token that has every scope which the
   * server asks for.
   */
  record Rejected(int status) implements Access {

    public Failure failure() {
      return new Failure.Refused(ErrorCode.TOKEN_REJECTED_BY_RESOURCE, status == 401
          ? "The MCP server does not accept the token, although its authorization server keeps renewing it. Connect again."
          : "The MCP server refuses the request with this token, and names no scope that would help. "
              + "Connect with an account that may do this.",
          "")
          .withUpstreamStatus(status);
    }
  }
}
