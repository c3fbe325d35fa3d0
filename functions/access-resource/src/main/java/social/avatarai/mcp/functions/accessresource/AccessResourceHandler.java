package social.avatarai.mcp.functions.accessresource;

import java.util.Set;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.ConsentReply;
import social.avatarai.mcp.lambda.Rehearsal;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.resource.Access;

/**
 * {@code GET /api/mcp/oauth/access-resource?resource_url[&access_token]}: the MCP server's description of itself.
 * {@code POST} with {@code resource_url} or {@code server_id}, {@code method} and {@code params}: one MCP request.
 */
public final class AccessResourceHandler extends ApiHandler {
  static final Rehearsal REHEARSAL = new Rehearsal(AccessResourceHandler::new,
      server -> "{\"resource_url\":\"" + server + "\",\"method\":\"tools/list\"}");

  private final Flow flow;
  private final boolean takesTokens;

  public AccessResourceHandler() {
    this(Wiring.rehearsed(REHEARSAL));
  }

  AccessResourceHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
    this.takesTokens = wiring.settings().fullTokenResponses();
  }

  @Override
  protected Request.RouteLimits limits() {
    return new Request.RouteLimits(Request.MAX_MCP_BODY_BYTES,
        Set.of("resource_url", "server_id", "access_token", "method", "start", "return_to", "replace", "elicitation"));
  }

  @Override
  protected Reply handle(Request request) {
    var call = AccessCall.read(request, takesTokens);
    return switch (access(request, call)) {
      case Access.Answered(var result, _) -> Reply.ok(Json.newObject().set("data", result));
      case Access.RpcError refused -> Reply.error(refused.failure(), refused.error());
      case Access.Withheld withheld -> ConsentReply.of(flow, request, call.target(), withheld);
      case Access.Rejected rejected -> Reply.error(rejected.failure());
    };
  }

  private Access access(Request request, AccessCall call) {
    return ConsentReply.isWanted(request)
        ? flow.accessOrStuck(request.caller(), call.target(), call.request(), request.deadline())
        : flow.access(request.caller(), call.target(), call.request(), request.deadline());
  }
}
