package social.avatarai.mcp.server;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantState.Cause;

/** The error of a connection that follows from the state of its grant: what is wrong, since when, and what to do. */
final class GrantError {
  private static final String NOT_RENEWABLE = "The MCP server does not accept the token, and there is no refresh token to "
      + "renew it with: connect again.";

  private GrantError() {}

  /** The error of the failed refreshes; null where the row does not say when and why they failed. */
  static @Nullable ConnectionError ofRefresh(GrantState state) {
    var since = state.notes().since();
    var cause = state.cause();
    return since == null || cause == null
        ? null
        : new ConnectionError(code(cause), since, hint(cause, state.needsReauthorization()), state.notBefore());
  }

  /** The error of a resource server that refuses the tokens; null if it does not. */
  static @Nullable ConnectionError ofRejection(GrantState state, boolean renewable) {
    var since = state.notes().rejectedSince();
    if (since == null) return null;
    var failure = new Access.Rejected(401).failure();
    return new ConnectionError(failure.code(), since, renewable ? failure.safeMessage() : NOT_RENEWABLE);
  }

  private static ErrorCode code(Cause cause) {
    return switch (cause) {
      case REFRESH_REFUSED, CLIENT_REFUSED, CLIENT_FORGOTTEN -> ErrorCode.TOKEN_REQUEST_REFUSED;
      case REFRESH_POSTPONED, REFRESH_UNANSWERED -> ErrorCode.UPSTREAM_UNREACHABLE;
      case AUDIENCE_MISMATCH -> ErrorCode.AUDIENCE_MISMATCH;
      case IDENTITY_CHANGED -> ErrorCode.INVALID_UPSTREAM_ANSWER;
      case TOKEN_ENDPOINT_MOVED -> ErrorCode.INVALID_METADATA;
    };
  }

  private static String hint(Cause cause, boolean forGood) {
    return switch (cause) {
      case REFRESH_REFUSED -> forGood
          ? "The authorization server does not renew the grant any more: connect again."
          : "The authorization server has refused to renew the grant. It is asked once more; or connect again.";
      case CLIENT_REFUSED -> "The authorization server refuses the client. If its secret was changed, store the new "
          + "secret: the next call then uses it. Otherwise connect again.";
      case CLIENT_FORGOTTEN -> "The authorization server does not know the client any more: connect again.";
      case REFRESH_POSTPONED -> "The authorization server cannot renew the grant now. Wait, or connect again.";
      case REFRESH_UNANSWERED -> "The authorization server did not answer the last refresh as it should. Wait, or "
          + "connect again.";
      case AUDIENCE_MISMATCH -> "The authorization server gives tokens for another resource: connect again.";
      case IDENTITY_CHANGED ->
        "The authorization server has given tokens of another account; they were not kept. Connect again.";
      case TOKEN_ENDPOINT_MOVED -> forGood
          ? "The authorization server has moved its token endpoint to another site: connect again if you trust it."
          : "The authorization server names a token endpoint on another site. It is asked once more.";
    };
  }
}
