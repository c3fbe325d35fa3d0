package social.avatarai.mcp.world;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.aws.dynamodb.DynamoDbGrants;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.registration.ClientChoice;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.resource.McpRequest;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.CountingInterceptor;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.FixedClock;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.VaultKeyRing;

/** An MCP server, its authorization server, two users, the store that keeps their grants, and a clock that moves. */
public final class GrantWorld implements AutoCloseable {
  public static final Caller USER = new Caller(new UserId("did:plc:inventeduser00000000000000"), false);
  public static final Caller OTHER = new Caller(new UserId("did:plc:inventedother0000000000000"), false);
  private static final PublicBase BASE = new PublicBase("https://api.example.com");

  /** What happens while one caller waits for the refresh of another caller. */
  public volatile Pause pause = _ -> Thread.onSpinWait();

  public final FixedClock clock = FixedClock.at(Samples.NOW);
  public final CountingInterceptor calls = new CountingInterceptor();
  public final FakeAuthorizationServer authorizationServer;
  public final FakeMcpServer mcpServer;
  public final TestPlatform platform = new TestPlatform(clock);
  public final Grants stored;
  /** The flow of one process; {@link #anotherProcess} makes the flows of others. */
  public final Flow flow;

  private GrantWorld(Consumer<AuthorizationServerKnobs> knobs, Consumer<McpServerKnobs> mcpKnobs) {
    authorizationServer = FakeAuthorizationServer.start(k -> knobs.accept(k.clock(clock)));
    mcpServer = FakeMcpServer.protectedBy(authorizationServer, mcpKnobs);
    platform.with(EmbeddedDynamoDb.inMemory().clientWith(calls)).with((Pause) duration -> pause.of(duration));
    var stores = platform.stores();
    stored = new DynamoDbGrants(EmbeddedDynamoDb.inMemory().client(), stores.tables(),
        new AeadTokenCipher(new VaultKeyRing(stores.vault(), stores.keyRingSecret(), clock, platform.journal())));
    flow = anotherProcess();
  }

  public static GrantWorld start() {
    return start(_ -> {}, _ -> {});
  }

  public static GrantWorld start(Consumer<AuthorizationServerKnobs> knobs) {
    return start(knobs, _ -> {});
  }

  public static GrantWorld start(Consumer<AuthorizationServerKnobs> knobs, Consumer<McpServerKnobs> mcpKnobs) {
    return new GrantWorld(knobs, mcpKnobs);
  }

  /** The user is connected, and a first call has agreed on the protocol and opened a session. */
  public static GrantWorld used(Consumer<AuthorizationServerKnobs> knobs, Consumer<McpServerKnobs> mcpKnobs) {
    var world = start(knobs, mcpKnobs);
    world.connect(USER);
    world.access(USER, listTools());
    return world;
  }

  public static GrantWorld used(Consumer<McpServerKnobs> mcpKnobs) {
    return used(_ -> {}, mcpKnobs);
  }

  /** The flow of another process. It shares only the tables and the vault with the other processes. */
  public Flow anotherProcess() {
    return platform.wiring().flow();
  }

  /** A process that knows other providers. */
  public Flow processWith(Profiles profiles) {
    var settings = Settings.read(platform.environment(), profiles);
    return new Wiring(settings, profiles, platform, platform.journal()).flow();
  }

  /** The full time of an invocation. */
  public static Deadline inTime() {
    return Deadline.in(Duration.ofSeconds(25));
  }

  public static Invocation invocation() {
    return new Invocation(BASE, inTime());
  }

  public EndpointUrl url() {
    return new EndpointUrl(mcpServer.url());
  }

  public Issuer issuerId() {
    return new Issuer(authorizationServer.issuer());
  }

  public ConnectionId connection() {
    return ConnectionId.ofResource(new ResourceUri(mcpServer.url()));
  }

  // Consent

