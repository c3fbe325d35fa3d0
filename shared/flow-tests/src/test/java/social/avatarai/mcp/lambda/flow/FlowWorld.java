package social.avatarai.mcp.lambda.flow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Context;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Flow;
import social.avatarai.mcp.Flow.Starting;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.Authorizer.Begun;
import social.avatarai.mcp.authorization.Callback.Arrival;
import social.avatarai.mcp.authorization.CallbackAnswer;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.aws.dynamodb.DynamoDbGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbReplacedTokens;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.lambda.replay.TestSurroundings;
import social.avatarai.mcp.store.AeadTokenCipher;
import social.avatarai.mcp.store.VaultKeyRing;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.FixedClock;
import social.avatarai.mcp.testkit.Knobs;
import social.avatarai.mcp.testkit.McpKnobs;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantKey;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** An authorization server, an MCP server behind it, and one process of ours with stores of its own. */
final class FlowWorld implements AutoCloseable {
  static final Caller USER = new Caller(new UserId("user-one"), false);
  static final Caller OTHER = new Caller(new UserId("user-two"), false);
  static final Caller OPERATOR = new Caller(new UserId("app-backend"), true);

  final FixedClock clock = FixedClock.started();
  final TestSurroundings surroundings = new TestSurroundings(clock);
  final FakeAuthorizationServer server;
  final FakeMcpServer mcp;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private Supplier<Wiring> wiring = surroundings::wiring;
  PublicBase base = new PublicBase("https://api.example.com");
  private @Nullable Flow flow;

  private FlowWorld(Consumer<Knobs> knobs, Consumer<McpKnobs> mcpKnobs) {
    server = FakeAuthorizationServer.start(k -> knobs.accept(k.clock(clock)));
    mcp = FakeMcpServer.protectedBy(server, mcpKnobs);
    surroundings.loggingTo(new PrintStream(log, true, UTF_8));
  }

  static FlowWorld start() {
    return start(_ -> {}, _ -> {});
  }

  static FlowWorld start(Consumer<Knobs> knobs) {
    return start(knobs, _ -> {});
  }

  static FlowWorld start(Consumer<Knobs> knobs, Consumer<McpKnobs> mcpKnobs) {
    return new FlowWorld(knobs, mcpKnobs);
  }

  /** With one more setting; before the first flow. */
  FlowWorld with(String setting, String value) {
    surroundings.with(setting, value);
    return this;
  }

  /** Wired otherwise; before the first flow. */
  FlowWorld wired(Supplier<Wiring> other) {
    wiring = other;
    return this;
  }

  FlowWorld reachedAt(String url) {
    base = new PublicBase(url);
    return this;
  }

  synchronized Flow flow() {
    if (flow == null) flow = wiring.get().flow();
    return flow;
  }

  /** Another process: the stores stay, whatever was in memory is gone. */
  synchronized void restart() {
    flow = null;
  }

  Invocation now() {
    return new Invocation(base, deadline());
  }

  static Deadline deadline() {
    return Deadline.in(Duration.ofSeconds(25));
  }

  Starting starting() {
    return to(mcp);
  }

  static Starting to(FakeMcpServer other) {
    return new Starting(new EndpointUrl(other.url()), null, null, null, null, null);
  }

  Starting at(String issuer) {
    return new Starting(new EndpointUrl(mcp.url()), new Issuer(issuer), null, null, null, null);
  }

  Starting as(String clientId) {
    return new Starting(new EndpointUrl(mcp.url()), null, new ClientId(clientId), null, null, null);
  }

  Starting asking(String scope) {
    return new Starting(new EndpointUrl(mcp.url()), null, null, Scopes.parse(scope), null, null);
  }

  Starting returningTo(String url) {
    return new Starting(new EndpointUrl(mcp.url()), null, null, null, null, url);
  }

  Begun begin() {
    return begin(USER, starting());
  }

  Begun begin(Caller caller, Starting what) {
    return flow().start(caller, what, now());
  }

  /** The user consents; what the authorization server sends through the browser. */
  CallbackAnswer approve(Begun begun) {
    return Browsers.answer(server.approve(begun.authorizationUrl()));
  }

