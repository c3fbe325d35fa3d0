package social.avatarai.mcp.functions.callback;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.State;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.Callback.Arrival;
import social.avatarai.mcp.lambda.Request;

/** Reads an authorization response (RFC 6749 §4.1.2, RFC 9207 §2) from a request. */
final class CallbackCall {
  private CallbackCall() {}

  static Arrival read(Request request) {
    var state = State.ofParameter("state", request.ofAuthorizationResponse("state")
        .orElseThrow(() -> new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter state is missing.")));
    var code = request.ofAuthorizationResponse("code").map(AuthorizationCode::new);
    var error = request.ofAuthorizationResponse("error");
    if (code.isPresent() == error.isPresent()) {
      throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "The answer must have either a code or an error.");
    }
    var response = new AuthorizationResponse(code.orElse(null), error.orElse(null),
        request.ofAuthorizationResponse("iss").orElse(null),
        context(request.pathParameter("context")));
    return new Arrival(response, state, request.browserKey().orElse(null), request.isFromBrowser());
  }

  private static @Nullable IssuerContext context(Optional<String> segment) {
    if (segment.isEmpty()) return null;
    return segment.filter(IssuerContext::isValid).map(IssuerContext::new)
        .orElseThrow(() -> new Failure.Unknown(ErrorCode.NOT_FOUND, "There is no such redirect URI."));
  }
}