  public AuthorizationStarted begin(Caller caller) {
    return begin(caller, null);
  }

  public AuthorizationStarted begin(Caller caller, @Nullable ClientId client) {
    return flow.start(caller, url(), AuthorizationStart.fresh().as(ClientChoice.of(client)), invocation());
  }

  /** The user consents, and the browser that began the flow returns. */
  public CallbackOutcome finish(AuthorizationStarted begun) {
    return flow.callback(ComingBack.with(begun, authorizationServer.approve(begun.authorizationUrl())), inTime());
  }

  /** A user's grant, from a whole flow. */
  public Grant connect(Caller caller) {
    return connected(finish(begin(caller)));
  }

  public static Grant connected(CallbackOutcome outcome) {
    if (outcome instanceof CallbackOutcome.Connected(var grant, _)) return grant;
    throw new AssertionError("not connected, but " + outcome);
  }

  /** The grant as it is stored now. */
  public Grant grantOf(Caller caller) {
    return stored.read(new ConnectionKey(caller.user(), connection())).orElseThrow();
  }

  /** A grant for another resource with the same tokens. */
  public static Grant elsewhere(Grant grant, String resource) {
    var other = new ResourceUri(resource);
    var target = new GrantTarget(grant.target().issuer(), grant.target().tokenEndpoint(), other, other.url());
    return new Grant(new ConnectionKey(grant.key().user(), ConnectionId.ofResource(other)), GrantId.fresh(), 1, target,
        grant.client(), grant.tokens(), grant.state(), grant.warnings(), null);
  }

  public static RefreshToken refreshTokenOf(Grant grant) {
    return Objects.requireNonNull(grant.tokens().refreshToken());
  }

  // Access and refresh

  public static McpRequest listTools() {
    return new McpRequest("tools/list", null);
  }

  public static McpRequest call(String tool) {
    var params = Json.newObject().put("name", tool);
    params.putObject("arguments").put("message", "hello");
    return new McpRequest("tools/call", params);
  }

  public Access access(Caller caller, McpRequest request) {
    return access(flow, caller, request);
  }

  public Access access(Flow process, Caller caller, McpRequest request) {
    return process.access(caller, new Flow.Target.ByConnection(connection()), request, inTime());
  }

  public Access byUrl(Caller caller, String url, McpRequest request) {
    return flow.access(caller, new Flow.Target.ByUrl(new EndpointUrl(url)), request, inTime());
  }

  /** The owner of the token, as the MCP server names it. */
  public static String saidBy(Access access) {
    if (access instanceof Access.Answered(var result, _)) return result.at("/content/0/text").asText();
    throw new AssertionError("not answered, but " + access);
  }

  public Refreshed refresh(Caller caller) {
    return flow.refresh(caller, new What.Stored(connection()), inTime());
  }

  public Refreshed refresh(Caller caller, RefreshToken token, ClientId client) {
    return flow.refresh(caller, new What.Token(token, issuerId(), client), inTime());
  }

  public static Grant renewed(Refreshed refreshed) {
    if (refreshed instanceof Refreshed.Renewed(var grant)) return grant;
    throw new AssertionError("not renewed, but " + refreshed);
  }

  /** The refresh tokens that the authorization server received, in order. */
  public List<String> refreshTokensSent() {
    return authorizationServer.refreshTokensSent();
  }

  /** Moves the clock past the life of an access token. */
  public void expire() {
    clock.advance(Duration.ofMinutes(61));
  }

  public int vaultCalls() {
    return ((MemoryVault) platform.vault()).calls();
  }

  /** Runs these tasks at the same time. An exception of a task is thrown again. */
  public static <T> List<T> together(List<? extends Callable<T>> tasks) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<T>();
      for (var result : threads.invokeAll(tasks))
        results.add(result.get());
      return results;
    }
  }

  @Override
  public void close() {
    try (platform; authorizationServer) {
      mcpServer.close();
    }
  }
}
