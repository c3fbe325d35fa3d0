package social.avatarai.mcp.world;

import static social.avatarai.mcp.world.ServerWorld.config;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import com.fasterxml.jackson.databind.node.ObjectNode;
import social.avatarai.mcp.testkit.FakeClient;

/** A client with a secret, which the user has registered by hand and put into the record of the MCP server. */
public record UsersClient(FlowWorld world) {
  public static final String SECRET = "invented-secret-by-hand";
  /** The secret that the issuer gives the client later. */
  public static final String NEXT_SECRET = "the-next-invented-secret";
  private static final String ID = "client-by-hand";

  /** Connects the server with this client. */
  public void connect() {
    var server = new ServerWorld(world);
    changeSecret(SECRET);
    server.put(recordWith(SECRET));
    server.connectWithConsent();
  }

  /** The issuer takes this secret from now on, and no other. */
  public void changeSecret(String secret) {
    world.authorizationServer.preRegister(FakeClient.confidential(ID, secret, world.contextCallback()));
  }

  /** The record of the server as the user stores it with this secret. */
  public ObjectNode recordWith(String secret) {
    var record = withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), ID,
        world.contextCallback());
    config(record).put("client_secret", secret).put("token_endpoint_auth_method", "client_secret_basic");
    return record;
  }
}
