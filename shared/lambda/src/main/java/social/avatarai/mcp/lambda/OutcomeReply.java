package social.avatarai.mcp.lambda;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.CallbackOutcome;

/** How a flow ended, for a JSON caller: the guide's token response, or the reason why there is none. */
public final class OutcomeReply {
  private final TokenBody tokens;

  OutcomeReply(TokenBody tokens) {
    this.tokens = tokens;
  }

  public Reply of(CallbackOutcome outcome) {
    return switch (outcome) {
      case CallbackOutcome.Connected(var grant, _) -> tokens.reply(grant);
      case CallbackOutcome.Repeated(var connection, var earlier, _) -> {
        ErrorCode error = earlier.error();
        yield error == null
            ? Reply.ok(tokens.reference(connection, earlier.scope(), earlier.expiresAt()))
            : failed(error, earlier.upstreamStatus());
      }
      case CallbackOutcome.Failed(_, var error, var upstreamStatus, _) -> failed(error, upstreamStatus);
      // The response of a JSON caller is never parked. It has been refused before.
      case CallbackOutcome.Parked _ -> failed(ErrorCode.SESSION_MISMATCH, null);
    };
  }

  private static Reply failed(ErrorCode error, @Nullable Integer upstreamStatus) {
    return Reply.error(new Failure.Refused(error, "The authorization ended without tokens.", "")
        .withUpstreamStatus(upstreamStatus));
  }
}
