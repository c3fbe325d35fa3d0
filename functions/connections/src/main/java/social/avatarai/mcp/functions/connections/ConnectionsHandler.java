package social.avatarai.mcp.functions.connections;

import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.Cursor;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;

/**
 * {@code GET /api/mcp/connections[?limit][&cursor]}: the caller's connections, page by page. {@code GET
 * /api/mcp/connections/{id}}: one connection. No token is in a response, and none is read.
 */
public final class ConnectionsHandler extends ApiHandler {
  private final Flow flow;

  public ConnectionsHandler() {
    this(Wiring.fromEnvironment());
  }

  ConnectionsHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
  }

  @Override
  protected Reply handle(Request request) {
    if (request.pathParameter("id").isPresent()) {
      return Reply.ok(ConnectionBody.of(flow.connection(request.caller(), request.connection("id"))));
    }
    return Reply.ok(ConnectionBody.of(flow.connections(request.caller(), Cursor.read(request), request.limit())));
  }
}
