package social.avatarai.mcp.functions.mcpproxy;

import java.util.Set;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.Rehearsal;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;

/**
 * {@code POST /api/mcp/servers/{mcpId}/mcp}: one JSON-RPC message of an MCP client for a connected server. {@code
 * DELETE}: the client ends its session. {@code GET} is 405, because there is no stream.
 */
public final class McpProxyHandler extends ApiHandler {
  static final Rehearsal REHEARSAL = new Rehearsal(McpProxyHandler::new,
      _ -> "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");

  private final Flow flow;

  public McpProxyHandler() {
    this(Wiring.rehearsed(REHEARSAL));
  }

  McpProxyHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
  }

  @Override
  protected Request.RouteLimits limits() {
    return new Request.RouteLimits(Request.MAX_MCP_BODY_BYTES, Set.of());
  }

  @Override
  protected Reply handle(Request request) {
    request.requireKnownOrigin();
    return switch (request.method()) {
      case "POST" -> ProxyReply.of(flow, request, ProxyMessage.send(flow, request));
      case "DELETE" -> ProxyReply.of(flow, request, ProxyMessage.endSession(flow, request));
      default -> Reply.methodNotAllowed("POST, DELETE");
    };
  }

  @Override
  protected Reply failed(Request request, Failure failure) {
    return ProxyReply.failed(request, failure);
  }
}
