package social.avatarai.mcp.world;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.ProviderRevocation;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.testkit.Response;

/**
 * A provider that this product does not know, and a world in which the operator's setting has its profile: the file
 * {@code providers/example.json}. A client of the operator is registered there.
 */
public final class NewProvider implements AutoCloseable {
  public static final String CLIENT = "invented-client";
  public static final String SECRET = "invented-secret-of-the-operator";
  private static final String SECRET_NAME = "test/operator-client/example";

  public final FlowWorld world;
  public final ServerWorld server;

  private NewProvider() {
    world = FlowWorld.start(NewProvider::turn, NewProvider::publishNothing);
    server = new ServerWorld(world);
    world.authorizationServer.preRegister(
        FakeClient.confidential(CLIENT, SECRET, world.contextCallback()).authenticatingBy("client_secret_post"));
    world.platform.stores().vault().create(SECRET_NAME, SECRET);
  }

  /** The provider, and nothing that is known of it. */
  public static NewProvider unknown() {
    return new NewProvider();
  }

  /** The provider, its profile and the operator's client in the settings. */
  public static NewProvider configured() {
    var provider = new NewProvider();
    provider.world.with("PROVIDER_PROFILES", "{\"example\":" + provider.file() + "}").with("MCP_CLIENTS",
        "MCP_EXAMPLE_CLIENT_ID=" + CLIENT + ",MCP_EXAMPLE_CLIENT_SECRET_NAME=" + SECRET_NAME);
    return provider;
  }

  private static void turn(AuthorizationServerKnobs knobs) {
    knobs.issuerPath("/oauth").withoutRegistration().withoutIss().wellKnown().refreshNamesScope()
        .authMethods("client_secret_post").accessTokenLifetime(Duration.ofMinutes(30))
        .withoutTokenResponse("expires_in").tokenResponse("token_type", "user")
        .provider(own -> own.place("/authorize", "/oauth/begin").place("/token", "/oauth/session")
            .revocation(revocation()).demandParameter("prompt", "consent").scopeSeparator(",")
            .demandHeader("Example-Version", "7").tokensIn("session")
            .badGrant("refresh_token", 400, "refused", "The session is over."));
  }

  private static ProviderRevocation revocation() {
    var document = Json.object(resource().getBytes(UTF_8)).orElseThrow();
    return requireNonNull(
        Profiles.read(Map.of("example", document)).named("example").orElseThrow().requests().revocation());
  }

  private static void publishNothing(McpServerKnobs knobs) {
    knobs.withoutResourceMetadata().metadataResponse(Response.of(404));
  }

  /** The profile's file, with the origins of this world in the place of the provider's. */
  public String file() {
    return resource().replace("https://auth.provider.example", world.authorizationServer.origin())
        .replace("https://mcp.provider.example", world.mcpServer.origin());
  }

  private static String resource() {
    try (var stream = requireNonNull(NewProvider.class.getResourceAsStream("/providers/example.json"))) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    world.close();
  }
}
