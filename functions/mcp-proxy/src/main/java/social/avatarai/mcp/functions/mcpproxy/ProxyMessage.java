package social.avatarai.mcp.functions.mcpproxy;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.lambda.ConsentReply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.proxy.ClientMessage;
import social.avatarai.mcp.proxy.MessageHeaders;
import social.avatarai.mcp.proxy.ProxyCall;
import social.avatarai.mcp.proxy.ProxyOutcome;

/** Reads what an MCP client has sent, and hands it to the flow. */
final class ProxyMessage {
  private ProxyMessage() {}

  static ProxyOutcome send(Flow flow, Request request) {
    var call = new ProxyCall(connection(request), headers(request), ClientMessage.of(request.rawBody()));
    return ConsentReply.isWanted(request)
        ? flow.proxiedOrStuck(request.caller(), call, request.deadline())
        : flow.proxied(request.caller(), call, request.deadline());
  }

  static ProxyOutcome endSession(Flow flow, Request request) {
    return flow.endProxySession(connection(request), headers(request));
  }

  private static ConnectionKey connection(Request request) {
    return new ConnectionKey(request.caller().user(), request.connection("mcpId"));
  }

  private static MessageHeaders headers(Request request) {
    return new MessageHeaders(header(request, "accept"), header(request, "content-type"),
        header(request, "mcp-protocol-version"), header(request, "mcp-method"), header(request, "mcp-name"),
        header(request, "mcp-session-id"));
  }

  private static @Nullable String header(Request request, String name) {
    return request.header(name).orElse(null);
  }
}
