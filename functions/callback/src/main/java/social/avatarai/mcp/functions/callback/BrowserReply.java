package social.avatarai.mcp.functions.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.lambda.Reply;

/**
 * The response to a browser. It redirects to the app, with the outcome in the fragment, which browsers send to no
 * server. Without a return page of the operator it is a page of ours. Neither ever holds a token.
 */
final class BrowserReply {
  private BrowserReply() {}

  static Reply of(CallbackOutcome outcome) {
    return switch (outcome) {
      case CallbackOutcome.Connected(var grant, var returnTo) -> connected(grant.key().connection(), returnTo);
      case CallbackOutcome.Repeated(var connection, var told, var returnTo) -> {
        ErrorCode error = told.error();
        yield error == null ? connected(connection, returnTo) : failed(connection, error, returnTo);
      }
      case CallbackOutcome.Failed(var connection, var error, _, var returnTo) -> failed(connection, error, returnTo);
      // Without a return page of the app, no page may receive the completion code.
      case CallbackOutcome.Parked(var code, var returnTo) -> returnTo == null
          ? Reply.page(Reply.statusOf(ErrorCode.SESSION_MISMATCH), CallbackPage.withoutReturnPage())
          : Reply.seeOther(returnTo + "#completion_code=" + encode(code.reveal()));
    };
  }

  static Reply of(Failure failure) {
    // The flow goes on when the page is loaded again: its code has not been sent.
    String page = failure.code() == ErrorCode.TOO_MANY_REQUESTS
        ? CallbackPage.busy()
        : CallbackPage.failed(failure.code());
    return Reply.page(Reply.statusOf(failure.code()), page);
  }

  private static Reply connected(ConnectionId connection, @Nullable String returnTo) {
    return returnTo == null
        ? Reply.page(200, CallbackPage.connected())
        : Reply.seeOther(returnTo + "#status=connected&connection=" + encode(connection.value()));
  }

  private static Reply failed(ConnectionId connection, ErrorCode error, @Nullable String returnTo) {
    return returnTo == null
        ? Reply.page(Reply.statusOf(error), CallbackPage.failed(error))
        : Reply.seeOther(returnTo + fragment(connection, error));
  }

  /** The app asks the user about the two accounts of a connection, so it must know which connection has them. */
  static String fragment(ConnectionId connection, ErrorCode error) {
    String of = error == ErrorCode.ACCOUNT_CHANGED ? "&connection=" + encode(connection.value()) : "";
    return "#error=" + encode(error.wireName()) + of;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
