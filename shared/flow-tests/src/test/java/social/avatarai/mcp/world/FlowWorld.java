package social.avatarai.mcp.world;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.Callback.Arrival;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.aws.dynamodb.DynamoDbClientHolders;
import social.avatarai.mcp.aws.dynamodb.DynamoDbGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbRegistrations;
import social.avatarai.mcp.aws.dynamodb.DynamoDbReplacedTokens;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.registration.ClientChoice;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.testkit.FixedClock;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.DueGrants;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.ScheduledRefresh;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.VaultKeyRing;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** An authorization server, an MCP server behind it, and one process of our service with its own stores. */
public final class FlowWorld implements AutoCloseable {
  public static final Caller USER = new Caller(new UserId("user-one"), false);
  public static final Caller OTHER = new Caller(new UserId("user-two"), false);
  public static final Caller OPERATOR = new Caller(new UserId("app-backend"), true);

  public final FixedClock clock = FixedClock.started();
  public final TestPlatform platform = new TestPlatform(clock);
  public final FakeAuthorizationServer authorizationServer;
  public final FakeMcpServer mcpServer;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private Supplier<Wiring> wiring = platform::wiring;
  public PublicBase base = new PublicBase("https://api.example.com");
  private @Nullable Flow flow;

  private FlowWorld(Consumer<AuthorizationServerKnobs> knobs,
      Function<FakeAuthorizationServer, FakeMcpServer> mcpServers) {
    authorizationServer = FakeAuthorizationServer.start(k -> knobs.accept(k.clock(clock)));
    mcpServer = mcpServers.apply(authorizationServer);
    platform.loggingTo(new PrintStream(log, true, UTF_8));
  }

  public static FlowWorld start() {
    return start(_ -> {}, _ -> {});
  }

  public static FlowWorld start(Consumer<AuthorizationServerKnobs> knobs) {
    return start(knobs, _ -> {});
  }

  public static FlowWorld start(Consumer<AuthorizationServerKnobs> knobs, Consumer<McpServerKnobs> mcpKnobs) {
    return new FlowWorld(knobs, server -> FakeMcpServer.protectedBy(server, mcpKnobs));
  }

  /** Both servers play this provider's. */
  public static FlowWorld start(FakeProvider provider) {
    return new FlowWorld(provider::turn, provider::mcpServer);
  }

  /** Adds a setting. Call this before the first flow. */
  public FlowWorld with(String setting, String value) {
    platform.with(setting, value);
    return this;
  }

  /** Changes the wiring. Call this before the first flow. */
  public FlowWorld wired(Supplier<Wiring> other) {
    wiring = other;
    return this;
  }

  public FlowWorld reachedAt(String url) {
    base = new PublicBase(url);
    return this;
  }

  public synchronized Flow flow() {
    if (flow == null) flow = wiring.get().flow();
    return flow;
  }

  /** Starts another process: the stores stay, and everything in memory is lost. */
  public synchronized void restart() {
    flow = null;
  }

  public Invocation now() {
    return new Invocation(base, deadline());
  }

  public static Deadline deadline() {
    return Deadline.in(Duration.ofSeconds(25));
  }

  public EndpointUrl url() {
    return urlOf(mcpServer);
  }

  public static EndpointUrl urlOf(FakeMcpServer server) {
    return new EndpointUrl(server.url());
  }

  public static AuthorizationStart at(String issuer) {
    return AuthorizationStart.fresh().at(new Issuer(issuer));
  }

  public static AuthorizationStart as(String clientId) {
    return AuthorizationStart.fresh().as(ClientChoice.of(new ClientId(clientId)));
  }

  public static AuthorizationStart requesting(String scope) {
    return AuthorizationStart.fresh().requesting(Scopes.parse(scope));
  }

  public AuthorizationStarted begin() {
    return begin(USER);
  }

  public AuthorizationStarted begin(Caller caller) {
    return begin(caller, AuthorizationStart.fresh());
  }

  public AuthorizationStarted begin(Caller caller, AuthorizationStart start) {
    return begin(caller, url(), start);
  }

  public AuthorizationStarted begin(Caller caller, EndpointUrl server, AuthorizationStart start) {
    return flow().start(caller, server, start, now());
  }

  /** The user consents. Returns the response that the authorization server sends through the browser. */
  public AuthorizationResponse approve(AuthorizationStarted begun) {
    return Browsers.answer(authorizationServer.approve(begun.authorizationUrl()));
  }

  /** The response returns in the browser that began the flow. The caller reads JSON. */
  public CallbackOutcome callback(AuthorizationStarted begun, AuthorizationResponse answer) {
    return flow().callback(new Arrival(answer, begun.state(), begun.browser(), false), deadline());
  }

  /** The response arrives through a browser that did not begin the flow. */
  public CallbackOutcome elsewhere(AuthorizationStarted begun, AuthorizationResponse answer) {
    return flow().callback(new Arrival(answer, begun.state(), null, true), deadline());
  }

  /** A whole flow that succeeds. */
  public Grant connect(Caller caller, AuthorizationStart start) {
    return connect(caller, url(), start);
  }

  /** A whole flow that succeeds, for another MCP server. */
  public Grant connect(Caller caller, EndpointUrl server, AuthorizationStart start) {
    var begun = begin(caller, server, start);
    var outcome = callback(begun, approve(begun));
    assertThat(outcome).isInstanceOf(CallbackOutcome.Connected.class);
    return ((CallbackOutcome.Connected) outcome).grant();
  }

