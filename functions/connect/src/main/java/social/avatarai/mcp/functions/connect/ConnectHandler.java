package social.avatarai.mcp.functions.connect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.FlowBody;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.server.Connecting;

/**
 * {@code POST /api/mcp/servers/{mcpId}/connect} with an optional {@code return_to} and {@code replace}. The response
 * says that the server is connected, or names the URL of the consent page and sets the cookie that binds the flow to
 * the browser.
 */
public final class ConnectHandler extends ApiHandler {
  private final Flow flow;

  public ConnectHandler() {
    this(Wiring.primed());
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
      case Connecting.Connected(var why) -> Reply.ok(body("connected", why));
      case Connecting.AuthorizationRequired(var begun, var why) -> Reply
          .ok(FlowBody.addTo(body("authorization_required", why), begun))
          .withBrowserKey(begun.browser());
      case Connecting.Refused(var refused) -> Reply.error(refused.failure(), refused.error());
    };
  }

  private static ObjectNode body(String status, Connecting.Why why) {
    return Json.newObject().put("status", status).put("cause", why.cause())
        .set("error", ConnectionError.jsonOf(why.error()));
  }
}
