package social.avatarai.mcp.resource;

import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.McpResponse.Unusable;

/** The failures of MCP servers, each with one wording. */
final class McpFailures {
  /** Characters of the path to which a server redirects, in an error. */
  private static final int MAX_SHOWN_PATH = 200;

  private McpFailures() {}

  static Failure.Unreachable outcomeUnknown(String detail) {
    return new Failure.Unreachable(ErrorCode.OUTCOME_UNKNOWN,
        "The server did not answer; the request may have been carried out.", detail, true);
  }

  /** The same where the fault of the response is known: its text, which is ours, may name a limit. */
  static Failure.Unreachable outcomeUnknown(Failure fault) {
    var failure = switch (fault) {
      case Failure.ProtocolBroken broken -> unknownBecause(broken.safeMessage());
      // Its text says already that the request may have been carried out.
      case Failure.Unreachable lost when lost.code() == ErrorCode.INVALID_UPSTREAM_ANSWER -> new Failure.Unreachable(
          ErrorCode.OUTCOME_UNKNOWN, lost.safeMessage(), lost.detail(), true);
      default -> outcomeUnknown(fault.detail());
    };
    failure.withUpstreamStatus(fault.upstreamStatus().orElse(null));
    return failure;
  }

  static Failure.Unreachable tooManyResumptions() {
    return unknownBecause("The server's stream ended without the response, after " + McpExchange.MAX_RESUMPTIONS
        + " resumptions too.");
  }

  static Failure.Unreachable tooManyQuestions() {
    return unknownBecause("The server asked more than " + ServerQuestion.MAX_QUESTIONS
        + " questions before its response; no more are answered.");
  }

  private static Failure.Unreachable unknownBecause(String why) {
    return new Failure.Unreachable(ErrorCode.OUTCOME_UNKNOWN, why + " The request may have been carried out.", why,
        true);
  }

  /**
   * The failure of a request that was sent, and cut off because its user has too many slow calls. Only a request that
   * carries nothing out may simply be sent again.
   */
  static Failure cutOff(McpRequest request, Failure.Crowded why) {
    return request.carriesNothingOut()
        ? why
        : new Failure.Unreachable(ErrorCode.OUTCOME_UNKNOWN, "The request was cut off, because too many other calls of "
            + "this user are waiting for servers; the request may have been carried out.", "", true);
  }

  /** The same for a server whose response has a status that leaves the outcome open. */
  static Failure outcomeUnknown(Unusable response, String when) {
    return new Failure.Unreachable(ErrorCode.OUTCOME_UNKNOWN,
        "The server failed while it worked on the request, which may have been carried out.", response.how() + when,
        true)
        .withUpstreamStatus(response.status());
  }

  static Failure tooDeep() {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
        "The server's answer is nested deeper than " + Json.MAX_DEPTH + " levels.", "");
  }

  static Failure noCommonVersion(String theirs) {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER,
        "The server speaks no version of the protocol that this service speaks.", theirs);
  }

  /** The server refuses a token that came from the caller. */
  static Failure accessTokenRejected(int status) {
    return new Failure.Refused(ErrorCode.ACCESS_TOKEN_REJECTED, status == 401
        ? "The MCP server does not accept the access_token."
        : "The MCP server refuses the request with this access_token: the token may not do this.", "")
        .withUpstreamStatus(status);
  }

  /** The server refuses what the user has entered. A consent would not help: the record says how to authorize. */
  static Failure credentialsRefused(int status) {
    return new Failure.Refused(ErrorCode.CREDENTIALS_REFUSED, status == 401
        ? "The MCP server does not accept the credentials of the record: enter others, by a PUT of the record."
        : "The MCP server refuses the request with the credentials of the record: they may not do this. Enter "
            + "others that may, by a PUT of the record.",
        "")
        .withUpstreamStatus(status);
  }

  /** The request carried no token, and the server asks for none. */
  static Failure refusedWithoutToken(int status) {
    return new Failure.Refused(ErrorCode.UPSTREAM_REFUSED,
        "The MCP server refuses the request, which carried no token, and does not ask for authorization.", "")
        .withUpstreamStatus(status);
  }

  /** A server that keeps the stream of HTTP+SSE open without its first event. Nothing was sent but a GET. */
  static Failure noEndpointInTime() {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_TIMEOUT,
        "The server did not begin a stream of HTTP+SSE with an endpoint event in time.", "", false);
  }

  /** Ends the stream on which a response is awaited: the POST itself has brought one. */
  static Failure refusedPost() {
    return outcomeUnknown("the POST itself has brought a response");
  }

  /** The stream has ended, and the response with it. */
  static Failure endedStream() {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "The server ended its stream before its response.",
        "the stream ended before the response", true);
  }

  /** The failure of a stream over which no request was sent that carries anything out. */
  static Failure unsent(Failure.Unreachable why) {
    return new Failure.Unreachable(why.code(), why.safeMessage(), why.detail(), false)
        .withUpstreamStatus(why.upstreamStatus().orElse(null)).withRetryAt(why.retryAt().orElse(null));
  }

  /** The same where the call was cut off, because its user has too many slow calls. */
  static Failure unsent(Failure.Crowded why) {
    return new Failure.Crowded("The server takes long, and too many other calls of this user are waiting for servers; "
        + "try again later. The request was not sent.", false).withRetryAt(why.retryAt().orElse(null));
  }

  /** An unusable response to a request that the server may have carried out. */
  static Failure of(Unusable response) {
    return response.mayHaveBegun() ? outcomeUnknown(response, "") : toNothingDone(response);
  }

  /** An unusable response to a request that carries nothing out. */
  static Failure toNothingDone(Unusable response) {
    if (response.isBusy() || response.mayHaveBegun()) {
      return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "The server cannot answer now.", response.how(),
          false).withUpstreamStatus(response.status()).withRetryAt(response.retryAt());
    }
    if (response.isRefusal()) {
      return new Failure.Refused(ErrorCode.UPSTREAM_REFUSED, refusal(response.status()), response.how())
          .withUpstreamStatus(response.status());
    }
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER, response.isRedirect()
        ? "The server redirects MCP requests " + target(response) + ", which is not followed; use that URL."
        : "The URL does not answer as an MCP server does.", response.how()).withUpstreamStatus(response.status());
  }

  /** The query of the target is not shown, because it may hold a key. */
  private static String target(Unusable response) {
    var target = response.redirectedTo();
    if (target == null) return "to another URL";
    String path = target.path();
    return path.isEmpty() || path.length() > MAX_SHOWN_PATH || InvocationSecrets.isIn(path)
        ? "to another URL at " + target.origin()
        : "to the path \"" + path + "\" of the same origin";
  }

  private static String refusal(int status) {
    return switch (status) {
      case 404, 405, 410 -> "The server takes no MCP requests at this URL; check its path.";
      default -> "The server refuses the request with the status in upstream_status.";
    };
  }
}
