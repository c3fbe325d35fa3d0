package social.avatarai.mcp.functions.complete;

import java.util.Set;
import social.avatarai.mcp.CompletionCode;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.OutcomeReply;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;

/**
 * {@code POST /api/mcp/oauth/complete} with {@code completion_code}: the second step of a flow whose browser had no
 * cookie. It redeems the code for the user of the JWT, and replies like the callback. With {@code server_id}, {@code
 * account_change} and {@code keep} it takes the user's decision about a consent that came back as another account.
 */
public final class CompleteHandler extends ApiHandler {
  private final Flow flow;
  private final OutcomeReply outcomes;

  public CompleteHandler() {
    this(Wiring.primed());
  }

  CompleteHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
    this.outcomes = wiring.outcomeReply();
  }

  @Override
  protected Request.RouteLimits limits() {
    return new Request.RouteLimits(Request.MAX_BODY_BYTES,
        Set.of("completion_code", "server_id", AccountDecision.CHANGE, "keep"));
  }

  @Override
  protected Reply handle(Request request) {
    if (request.optional(AccountDecision.CHANGE).isPresent()) return decide(request, AccountDecision.read(request));
    var code = CompletionCode.ofParameter("completion_code", request.required("completion_code"));
    return outcomes.of(flow.complete(request.caller(), code, request.deadline()));
  }

  private Reply decide(Request request, AccountDecision decision) {
    return switch (decision.keep()) {
      case NEW -> outcomes.of(
          flow.keepNewAccount(request.caller(), decision.connection(), decision.change(), request.deadline()));
      case OLD -> {
        flow.keepOldAccount(request.caller(), decision.connection(), decision.change(), request.deadline());
        yield Reply.ok(Json.newObject().put("server_id", decision.connection().value()).put("kept", "old"));
      }
    };
  }
}
