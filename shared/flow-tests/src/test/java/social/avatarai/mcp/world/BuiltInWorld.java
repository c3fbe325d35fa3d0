package social.avatarai.mcp.world;

import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.server.Connecting;
import social.avatarai.mcp.token.Grant;

/** The acts of the operator with one built-in record, and of users with their connections to it, in a world. */
public record BuiltInWorld(FlowWorld world) {

  /** A record of a server at this URL, for all users. */
  public static ObjectNode builtIn(String url) {
    return ServerWorld.record(url).put("isBuiltin", true);
  }

  public ObjectNode put(ObjectNode record) {
    return world.flow().putServer(OPERATOR, MCP_ID, record, world.now());
  }

  /** Stores the record of the MCP server of this world. */
  public ObjectNode put() {
    return put(builtIn(world.mcpServer.url()));
  }

  public void delete() {
    var _ = world.flow().deleteServer(OPERATOR, MCP_ID, deadline());
  }

  public ObjectNode seenBy(Caller caller) {
    return world.flow().server(caller, MCP_ID);
  }

  public String status(Caller caller) {
    return seenBy(caller).path("status").asText();
  }

  public List<ObjectNode> list(Caller caller) {
    return world.servers(caller);
  }

  public Connecting connect(Caller caller) {
    return world.flow().connect(caller, MCP_ID, AuthorizationStart.fresh(), world.now());
  }

  public AuthorizationStarted begin(Caller caller) {
    return ServerWorld.begun(connect(caller));
  }

  /** A whole flow that succeeds. */
  public Grant connectWithConsent(Caller caller) {
    var begun = begin(caller);
    if (world.callback(begun, world.approve(begun)) instanceof CallbackOutcome.Connected(var grant, _)) return grant;
    throw new AssertionError("not connected");
  }

  public Access access(Caller caller) {
    return world.flow().access(caller, new Target.ByConnection(MCP_ID), GrantWorld.call("whoami"), deadline());
  }
}
