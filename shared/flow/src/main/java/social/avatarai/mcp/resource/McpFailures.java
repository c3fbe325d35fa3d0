package social.avatarai.mcp.resource;

import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.resource.McpResponse.Unusable;

/** What goes wrong with MCP servers, in one wording each. */
final class McpFailures {
  private McpFailures() {}

  static Failure.Unreachable outcomeUnknown(String detail) {
    return new Failure.Unreachable(ErrorCode.OUTCOME_UNKNOWN,
        "The server did not answer; the request may have been carried out.", detail, true);
  }

  /** The same for a server that has answered, with a status that leaves the outcome open. */
  static Failure outcomeUnknown(Unusable answer, String when) {
    return new Failure.Unreachable(ErrorCode.OUTCOME_UNKNOWN,
        "The server failed while it worked on the request, which may have been carried out.", answer.how() + when, true)
        .withUpstreamStatus(answer.status());
  }

  static Failure noCommonVersion(String theirs) {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
        "The server speaks no version of the protocol that this service speaks.", theirs);
  }

  /** A token that the caller gave. */
  static Failure accessTokenRejected(int status) {
    return new Failure.Refused(ErrorCode.ACCESS_TOKEN_REJECTED, status == 401
        ? "The MCP server does not accept the access_token."
        : "The MCP server refuses the request with this access_token: the token may not do this.", "")
        .withUpstreamStatus(status);
  }

  /** No token was sent, and the server asks for none. */
  static Failure refusedWithoutToken(int status) {
    return new Failure.Refused(ErrorCode.UPSTREAM_REFUSED,
        "The MCP server refuses the request, which carried no token, and does not ask for authorization.", "")
        .withUpstreamStatus(status);
  }

  /** The transport of MCP 2024-11-05, which is not spoken here. */
  static Failure legacySse(int status) {
    return new Failure.BadRequest(ErrorCode.UNSUPPORTED_TRANSPORT,
        "The server offers legacy SSE at this URL (HTTP+SSE, MCP 2024-11-05), which this service does not speak; "
            + "use the server's Streamable HTTP URL.")
        .withUpstreamStatus(status);
  }

  /** An answer that is none, to a request that was to be carried out. */
  static Failure of(Unusable answer) {
    return answer.mayHaveBegun() ? outcomeUnknown(answer, "") : toNothingDone(answer);
  }

  /** An answer that is none, to a request that does nothing: nothing can have been carried out. */
  static Failure toNothingDone(Unusable answer) {
    if (answer.isBusy() || answer.mayHaveBegun()) {
      return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "The server cannot answer now.", answer.how(),
          false).withUpstreamStatus(answer.status()).withRetryAt(answer.retryAt());
    }
    if (answer.isRefusal()) {
      return new Failure.Refused(ErrorCode.UPSTREAM_REFUSED, refusal(answer.status()), answer.how())
          .withUpstreamStatus(answer.status());
    }
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER, answer.isRedirect()
        ? "The server sends MCP requests on to another URL, which is not followed; use that URL."
        : "The URL does not answer as an MCP server does.", answer.how()).withUpstreamStatus(answer.status());
  }

  private static String refusal(int status) {
    return switch (status) {
      case 404, 405, 410 -> "The server takes no MCP requests at this URL; check its path.";
      default -> "The server refuses the request with the status in upstream_status.";
    };
  }
}
