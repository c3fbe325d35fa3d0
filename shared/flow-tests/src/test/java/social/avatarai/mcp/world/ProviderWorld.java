package social.avatarai.mcp.world;

import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import java.util.Optional;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.token.Grant;

/**
 * A world whose authorization server plays a provider, described by the product's own profile. The MCP server stands in
 * front of the provider's API, and publishes no resource metadata. A client is registered by hand with the plain
 * callback.
 */
public final class ProviderWorld implements AutoCloseable {
  public static final String CLIENT = "invented/client:ci";
  public static final String SECRET = "invented-secret-by-hand";

  public final FlowWorld world;
  public final ServerWorld server;
  private final FakeProvider provider;

  private ProviderWorld(FakeProvider provider) {
    this(provider, FlowWorld.start(provider::turn, McpServerKnobs::unpublished));
    changeSecret(SECRET);
  }

  private ProviderWorld(FakeProvider provider, FlowWorld world) {
    this.provider = provider;
    this.world = world;
    server = new ServerWorld(world);
  }

  /** The MCP server is the provider's own too, and behaves as that does. A client by hand only where it is needed. */
  public static ProviderWorld ofReplica(FakeProvider provider) {
    var started = new ProviderWorld(provider, FlowWorld.start(provider));
    if (provider.product().authMethod() != null) started.changeSecret(SECRET);
    return started.knowing(provider.profiles(started.issuer().origin(), started.world.mcpServer.origin()));
  }

  /** The MCP server is at one of the origins that the provider's profile names. */
  public static ProviderWorld ofHostedServer(FakeProvider provider) {
    var started = new ProviderWorld(provider);
    return started.knowing(provider.profiles(started.issuer().origin(), started.world.mcpServer.origin()));
  }

  /** The MCP server is the user's own. The operator has bound it to the provider. */
  public static ProviderWorld ofOwnServer(FakeProvider provider) {
    var started = new ProviderWorld(provider);
    started.world.with("ISSUER_BINDINGS", started.world.mcpServer.origin() + "=" + started.issuer().issuer());
    return started.knowing(provider.profiles(started.issuer().origin()));
  }

  /** The MCP server is the user's own, and nothing but the user's record binds it to the provider. */
  public static ProviderWorld ofRecord(FakeProvider provider) {
    var started = new ProviderWorld(provider);
    return started.knowing(provider.profiles(started.issuer().origin()));
  }

  private ProviderWorld knowing(Profiles profiles) {
    var platform = world.platform;
    world.wired(() -> new Wiring(Settings.read(platform.environment(), profiles), profiles, platform,
        platform.journal()));
    return this;
  }

  public FakeAuthorizationServer issuer() {
    return world.authorizationServer;
  }

  /** The provider takes this secret from now on, and no other. */
  public void changeSecret(String secret) {
    var method = Objects.requireNonNull(provider.product().authMethod()).wireName();
    issuer().preRegister(
        FakeClient.confidential(CLIENT, secret, world.base.plainCallback().value()).authenticatingBy(method));
  }

  /** The client is the operator's: the settings name it, and its secret is in the vault. */
  public ProviderWorld withOperatorsClient() {
    String settings = Objects.requireNonNull(provider.product().clientSettings());
    String secretName = "test/operator-client/example";
    world.with(settings + "_CLIENT_ID", CLIENT).with(settings + "_CLIENT_SECRET_NAME", secretName);
    world.platform.stores().vault().create(secretName, SECRET);
    return this;
  }

  /** The record of a user who has registered the client. It does not say how the client authenticates. */
  public ObjectNode recordWithClient(String scopes) {
    var record = withClient(record(world.mcpServer.url()), issuer().issuer(), CLIENT,
        world.base.plainCallback().value());
    config(record).put("client_secret", SECRET);
    ((ObjectNode) record.path("authorization")).put("scopes", scopes);
    return record;
  }

  /** Stores the record, and connects it with the user's consent. */
  public Grant connect(String scopes) {
    server.put(recordWithClient(scopes));
    return server.connectWithConsent();
  }

  /** Stores the record that a user has for this provider, and connects it with the user's consent. */
  public Grant connect() {
    put();
    return server.connectWithConsent();
  }

  /** Stores the record that a user has for this provider: with a client where none can be registered. */
  public void put() {
    boolean byHand = provider.product().authMethod() != null;
    server.put(byHand
        ? recordWithClient(provider == FakeProvider.X ? "tweet.read users.read" : "")
        : record(world.mcpServer.url()));
  }

  public Optional<Grant> stored() {
    return world.grants().read(new ConnectionKey(USER.user(), MCP_ID));
  }

  public AccessToken accessToken() {
    return stored().orElseThrow().tokens().accessToken();
  }

  public RefreshToken refreshToken() {
    return Objects.requireNonNull(stored().orElseThrow().tokens().refreshToken());
  }

  /** The last request to the token endpoint. */
  public Received sent() {
    return issuer().tokenRequests().getLast();
  }

  /** The last revocation. */
  public Received revocation() {
    return issuer().revocations().getLast();
  }

  @Override
  public void close() {
    world.close();
  }
}
