package social.avatarai.mcp.lambda;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.token.AccountChanges;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grant.Warning;

/** How a flow ended, for a JSON caller: the guide's token response, or the reason why there is none. */
public final class OutcomeReply {
  private final TokenBody tokens;

  OutcomeReply(TokenBody tokens) {
    this.tokens = tokens;
  }

  /** The grant that the user has decided for. */
  public Reply of(Grant decided) {
    return tokens.reply(decided);
  }

  public Reply of(CallbackOutcome outcome) {
    return switch (outcome) {
      case CallbackOutcome.Connected(var grant, _) -> tokens.reply(grant);
      case CallbackOutcome.Repeated(var connection, var earlier, _) -> {
        ErrorCode error = earlier.error();
        yield error == null
            ? Reply.ok(tokens.reference(connection, earlier.scope(), earlier.expiresAt()))
            : failed(connection, error, earlier.upstreamStatus());
      }
      case CallbackOutcome.Failed(var connection, var error, var upstreamStatus, _) ->
        failed(connection, error, upstreamStatus);
      // The response of a JSON caller is never parked. It has been refused before.
      case CallbackOutcome.Parked _ -> failed(ErrorCode.SESSION_MISMATCH, null);
    };
  }

  /** For a decision the app must know which connection waits for it. */
  private static Reply failed(ConnectionId connection, ErrorCode error, @Nullable Integer upstreamStatus) {
    if (error != ErrorCode.ACCOUNT_CHANGED) return failed(error, upstreamStatus);
    var body = Json.newObject().put("server_id", connection.value());
    body.putArray("warnings").add(Warning.ACCOUNT_CHANGED.wireName());
    return Reply.error(error, AccountChanges.changed().safeMessage(), body);
  }

  private static Reply failed(ErrorCode error, @Nullable Integer upstreamStatus) {
    return Reply.error(new Failure.Refused(error, "The authorization ended without tokens.", "")
        .withUpstreamStatus(upstreamStatus));
  }
}
