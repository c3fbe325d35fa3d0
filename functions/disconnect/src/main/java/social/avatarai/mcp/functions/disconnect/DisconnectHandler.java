package social.avatarai.mcp.functions.disconnect;

import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.RevocationReply;
import social.avatarai.mcp.lambda.Wiring;

/**
 * {@code DELETE /api/mcp/servers/{mcpId}/connection}: ends the grant of a connection, and revokes it at its
 * authorization server where this is possible. The {@code mcpId} may be the {@code server_id} of any connection.
 */
public final class DisconnectHandler extends ApiHandler {
  private final Flow flow;

  public DisconnectHandler() {
    this(Wiring.primed());
  }

  DisconnectHandler(Wiring wiring) {
    super(wiring);
    this.flow = wiring.flow();
  }

  @Override
  protected Reply handle(Request request) {
    var connection = request.connection("mcpId");
    return RevocationReply.of("disconnected", flow.disconnect(request.caller(), connection, request.deadline()));
  }
}
