package social.avatarai.mcp.resource;

import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/** The failures of programs, each with one wording. No wording names the program's command, variables or output. */
final class ProgramFailures {
  private ProgramFailures() {}

  /** There are no programs, or not this one. */
  static Failure notDefined() {
    return new Failure.BadRequest(ErrorCode.UNSUPPORTED_TRANSPORT,
        "This deployment has no program of this name. Programs are offered where the operator has defined them, in a "
            + "local runner alone.");
  }

  /**
   * Nothing more comes from the program.
   *
   * @param request the request that waits for a response
   * @param isStray whether the program has written something that is no message
   */
  static Failure ended(McpRequest request, StdioProgram.Why why, boolean isStray) {
    return switch (why) {
      case NOT_STARTED -> notStarted("");
      case EXITED -> isStray ? strayLines(request) : exited();
      case LINE_TOO_LONG -> broken(request, "The server's program wrote a message that is too long.");
      case TOO_MUCH -> broken(request, "The server's program wrote too much.");
    };
  }

  /** See {@link StdioServers#start}. */
  static Failure notStarted(String detail) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE,
        "The server's program could not be started. Only the operator can repair this.", detail, false);
  }

  private static Failure exited() {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "The server's program ended before its response.",
        "", true);
  }

  static Failure silent(McpRequest request, boolean isStray) {
    return isStray
        ? strayLines(request)
        : new Failure.Unreachable(ErrorCode.UPSTREAM_TIMEOUT, "The server's program did not answer in time.", "", true);
  }

  static Failure strayLines(McpRequest request) {
    return broken(request, "The server's program wrote text that is no MCP message on its standard output.");
  }

  static Failure withoutResult(McpRequest request) {
    return broken(request, "The server's program answered without a result.");
  }

  private static Failure broken(McpRequest request, String how) {
    return request.carriesNothingOut()
        ? new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER, how, "")
        : new Failure.Unreachable(ErrorCode.OUTCOME_UNKNOWN, how + " The request may have been carried out.", "", true);
  }
}
