package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.resource.McpTransport.Sending;

/**
 * Sends messages to programs over their standard streams (MCP 2026-07-28, basic/transports, stdio). There are no
 * headers, statuses and sessions. Judges nothing.
 */
final class StdioTransport {
  private final StdioServers servers;

  StdioTransport(StdioServers servers) {
    this.servers = servers;
  }

  /** What was agreed on with the program that this call has started. */
  Agreements agreements(StdioName name) {
    return ProgramOfCall.of(servers, name);
  }

  /** Sends a request. After a failure the state of the program is unknown, so the program is ended. */
  McpResponse send(StdioName name, Sending sending, Deadline deadline) {
    var call = ProgramOfCall.of(servers, name);
    boolean isHandshake = sending.protocol() == null;
    if (isHandshake) call.beginHandshake();
    try {
      var response = new StdioExchange(call.running(deadline), sending, deadline).run();
      if (isHandshake && response instanceof McpResponse.Result) call.noteHandshake();
      return response;
    } catch (Failure e) {
      call.end();
      throw e;
    }
  }

  /** Sends a message that has no response. */
  void deliver(StdioName name, ObjectNode message, Deadline deadline) {
    ProgramOfCall.of(servers, name).running(deadline).write(JsonText.of(message));
  }
}
