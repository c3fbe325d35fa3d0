package social.avatarai.mcp.resource;

import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/** What goes wrong with MCP servers, in one wording each. */
final class McpFailures {
  private McpFailures() {}

  static Failure.Unreachable outcomeUnknown(String detail) {
    return new Failure.Unreachable(ErrorCode.OUTCOME_UNKNOWN,
        "The server did not answer; the request may have been carried out.", detail, true);
  }

  static Failure nonsense(String how) {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
        "The URL does not answer as an MCP server does.", how);
  }

  static Failure noCommonVersion(String theirs) {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
        "The server speaks no version of the protocol that this service speaks.", theirs);
  }

  /** An answer that is none, to a request that was to be carried out. */
  static Failure of(McpAnswer.Unusable answer) {
    if (answer.mayHaveBegun()) return outcomeUnknown(answer.how());
    if (answer.isBusy()) {
      return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "The server cannot answer now.", answer.how(),
          false);
    }
    return nonsense(answer.how());
  }
}
