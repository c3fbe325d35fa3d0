package social.avatarai.mcp.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.proxy.ClientMessage.Request;
import social.avatarai.mcp.proxy.ClientProtocol.Route;
import social.avatarai.mcp.proxy.ProxyOutcome.Message;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.resource.McpRequest;

/**
 * The MCP server that a client sees in the place of a connected server. A message is judged as the specification of the
 * client's era demands, is asked of the server in the server's era, and is answered in the era of the client.
 *
 * <p>Each message stands alone: the agreement with the server belongs to the connection, not to a client.
 */
public final class McpProxy {
  private final ProxySessions sessions;

  public McpProxy(ProxySessions sessions) {
    this.sessions = sessions;
  }

  /** Asks the server of the connection. */
  public interface Server {
    /**
     * Sends one request with the grant of the connection.
     *
     * @param request the request; null for the server's description of itself
     */
    Access ask(@Nullable McpRequest request);
  }

  /** Takes one message. */
  public ProxyOutcome receive(ProxyCall call, Server server) {
    var fault = call.headers().fault();
    if (fault.isPresent()) return refused(fault.get(), null);
    return switch (call.message()) {
      case ClientMessage.Refused(var why, var id) -> refused(why, id);
      case ClientMessage.Notification _ -> noted(call);
      case Request request -> respond(call, request, server);
    };
  }

  /**
   * Ends a session of the client (MCP 2025-11-25, basic/transports, session management). What is agreed on with the
   * server stays, because other clients of the connection use it too.
   */
  public ProxyOutcome end(ConnectionKey connection, MessageHeaders headers) {
    String session = headers.session();
    if (session == null) return refused(RpcFault.invalid("The header Mcp-Session-Id is missing."), null);
    return sessions.end(connection, session)
        ? new ProxyOutcome.SessionEnded()
        : refused(RpcFault.unknownSession(), null);
  }

  /**
   * Notifications end here. The handshake with the server is our own, and a request that a client gives up may be under
   * way in another process.
   */
  private ProxyOutcome noted(ProxyCall call) {
    var fault = ClientProtocols.fault(call.headers());
    if (fault.isPresent()) return refused(fault.get(), null);
    return ClientProtocols.haveSessions(call.headers()) && isInUnknownSession(call)
        ? refused(RpcFault.unknownSession(), null)
        : new ProxyOutcome.Taken();
  }

  private ProxyOutcome respond(ProxyCall call, Request request, Server server) {
    var protocol = ClientProtocols.of(call.headers(), request);
    var fault = protocol.fault(call.headers(), request);
    if (fault.isPresent()) return refused(fault.get(), request.id());
    return switch (protocol.route(request)) {
      // A client that begins again leaves its session.
      case Route.Describe _ -> judge(server.ask(null), protocol, request, answered -> new Message(200,
          protocol.described(request, answered.result(), call.connection().connection()),
          protocol.hasSessions() ? sessions.begin(call.connection()) : null));
      case Route _ when protocol.hasSessions() && isInUnknownSession(call) ->
        refused(RpcFault.unknownSession(), request.id());
      case Route.OwnResult(var result) -> Message.ok(RpcFault.result(request.id(), result));
      case Route.NotOffered(var why) -> refused(why, request.id());
      case Route.Ask(var asked) -> judge(server.ask(asked), protocol, request,
          answered -> Message.ok(protocol.response(request, answered)));
    };
  }

  /** A session is not required, because it says nothing that we need; one that is named must be ours. */
  private boolean isInUnknownSession(ProxyCall call) {
    String session = call.headers().session();
    return session != null && !sessions.isLive(session, call.connection());
  }

  private static ProxyOutcome judge(Access access, ClientProtocol protocol, Request request,
      Function<Access.Answered, ProxyOutcome> outcome) {
    return switch (access) {
      case Access.Answered answered -> outcome.apply(answered);
      case Access.RpcError(var error, _) -> {
        var readable = RpcFault.readable(error);
        yield Message.of(protocol.status(readable), RpcFault.error(request.id(), readable));
      }
      case Access.Rejected rejected -> throw rejected.failure();
      case Access.Withheld withheld -> new ProxyOutcome.Withheld(withheld);
    };
  }

  private static ProxyOutcome refused(RpcFault fault, @Nullable JsonNode id) {
    ObjectNode body = fault.body(id);
    return Message.of(fault.status(), body);
  }
}
