package social.avatarai.mcp.functions.servers;

import java.util.Set;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.EntityTags;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.RevocationReply;
import social.avatarai.mcp.lambda.Wiring;

/**
 * {@code GET /api/mcp/servers[?limit][&cursor]}: the records that the caller sees, page by page: their own, and the
 * operator's built-in ones. {@code POST} there: an import of many records. {@code GET, PUT, DELETE
 * /api/mcp/servers/{mcpId}}: one record, with its {@code ETag}. No secret of a record is ever returned.
 */
public final class ServersHandler extends ApiHandler {
  private static final String IMPORT = "POST";

  private final Flow flow;

  public ServersHandler() {
    this(Wiring.primed());
  }

  ServersHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
  }

  /** A record comes back as it was shown, with the lists of its server. */
  @Override
  protected Request.RouteLimits limits() {
    return new Request.RouteLimits(Request.MAX_MCP_BODY_BYTES, Set.of());
  }

  @Override
  protected Reply handle(Request request) {
    if (request.method().equals(IMPORT)) return ImportReply.of(flow, request);
    if (request.pathParameter("mcpId").isEmpty()) return RecordReply.page(flow, request);
    var caller = request.caller();
    return switch (request.method()) {
      case "PUT" -> RecordReply.of(flow.putServer(caller, request.mcpId(),
          new Flow.ServerPut(request.jsonDocument(), EntityTags.precondition(request)), request.invocation()));
      case "DELETE" -> RevocationReply.of("deleted",
          flow.deleteServer(caller, request.mcpId(), EntityTags.precondition(request), request.deadline()));
      default -> RecordReply.of(flow.keptServer(caller, request.mcpId()));
    };
  }
}
