package social.avatarai.mcp.functions.forgetuser;

import social.avatarai.mcp.UserId;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;

/**
 * {@code DELETE /api/mcp/users/{userId}}: deletes everything about a user, for the user or the operator. The status is
 * 202 until all is done; the body then says how much is left, and after how many seconds to call again.
 */
public final class ForgetUserHandler extends ApiHandler {
  private final Flow flow;

  public ForgetUserHandler() {
    this(Wiring.primed());
  }

  ForgetUserHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
  }

  @Override
  protected Reply handle(Request request) {
    var user = UserId.ofParameter("userId", request.pathParameter("userId").orElse(""));
    var progress = flow.forgetUser(request.caller(), user, request.deadline());
    if (progress.isDone()) return Reply.ok(Json.newObject().put("status", "deleted"));
    return Reply.accepted(Json.newObject().put("status", "in_progress").put("left", progress.left())
        .put("retry_after", progress.retryAfterSeconds()));
  }
}
