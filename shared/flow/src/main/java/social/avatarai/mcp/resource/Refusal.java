package social.avatarai.mcp.resource;

import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.discovery.Challenge;
import social.avatarai.mcp.http.ResponseHead;

/** What the status of a refused request says about an agreement, in every protocol. Pure. */
final class Refusal {
  private static final Set<Integer> LATER = Set.of(408, 425, 429);

  private Refusal() {}

  /** Whether nothing is at the URL, or in the session, for a request. */
  static boolean isGone(int status) {
    return status == 404 || status == 410;
  }

  /**
   * Whether the status blames the request. Only then does an error of the protocol say that nothing was carried out: a
   * server may use the code of such an error for its own purpose, with a successful status.
   */
  static boolean isOfClient(int status) {
    return status >= 400 && status < 500;
  }

  /** Whether the server asks for another try of the same request. It has not carried this one out. */
  static boolean isForLater(int status) {
    return LATER.contains(status);
  }

  /**
   * The verdict where nothing but the status is known. A server that asks for another try refuses no agreement, and a
   * JSON-RPC error with a successful status is no refusal.
   */
  static AgreementVerdict ofStatus(int status) {
    return status < 300 || isForLater(status) ? AgreementVerdict.STANDS : AgreementVerdict.IN_DOUBT;
  }

  /**
   * What the server says about the token of a request: 401 and 403, with their challenge; empty if it says nothing.
   *
   * <p>Rule: a token that has ended or is unknown is refused with 401 (RFC 6750 §3.1). Deviation: 400 or 403 with
   * {@code invalid_token} in the challenge counts as 401. Forced by: servers that take every bad token for a bad request.
   * Still strict: the word stands in the challenge; a word in the body, and any other status, says nothing of the token.
   */
  static Optional<McpResponse> denied(ResponseHead head) {
    var challenge = Challenge.answerable(head.headers("www-authenticate"));
    boolean isAboutToken = challenge.filter(Challenge::isInvalidToken).isPresent();
    return switch (head.status()) {
      case 401 -> Optional.of(new McpResponse.Unauthorized(challenge));
      case 403 -> Optional.of(isAboutToken
          ? new McpResponse.Unauthorized(challenge)
          : new McpResponse.Forbidden(challenge));
      case 400 -> Optional.<McpResponse>of(new McpResponse.Unauthorized(challenge)).filter(_ -> isAboutToken);
      default -> Optional.empty();
    };
  }

  /** The request for more scopes is about the token. Any other 403 may be about the session. */
  static AgreementVerdict of(McpResponse.Forbidden forbidden) {
    return forbidden.challenge().filter(Challenge::isInsufficientScope).isPresent()
        ? AgreementVerdict.STANDS
        : AgreementVerdict.IN_DOUBT;
  }
}