  public Grant connect() {
    return connect(USER, AuthorizationStart.fresh());
  }

  /** Registers a client. The call names only the registration URL of the authorization server. */
  public ObjectNode register(Caller caller, ObjectNode metadata) {
    return flow().register(caller,
        new Flow.Registering(new EndpointUrl(authorizationServer.issuer() + "/register"), null, metadata), now());
  }

  /** A user's server records: the first page of them, which has all of the tests' records. */
  public List<ObjectNode> servers(Caller caller) {
    return flow().servers(caller, null, Request.MAX_LIST_LIMIT).servers();
  }

  public ConnectionId connection() {
    return ConnectionId.ofResource(new ResourceUri(mcpServer.url()));
  }

  public CallbackOutcome.Failed failed(ErrorCode error) {
    return failed(error, null);
  }

  /** The failed outcome after the authorization server responded with this HTTP status. */
  public CallbackOutcome.Failed failed(ErrorCode error, @Nullable Integer upstreamStatus) {
    return new CallbackOutcome.Failed(connection(), error, upstreamStatus, null);
  }

  public IssuerContext context() {
    return IssuerContext.of(new Issuer(authorizationServer.issuer()));
  }

  public String contextCallback() {
    return base.callback(context()).value();
  }

  public Optional<Grant> stored(Caller caller) {
    return grants().read(new ConnectionKey(caller.user(), connection()));
  }

  public DynamoDbGrants grants() {
    var stores = platform.stores();
    return new DynamoDbGrants(stores.client(), stores.tables(), cipher());
  }

  public DynamoDbRegistrations registrations() {
    var stores = platform.stores();
    return new DynamoDbRegistrations(stores.client(), stores.tables(), cipher());
  }

  public DynamoDbClientHolders clientHolders() {
    var stores = platform.stores();
    return new DynamoDbClientHolders(stores.client(), stores.tables());
  }

  /** Leaves the registrations as an earlier version would have: it noted no holder of any client. Restarts the process. */
  public void withoutHolders() {
    var table = platform.tables().registrations();
    for (var item : platform.dynamoDb().scan(scan -> scan.tableName(table).consistentRead(true)).items()) {
      var pk = requireNonNull(item.get("pk"));
      var key = Map.of("pk", pk, "sk", requireNonNull(item.get("sk")));
      if (pk.s().startsWith("c#")) platform.dynamoDb().deleteItem(delete -> delete.tableName(table).key(key));
    }
    restart();
  }

  public DynamoDbReplacedTokens replacedTokens() {
    var stores = platform.stores();
    return new DynamoDbReplacedTokens(stores.client(), stores.tables(), cipher());
  }

  public AeadTokenCipher cipher() {
    var stores = platform.stores();
    return new AeadTokenCipher(
        new VaultKeyRing(stores.vault(), stores.keyRingSecret(), clock, platform.journal()));
  }

  public List<String> sessionRows() {
    return rows(platform.tables().sessions());
  }

  /** The content of all tables, as text. */
  public String everythingStored() {
    var tables = platform.tables();
    return String.join("\n",
        Stream.of(tables.sessions(), tables.tokens(), tables.due(), tables.registrations(), tables.servers())
            .flatMap(table -> rows(table).stream()).toList());
  }

  /**
   * Everything that is stored of clients, as text. Sessions also name clients while they last, but are not included.
   */
  public String clientsStored() {
    return String.join("\n", rows(platform.tables().registrations()));
  }

  private List<String> rows(String table) {
    return platform.dynamoDb().scan(scan -> scan.tableName(table).consistentRead(true)).items().stream()
        .map(item -> String.join(" ", item.values().stream().map(FlowWorld::text).toList())).toList();
  }

  private static String text(AttributeValue value) {
    return value.b() == null ? value.toString() : value.b().asString(ISO_8859_1);
  }

  public String log() {
    return log.toString(UTF_8);
  }

  /** The lines of the log about this event, in order. */
  public List<String> logged(String event) {
    return log().lines().filter(line -> line.contains("\"event\":\"" + event + "\"")).toList();
  }

  /** The schedule runs once, over all shards. */
  public ScheduledRefresh.Run refreshDue() {
    return flow().refreshDue(0, DueGrants.SHARDS - 1, deadline());
  }

  /** Another process begins, and the next request for the issuer's metadata fails at both of its URLs. */
  public void restartWhileMetadataFails() {
    restart();
    authorizationServer.metadataEndpoint().next(Response.of(503), Response.of(503));
  }

  /** How many requests with a refresh token the authorization server received. */
  public int refreshes() {
    return authorizationServer.refreshTokensSent().size();
  }

  /** No client was registered, no session was kept, and no browser was sent to an authorization server. */
  public void assertNothingBegan() {
    assertThat(authorizationServer.registrations()).isEmpty();
    assertThat(authorizationServer.authorizeRequests()).isEmpty();
    assertThat(authorizationServer.tokenRequests()).isEmpty();
    assertThat(sessionRows()).isEmpty();
  }

  public static void assertFails(ErrorCode code, ThrowingCallable call) {
    assertThatExceptionOfType(Failure.class).isThrownBy(call).extracting(Failure::code).isEqualTo(code);
  }

  @Override
  public void close() {
    try (platform; authorizationServer) {
      mcpServer.close();
    }
  }
}
