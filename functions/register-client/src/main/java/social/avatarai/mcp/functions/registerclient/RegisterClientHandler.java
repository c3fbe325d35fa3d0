package social.avatarai.mcp.functions.registerclient;

import java.util.Set;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;

/**
 * {@code POST /api/mcp/oauth/register-client?registration_url[&auth_server_url]} with an RFC 7591 body: returns the
 * whole response of the authorization server. The registration belongs to the caller, or to the deployment if the
 * caller is the operator.
 */
public final class RegisterClientHandler extends ApiHandler {
  private static final Set<String> PARAMETERS = Set.of("registration_url", "auth_server_url");
  private final Flow flow;

  public RegisterClientHandler() {
    this(Wiring.primed());
  }

  RegisterClientHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
  }

  @Override
  protected Request.RouteLimits limits() {
    return new Request.RouteLimits(Request.MAX_BODY_BYTES, PARAMETERS);
  }

  @Override
  protected Reply handle(Request request) {
    var metadata = request.jsonBody().remove(PARAMETERS);
    var what = new Flow.Registering(request.url("registration_url"),
        request.optionalIssuer("auth_server_url").orElse(null), metadata);
    return Reply.registered(flow.register(request.caller(), what, request.invocation()));
  }
}
