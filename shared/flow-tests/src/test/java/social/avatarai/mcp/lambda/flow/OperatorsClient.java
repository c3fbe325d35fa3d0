package social.avatarai.mcp.lambda.flow;

import java.util.List;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.registration.ClientAuthenticationMethod;

/** A profile for the authorization server of a world, and the operator's client there, as GitHub has them. */
final class OperatorsClient {
  static final String ID = "operators";
  static final String SECRET = "operators-secret";

  private OperatorsClient() {}

  /** Configures it; before the first flow. */
  static void at(FlowWorld world, boolean plainCallback) {
    var profiles = new Profiles(List.of(new Profile(new Issuer(world.server.issuer()), List.of(), false, false,
        plainCallback, " ", ClientAuthenticationMethod.CLIENT_SECRET_POST, "MCP_EXAMPLE_EXAMPLE", false)));
    world.with("MCP_EXAMPLE_EXAMPLE_CLIENT_ID", ID).with("MCP_EXAMPLE_EXAMPLE_CLIENT_SECRET", SECRET);
    var surroundings = world.surroundings;
    world.wired(() -> new Wiring(Settings.read(surroundings.environment(), profiles), profiles, surroundings,
        surroundings.journal()));
  }
}