  /** The answer comes back in the browser that began, to a JSON caller. */
  CallbackOutcome callback(Begun begun, CallbackAnswer answer) {
    return flow().callback(new Arrival(answer, begun.state(), begun.browser(), false), deadline());
  }

  /** The answer comes in through a browser that did not begin. */
  CallbackOutcome elsewhere(Begun begun, CallbackAnswer answer) {
    return flow().callback(new Arrival(answer, begun.state(), null, true), deadline());
  }

  /** A whole flow that ends well. */
  Grant connect(Caller caller, Starting what) {
    var begun = begin(caller, what);
    var outcome = callback(begun, approve(begun));
    assertThat(outcome).isInstanceOf(CallbackOutcome.Connected.class);
    return ((CallbackOutcome.Connected) outcome).grant();
  }

  Grant connect() {
    return connect(USER, starting());
  }

  /** Registers a client through the registration URL of the authorization server, which is all that is said of it. */
  ObjectNode register(Caller caller, ObjectNode metadata) {
    return flow().register(caller,
        new Flow.Registering(new EndpointUrl(server.issuer() + "/register"), null, metadata), now());
  }

  ConnectionId connection() {
    return ConnectionId.ofResource(new ResourceUri(mcp.url()));
  }

  CallbackOutcome.Failed failed(ErrorCode error) {
    return failed(error, null);
  }

  /** After the authorization server answered with this HTTP status. */
  CallbackOutcome.Failed failed(ErrorCode error, @Nullable Integer upstreamStatus) {
    return new CallbackOutcome.Failed(connection(), error, upstreamStatus, null);
  }

  Context context() {
    return Context.of(new Issuer(server.issuer()));
  }

  String contextCallback() {
    return base.callback(context()).value();
  }

  Optional<Grant> stored(Caller caller) {
    return grants().read(new GrantKey(caller.user(), connection()));
  }

  DynamoDbGrants grants() {
    var stores = surroundings.stores();
    return new DynamoDbGrants(stores.client(), stores.tables(), cipher());
  }

  DynamoDbReplacedTokens replacedTokens() {
    var stores = surroundings.stores();
    return new DynamoDbReplacedTokens(stores.client(), stores.tables(), cipher());
  }

  AeadTokenCipher cipher() {
    var stores = surroundings.stores();
    return new AeadTokenCipher(
        new VaultKeyRing(stores.vault(), stores.keyRingSecret(), clock, surroundings.journal()));
  }

  List<String> sessionRows() {
    return rows(surroundings.tables().sessions());
  }

  /** All that all tables hold, as text. */
  String everythingStored() {
    var tables = surroundings.tables();
    return String.join("\n",
        Stream.of(tables.sessions(), tables.tokens(), tables.due(), tables.registrations(), tables.servers())
            .flatMap(table -> rows(table).stream()).toList());
  }

  /** All that is kept of clients, as text: sessions name them too, for as long as they last. */
  String clientsStored() {
    return String.join("\n", rows(surroundings.tables().registrations()));
  }

  private List<String> rows(String table) {
    return surroundings.dynamoDb().scan(scan -> scan.tableName(table).consistentRead(true)).items().stream()
        .map(item -> String.join(" ", item.values().stream().map(FlowWorld::text).toList())).toList();
  }

  private static String text(AttributeValue value) {
    return value.b() == null ? value.toString() : value.b().asString(ISO_8859_1);
  }

  String log() {
    return log.toString(UTF_8);
  }

  /** No client was registered, no session kept, nobody sent anywhere. */
  void assertNothingBegan() {
    assertThat(server.registrations()).isEmpty();
    assertThat(server.authorizeRequests()).isEmpty();
    assertThat(server.tokenRequests()).isEmpty();
    assertThat(sessionRows()).isEmpty();
  }

  static void assertFails(ErrorCode code, ThrowingCallable call) {
    assertThatExceptionOfType(Failure.class).isThrownBy(call).extracting(Failure::code).isEqualTo(code);
  }

  @Override
  public void close() {
    try (surroundings; server) {
      mcp.close();
    }
  }
}
