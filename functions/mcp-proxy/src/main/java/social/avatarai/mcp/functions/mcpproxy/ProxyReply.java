package social.avatarai.mcp.functions.mcpproxy;

import social.avatarai.mcp.Failure;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.lambda.ConsentReply;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.proxy.ClientMessage;
import social.avatarai.mcp.proxy.ProxyOutcome;

/** Replies to an MCP client. */
final class ProxyReply {
  private ProxyReply() {}

  static Reply of(Flow flow, Request request, ProxyOutcome outcome) {
    return switch (outcome) {
      case ProxyOutcome.Message message -> message(message);
      case ProxyOutcome.Taken _ -> Reply.taken();
      case ProxyOutcome.SessionEnded _ -> Reply.noContent();
      // The errors of an app, not of JSON-RPC: only the app can send its user to a consent page.
      case ProxyOutcome.Withheld(var access) ->
        ConsentReply.of(flow, request, new Target.ByConnection(request.connection("mcpId")), access);
    };
  }

  private static Reply message(ProxyOutcome.Message message) {
    var reply = Reply.rpc(message.status(), message.body());
    return message.session() == null ? reply : reply.with("Mcp-Session-Id", message.session());
  }

  static Reply failed(Request request, Failure failure) {
    return switch (Reply.statusOf(failure.code())) {
      case 401, 403 -> Reply.error(failure);
      default -> Reply.rpcError(failure, request.readableBody().flatMap(ClientMessage::id).orElse(null));
    };
  }
}
