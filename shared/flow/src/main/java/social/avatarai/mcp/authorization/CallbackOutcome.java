package social.avatarai.mcp.authorization;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.CompletionCode;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.token.Grant;

/** What a callback came to. Whatever is wrong before a session is known to be this browser's is a failure instead. */
public sealed interface CallbackOutcome {

  /** Tokens are kept. */
  record Connected(Grant grant, @Nullable String returnTo) implements CallbackOutcome {}

  /** The flow ended before; this is how, without a token. */
  record Repeated(ConnectionId connection, SessionOutcome outcome, @Nullable String returnTo) implements CallbackOutcome {}

  /**
   * The flow ended now, without tokens.
   *
   * @param upstreamStatus the HTTP status with which the authorization server refused the code; null when none was seen
   */
  record Failed(ConnectionId connection, ErrorCode error, @Nullable Integer upstreamStatus, @Nullable String returnTo)
      implements
        CallbackOutcome {}

  /** Not this browser: the answer is parked, and can be completed by the user who began. */
  record Parked(CompletionCode code, @Nullable String returnTo) implements CallbackOutcome {}
}
