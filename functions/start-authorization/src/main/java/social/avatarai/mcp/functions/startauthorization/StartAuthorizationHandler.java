package social.avatarai.mcp.functions.startauthorization;

import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.FlowBody;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;

/**
 * {@code GET /api/mcp/oauth/start-authorization?auth_server_url&client_id&resource[&scope][&return_to][&replace]}: the
 * URL to send the browser to, its state, and the cookie that binds the flow to this browser.
 */
public final class StartAuthorizationHandler extends ApiHandler {
  private final Flow flow;

  public StartAuthorizationHandler() {
    this(Wiring.primed());
  }

  StartAuthorizationHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
  }

  @Override
  protected Reply handle(Request request) {
    var begun = flow.start(request.caller(), request.url("resource"), request.start(), request.invocation());
    return Reply.ok(FlowBody.addTo(Json.newObject(), begun)).withBrowserKey(begun.browser());
  }
}
