package social.avatarai.mcp.world;

import static social.avatarai.mcp.world.ServerWorld.config;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.McpServerKnobs;

/** Records whose own word binds the issuer, for MCP servers that publish no metadata. */
public final class RecordedIssuers {
  public static final String CLIENT = "client-by-hand";
  public static final String SECRET = "invented-secret-by-hand";

  private RecordedIssuers() {}

  /** A server without metadata, whose authorization server publishes metadata but registers no clients. */
  public static FlowWorld world() {
    return world(_ -> {}, _ -> {});
  }

  public static FlowWorld world(Consumer<AuthorizationServerKnobs> knobs, Consumer<McpServerKnobs> mcpKnobs) {
    return FlowWorld.start(as -> knobs.accept(as.withoutRegistration()), mcp -> mcpKnobs.accept(mcp.unpublished()));
  }

  /** A server without metadata, whose authorization server publishes none either, as at GitHub. */
  public static FlowWorld bareWorld() {
    return world(as -> as.wellKnown().withoutIss(), _ -> {});
  }

  /** The user registers a client at the authorization server by hand. */
  public static void registerByHand(FlowWorld world) {
    world.authorizationServer.preRegister(FakeClient.confidential(CLIENT, SECRET, world.contextCallback()));
  }

  /** A record with the user's own client. */
  public static ObjectNode withOwnClient(FlowWorld world) {
    registerByHand(world);
    var record = withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), CLIENT,
        world.contextCallback());
    config(record).put("client_secret", SECRET).put("token_endpoint_auth_method", "client_secret_basic");
    return record;
  }

  /** The same with the endpoints of the authorization server. */
  public static ObjectNode withEndpoints(FlowWorld world) {
    return stating(withOwnClient(world), world.authorizationServer.issuer());
  }

  /** Adds the endpoints below this URL to a record. */
  public static ObjectNode stating(ObjectNode record, String base) {
    config(record).put("authorization_endpoint", base + "/authorize").put("token_endpoint", base + "/token")
        .put("revocation_endpoint", base + "/revoke").put("scope_separator", ",");
    return record;
  }
}
