package social.avatarai.mcp.functions.callback;

import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.OutcomeReply;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;

/**
 * {@code GET /api/mcp/oauth/callback} and {@code …/issuer/{context}/callback}, with {@code ?code&state[&iss]} or {@code
 * ?error&state[&iss]}. A JSON caller gets the guide's token response. A browser gets a page or a redirect, which never
 * holds a token. The route is public: the state and the browser's cookie show whose flow it is.
 */
public final class CallbackHandler extends ApiHandler {
  private final Flow flow;
  private final OutcomeReply outcomes;

  public CallbackHandler() {
    this(Wiring.primed());
  }

  CallbackHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
    this.outcomes = wiring.outcomeReply();
  }

  @Override
  protected boolean isPublic() { return true; }

  @Override
  protected Reply handle(Request request) {
    if (request.isPrefetch()) return Reply.noContent();
    CallbackOutcome outcome = flow.callback(CallbackCall.read(request), request.deadline());
    return request.isFromBrowser() ? BrowserReply.of(outcome) : outcomes.of(outcome);
  }

  @Override
  protected Reply failed(Request request, Failure failure) {
    return request.isFromBrowser() ? BrowserReply.of(failure) : Reply.error(failure);
  }
}
