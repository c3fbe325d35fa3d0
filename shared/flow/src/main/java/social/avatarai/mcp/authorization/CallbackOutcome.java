package social.avatarai.mcp.authorization;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.CompletionCode;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.token.Grant;

/** The outcome of a callback. An error before the session is known to belong to this browser is a failure instead. */
public sealed interface CallbackOutcome {

  /** The grant is stored. */
  record Connected(Grant grant, @Nullable String returnTo) implements CallbackOutcome {}

  /** The flow had ended before. This is its outcome, without tokens. */
  record Repeated(ConnectionId connection, SessionOutcome outcome,
      @Nullable String returnTo) implements CallbackOutcome {}

  /**
   * The flow ended now, without tokens.
   *
   * @param upstreamStatus the HTTP status with which the authorization server refused the code; null if there was none
   */
  record Failed(ConnectionId connection, ErrorCode error, @Nullable Integer upstreamStatus, @Nullable String returnTo)
      implements
        CallbackOutcome {}

  /** Another browser: the response is parked. The user who began the flow can complete it. */
  record Parked(CompletionCode code, @Nullable String returnTo) implements CallbackOutcome {}
}
