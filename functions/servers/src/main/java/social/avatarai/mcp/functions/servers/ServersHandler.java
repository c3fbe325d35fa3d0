package social.avatarai.mcp.functions.servers;

import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.RevocationReply;
import social.avatarai.mcp.lambda.Wiring;

/**
 * {@code GET /api/mcp/servers}: the caller's server records. {@code GET, PUT, DELETE /api/mcp/servers/{mcpId}}: one
 * record. No secret of a record is ever returned.
 */
public final class ServersHandler extends ApiHandler {
  private final Flow flow;

  public ServersHandler() {
    this(Wiring.fromEnvironment());
  }

  ServersHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
  }

  @Override
  protected Reply handle(Request request) {
    if (request.pathParameter("mcpId").isEmpty()) return all(request);
    var caller = request.caller();
    return switch (request.method()) {
      case "PUT" -> Reply.ok(flow.putServer(caller, request.mcpId(), request.jsonBody(), request.invocation()));
      case "DELETE" -> RevocationReply.of("deleted",
          flow.deleteServer(caller, request.mcpId(), request.deadline()));
      default -> Reply.ok(flow.server(caller, request.mcpId()));
    };
  }

  private Reply all(Request request) {
    var body = Json.newObject();
    body.putArray("servers").addAll(flow.servers(request.caller()));
    return Reply.ok(body);
  }
}
