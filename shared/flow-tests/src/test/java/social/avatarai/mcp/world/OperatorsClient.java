package social.avatarai.mcp.world;

import java.util.List;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.lambda.Wiring;

/**
 * A profile for the authorization server of a world, and the operator's client there. Both are like those of GitHub.
 */
public final class OperatorsClient {
  public static final String ID = "operators";
  public static final String SECRET = "operators-secret";
  public static final String SECRET_NAME = "test/operator-client/example";

  private OperatorsClient() {}

  /** Configures the profile and the client. Call this before the first flow. */
  public static void at(FlowWorld world, boolean plainCallback) {
    var profiles = new Profiles(
        List.of(new Profile(new Issuer(world.authorizationServer.issuer()), List.of(), false, false,
            plainCallback, " ", ClientAuthenticationMethod.CLIENT_SECRET_POST, "MCP_EXAMPLE_EXAMPLE", false)));
    world.with("MCP_EXAMPLE_EXAMPLE_CLIENT_ID", ID).with("MCP_EXAMPLE_EXAMPLE_CLIENT_SECRET_NAME", SECRET_NAME);
    var platform = world.platform;
    platform.stores().vault().create(SECRET_NAME, SECRET);
    world.wired(() -> new Wiring(Settings.read(platform.environment(), profiles), profiles, platform,
        platform.journal()));
  }
}
