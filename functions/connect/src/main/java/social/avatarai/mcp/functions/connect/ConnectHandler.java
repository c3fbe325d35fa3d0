package social.avatarai.mcp.functions.connect;

import java.util.Set;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.FlowBody;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.server.Connecting;

/**
 * {@code POST /api/mcp/servers/{mcpId}/connect} with an optional {@code return_to} and {@code replace}. The response
 * says that the server is connected, or names the URL of the consent page and sets the cookie that binds the flow to
 * the browser.
 */
public final class ConnectHandler extends ApiHandler {
  private final Flow flow;

  public ConnectHandler() {
    this(Wiring.fromEnvironment());
  }

  ConnectHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
  }

  @Override
  protected Request.RouteLimits limits() {
    return new Request.RouteLimits(Request.MAX_BODY_BYTES, Set.of("return_to", "replace"));
  }

  @Override
  protected Reply handle(Request request) {
    return switch (flow.connect(request.caller(), request.mcpId(), request.consent(), request.invocation())) {
      case Connecting.Connected _ -> Reply.ok(Json.newObject().put("status", "connected"));
      case Connecting.AuthorizationRequired(var begun) -> Reply
          .ok(FlowBody.addTo(Json.newObject().put("status", "authorization_required"), begun))
          .withBrowserKey(begun.browser());
      case Connecting.Refused(var refused) -> Reply.error(refused.failure(), refused.error());
    };
  }
}
