package social.avatarai.mcp.world;

import java.util.List;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.ProviderRequests;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.lambda.Wiring;

/**
 * A profile for the authorization server of a world, and the operator's client there. Both are like those of GitHub.
 */
public final class OperatorsClient {
  public static final String ID = "operators";
  public static final String SECRET = "operators-secret";
  public static final String SECRET_NAME = "test/operator-client/example";

  private static final String SETTINGS = "MCP_EXAMPLE_EXAMPLE";

  private OperatorsClient() {}

  /** Configures the profile and the client. Call this before the first flow. */
  public static void at(FlowWorld world, boolean plainCallback) {
    at(world, List.of(world.mcpServer.origin()), plainCallback);
  }

  /** The same with a profile that binds the authorization server to no server, like that of a provider of tenants. */
  public static void unbound(FlowWorld world) {
    at(world, List.of(), false);
  }

  /** The same with a profile that keeps the authorization server for resources of this origin. */
  public static void reserved(FlowWorld world, String origin) {
    at(world, List.of(origin), false);
  }

  /** The same with a profile that has the metadata of the authorization server. */
  public static void described(FlowWorld world) {
    String issuer = world.authorizationServer.issuer();
    var metadata = Json.newObject().put("authorization_endpoint", issuer + "/authorize")
        .put("token_endpoint", issuer + "/token").put("revocation_endpoint", issuer + "/revoke");
    at(world, new Profile(new Issuer(issuer), List.of(), true, false, false, ",",
        ClientAuthenticationMethod.CLIENT_SECRET_POST, SETTINGS, false, List.of(), false, List.of(), metadata,
        ProviderRequests.STANDARD, null));
  }

  private static void at(FlowWorld world, List<String> origins, boolean plainCallback) {
    at(world, new Profile(new Issuer(world.authorizationServer.issuer()), origins, false, false, plainCallback, " ",
        ClientAuthenticationMethod.CLIENT_SECRET_POST, SETTINGS, false));
  }

  private static void at(FlowWorld world, Profile profile) {
    var profiles = new Profiles(List.of(profile));
    world.with("MCP_EXAMPLE_EXAMPLE_CLIENT_ID", ID).with("MCP_EXAMPLE_EXAMPLE_CLIENT_SECRET_NAME", SECRET_NAME);
    var platform = world.platform;
    platform.stores().vault().create(SECRET_NAME, SECRET);
    world.wired(() -> new Wiring(Settings.read(platform.environment(), profiles), profiles, platform,
        platform.journal()));
  }
}
