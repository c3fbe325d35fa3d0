package social.avatarai.mcp.world;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.resource.McpRequest;
import social.avatarai.mcp.server.Connecting;
import social.avatarai.mcp.token.Grant;

/** The acts of a user with one record of the registry, in a world. */
public record ServerWorld(FlowWorld world) {
  public static final ConnectionId MCP_ID = new ConnectionId("invented-server");

  /** A record of a server at this URL. */
  public static ObjectNode record(String url) {
    var record = Json.newObject();
    record.putObject("endpoint").put("type", "streamableHttp").put("url", url);
    return record;
  }

  /** Adds a client that the user has registered by hand to the record. */
  public static ObjectNode withClient(ObjectNode record, String issuer, String id, String redirectUri) {
    var authorization = record.path("authorization") instanceof ObjectNode there
        ? there
        : record.putObject("authorization");
    authorization.putObject("config").put("issuer", issuer).put("client_id", id).put("redirect_uri", redirectUri);
    return record;
  }

  public static ObjectNode config(ObjectNode record) {
    return (ObjectNode) record.at("/authorization/config");
  }

  public ObjectNode put(ObjectNode record) {
    return world.flow().putServer(USER, MCP_ID, record, world.now());
  }

  /** Stores the record of the MCP server of this world. */
  public ObjectNode put() {
    return put(record(world.mcpServer.url()));
  }

  public String status() {
    return world.flow().server(USER, MCP_ID).path("status").asText();
  }

  /** Asserts that the record and the list say of a token which cannot be renewed that its server refuses it. */
  public void assertOnlyAConsentHelps() {
    var shown = world.flow().server(USER, MCP_ID);
    assertThat(shown.path("status").asText()).isEqualTo("reauthorization_required");
    assertThat(shown.path("cause").asText()).isEqualTo("token_rejected_by_resource");
    assertThat(shown.at("/error/code").asText()).isEqualTo("token_rejected_by_resource");
    assertThat(shown.at("/error/hint").asText()).contains("no refresh token", "connect again");
    var listed = world.flow().connection(USER, MCP_ID);
    assertThat(listed.status()).isEqualTo(McpServer.Status.REAUTHORIZATION_REQUIRED);
    assertThat(listed.cause()).isEqualTo("token_rejected_by_resource");
  }

  public Connecting connect(Caller caller) {
    return world.flow().connect(caller, MCP_ID, AuthorizationStart.fresh(), world.now());
  }

  public AuthorizationStarted begin() {
    return begun(connect(USER));
  }

  public static boolean isConnected(Connecting connecting) {
    return connecting instanceof Connecting.Connected;
  }

  public static AuthorizationStarted begun(Connecting connecting) {
    if (connecting instanceof Connecting.AuthorizationRequired(var begun, _)) return begun;
    throw new AssertionError("no authorization required, but " + connecting);
  }

  /** A whole flow that succeeds. */
  public Grant connectWithConsent() {
    return consented(begin());
  }

  public Grant consented(AuthorizationStarted begun) {
    var outcome = world.callback(begun, world.approve(begun));
    assertThat(outcome).isInstanceOf(CallbackOutcome.Connected.class);
    return ((CallbackOutcome.Connected) outcome).grant();
  }

  public Access access(Caller caller) {
    return world.flow().access(caller, new Target.ByConnection(MCP_ID), GrantWorld.call("whoami"), deadline());
  }

  public Access access(McpRequest request) {
    return world.flow().access(USER, new Target.ByConnection(MCP_ID), request, deadline());
  }

  public boolean disconnect(Caller caller) {
    return world.flow().disconnect(caller, MCP_ID, deadline()).revoked();
  }
}
