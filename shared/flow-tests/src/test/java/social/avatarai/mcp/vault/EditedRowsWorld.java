package social.avatarai.mcp.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static social.avatarai.mcp.world.FlowWorld.USER;

import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.registration.ClientChoice;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * One user has two honest servers at two honest issuers. Each server is connected twice: by the guide's raw flow with a
 * client of the user's own, and as a server of the registry with a client of the deployment. A collector must never
 * receive a request.
 */
final class EditedRowsWorld implements AutoCloseable {
  static final String RETURN_TO = "https://app.example.com/back";
  static final ConnectionId SERVER = new ConnectionId("server-a");
  private static final ConnectionId OTHER_SERVER = new ConnectionId("server-b");

  private final Writes writes = new Writes();
  private final DynamoDbClient client = EmbeddedDynamoDb.inMemory().clientWith(writes);
  final FlowWorld world = started();
  final LoopbackHttp collector = LoopbackHttp.start(_ -> Response.of(404));
  private final FakeAuthorizationServer otherIssuer = FakeAuthorizationServer
      .start(knobs -> lasting(knobs.clock(world.clock)));
  private final FakeMcpServer otherMcp = FakeMcpServer.protectedBy(otherIssuer,
      knobs -> knobs.protocolVersions("2025-11-25"));

  /** Client secrets and registration access tokens of the user's own clients, by issuer. */
  private final Map<String, List<String>> ownSecrets = new HashMap<>();
  final ClientId ownClient = register(world.authorizationServer);
  private final ClientId otherClient = register(otherIssuer);
  /** A flow that has begun, and the authorization response to it. */
  record Waiting(AuthorizationStarted begun, AuthorizationResponse answer) {}

  /** The first consent. The consent below replaces it, so that there is a replaced refresh token. */
  private final Grant replaced = granted(waiting(world.mcpServer, ownClient));
  final Waiting ended = waiting(world.mcpServer, ownClient);
  final Grant raw = granted(ended);
  private final Grant otherRaw = granted(waiting(otherMcp, otherClient));
  final Grant registered = connect(SERVER, world.mcpServer);
  private final Grant otherRegistered = connect(OTHER_SERVER, otherMcp);

  final Waiting waiting = waiting(world.mcpServer, ownClient);
  final Waiting waitingForServer = waiting(begin(SERVER));
  final CallbackOutcome.Parked parked = park(waiting(world.mcpServer, ownClient));

  private final Map<String, Map<Map<String, AttributeValue>, Map<String, AttributeValue>>> base = new HashMap<>();

  EditedRowsWorld() {
    park(waiting(otherMcp, otherClient));
    waiting(otherMcp, otherClient);
    tables().forEach(table -> base.put(table, rows(table)));
    writes.takeAll();
  }

  private FlowWorld started() {
    var started = FlowWorld.start(EditedRowsWorld::lasting, knobs -> knobs.protocolVersions("2025-11-25"))
        .with("USER_CLIENT_SECRETS", "table").with("RETURN_TO_ALLOWLIST", RETURN_TO);
    started.platform.with(client);
    return started;
  }

  private static void lasting(AuthorizationServerKnobs knobs) {
    knobs.withoutForgetting().withoutRotation().managesRegistrations();
  }

  // The state before the edits

  private ClientId register(FakeAuthorizationServer issuer) {
    var registration = new Flow.Registering(new EndpointUrl(issuer.issuer() + "/register"), null, Json.newObject());
    var answer = world.flow().register(USER, registration, world.now());
    ownSecrets.put(issuer.issuer(), List.of(answer.path("client_secret").asText(),
        answer.path("registration_access_token").asText()));
    return new ClientId(answer.path("client_id").asText());
  }

  /** A raw flow at the first server. Without a client, the flow uses the client of the deployment. */
  AuthorizationStarted begin(@Nullable ClientId client) {
    return begin(world.mcpServer, client);
  }

  /** The authorization response through the browser; empty if the page is not a consent page. */
  Optional<Waiting> approve(AuthorizationStarted begun) {
    try {
      return Optional.of(waiting(begun));
    } catch (RuntimeException | AssertionError e) {
      return Optional.empty();
    }
  }

  private AuthorizationStarted begin(FakeMcpServer mcp, @Nullable ClientId client) {
    return world.begin(USER, FlowWorld.urlOf(mcp), AuthorizationStart.fresh().as(ClientChoice.of(client)));
  }

  private Grant connect(ConnectionId server, FakeMcpServer mcp) {
    world.flow().putServer(USER, server, ServerWorld.record(mcp.url()), world.now());
    return granted(waiting(begin(server)));
  }

  private AuthorizationStarted begin(ConnectionId server) {
    // With an existing grant, connect would begin no flow. So this starts a consent as after an access.
    var resource = world.flow().discoverResource(USER, new EndpointUrl(url(server)), FlowWorld.deadline());
    return world.flow().consent(USER, resource, AuthorizationStart.fresh().forServer(server), world.now());
  }

  private String url(ConnectionId server) {
    return server.equals(SERVER) ? world.mcpServer.url() : otherMcp.url();
  }

  private Waiting waiting(FakeMcpServer mcp, ClientId client) {
    return waiting(begin(mcp, client));
  }

  private Waiting waiting(AuthorizationStarted begun) {
    return new Waiting(begun, world.approve(begun));
  }

  private Grant granted(Waiting flow) {
    if (world.callback(flow.begun(), flow.answer()) instanceof CallbackOutcome.Connected(var grant, _)) {
      // After these calls, the connection has an MCP session, and the grant has its own version and a lease.
      world.flow().access(USER, new Flow.Target.ByConnection(grant.key().connection()), GrantWorld.listTools(),
          FlowWorld.deadline());
      world.flow().refresh(USER, new What.Stored(grant.key().connection()),
          FlowWorld.deadline());
      return grant;
    }
    throw new AssertionError("not connected");
  }

  private CallbackOutcome.Parked park(Waiting flow) {
    return (CallbackOutcome.Parked) world.elsewhere(flow.begun(), flow.answer());
  }

  // The tables

  Collection<String> tables() {
    return world.platform.tables().creations().stream().map(CreateTableRequest::tableName).toList();
  }

  private Map<Map<String, AttributeValue>, Map<String, AttributeValue>> rows(String table) {
    var rows = new HashMap<Map<String, AttributeValue>, Map<String, AttributeValue>>();
    client.scan(scan -> scan.tableName(table).consistentRead(true)).items()
        .forEach(item -> rows.put(key(item), item));
    return rows;
  }

  private static Map<String, AttributeValue> key(Map<String, AttributeValue> item) {
    var key = new HashMap<>(item);
    key.keySet().retainAll(Set.of("pk", "sk"));
    return key;
  }

  /** The rows of the first server and its issuer, and the rows that belong to neither server. */
  List<Map<String, AttributeValue>> victims(String table) {
    return baseRows(table).filter(item -> !isOfOther(item)).toList();
  }

  List<Map<String, AttributeValue>> donors(String table, Map<String, AttributeValue> victim) {
    return baseRows(table).filter(item -> !item.equals(victim))
        .sorted(Comparator.comparing(item -> !isOfOther(item))).toList();
  }

  private Stream<Map<String, AttributeValue>> baseRows(String table) {
    return Objects.requireNonNull(base.get(table)).values().stream();
  }

  private boolean isOfOther(Map<String, AttributeValue> item) {
    String text = item.toString();
    return Stream.of(otherIssuer.origin(), otherMcp.origin(), OTHER_SERVER.value(), otherRaw.key().connection().value())
        .anyMatch(text::contains);
  }

  void put(String table, Map<String, AttributeValue> item) {
    client.putItem(put -> put.tableName(table).item(item));
  }

  /** Restores the original rows wherever something was written. */
  void restore() {
    writes.takeAll().forEach(row -> {
      var then = Objects.requireNonNull(base.get(row.table())).get(row.key());
      if (then != null) put(row.table(), then);
      else
        client.deleteItem(delete -> delete.tableName(row.table()).key(row.key()));
    });
    writes.takeAll();
  }

  /** Records which rows are written. */
  private static final class Writes implements ExecutionInterceptor {
    private final Set<Row> rows = ConcurrentHashMap.newKeySet();

    private record Row(String table, Map<String, AttributeValue> key) {}

    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
      switch (context.request()) {
        case PutItemRequest put -> rows.add(new Row(put.tableName(), EditedRowsWorld.key(put.item())));
        case UpdateItemRequest update -> rows.add(new Row(update.tableName(), update.key()));
        case DeleteItemRequest delete -> rows.add(new Row(delete.tableName(), delete.key()));
        default -> {
          // These are reads, and calls that our code does not make.
        }
      }
    }

    List<Row> takeAll() {
      var taken = List.copyOf(rows);
      rows.clear();
      return taken;
    }
  }

  /** The shards of the scheduled refresh that hold markers of the first server. */
  List<Integer> shardsWithMarkers() {
    return tables().stream().flatMap(table -> victims(table).stream())
        .map(item -> Objects.requireNonNull(item.get("pk")).s()).filter(pk -> pk.startsWith("due#"))
        .map(pk -> Integer.valueOf(pk.substring(4))).distinct().toList();
  }

  // The checks for leaks

  private int seen;

  /** The requests that carried a secret to a wrong place; empty if there were none. */
  List<String> leaks(List<String> shown) {
    var leaks = new ArrayList<String>();
    var collected = collector.requests();
    collected.subList(seen, collected.size()).forEach(request -> leaks.add("the collector got " + request));
    seen = collected.size();
    shown.stream().filter(text -> text.contains(collector.url())).forEach(text -> leaks.add("the browser got " + text));
    strayed(otherIssuer, otherMcp, secrets(world.authorizationServer, replaced, raw, registered),
        world.authorizationServer)
        .forEach(request -> leaks.add("the other server got " + request));
    return leaks;
  }

  /**
   * The requests with secrets of the other server that the first server or its issuer got. They are checked once, at
   * the end.
   */
  List<Received> strayedHere() {
    return strayed(world.authorizationServer, world.mcpServer, secrets(otherIssuer, otherRaw, otherRegistered),
        otherIssuer);
  }

  private static List<Received> strayed(FakeAuthorizationServer issuer, FakeMcpServer mcp, Set<String> secrets,
      FakeAuthorizationServer owner) {
    return Stream.of(issuer.tokenRequests(), issuer.revocations(), issuer.registrationManagement().requests(),
        mcp.requests()).flatMap(List::stream).filter(request -> holds(request, secrets, owner)).toList();
  }

  private Set<String> secrets(FakeAuthorizationServer issuer, Grant... grants) {
    var secrets = new LinkedHashSet<String>();
    for (var grant : grants) {
      secrets.add(grant.tokens().accessToken().reveal());
      secrets.add(GrantWorld.refreshTokenOf(grant).reveal());
    }
    secrets.addAll(Objects.requireNonNull(ownSecrets.get(issuer.issuer())));
    String vaultName = Digest.sha256Hex(issuer.issuer());
    ((MemoryVault) world.platform.vault()).contents().forEach((name, value) -> {
      if (name.endsWith(vaultName))
        Json.object(value.getBytes(UTF_8)).orElseThrow()
            .forEach(secret -> secrets.add(secret.asText()));
    });
    return secrets;
  }

  /** Whether a request carries one of these secrets, or an access token of this issuer. */
  private static boolean holds(Received request, Set<String> secrets, FakeAuthorizationServer issuer) {
    String authorization = request.header("authorization").orElse("");
    String text = request.rawQuery() + " " + request.body() + " " + request.parameters() + " " + authorization + " "
        + (authorization.startsWith("Basic ")
            ? new String(Base64.getDecoder().decode(authorization.substring(6)), UTF_8)
            : "");
    boolean bearer = authorization.startsWith("Bearer ") && issuer.accepts(authorization.substring(7));
    return bearer || secrets.stream().anyMatch(text::contains);
  }

  Issuer issuer() {
    return new Issuer(world.authorizationServer.issuer());
  }

  ConnectionId rawConnection() {
    return ConnectionId.ofResource(new ResourceUri(world.mcpServer.url()));
  }

  @Override
  public void close() {
    try (world; collector; otherIssuer) {
      otherMcp.close();
    }
  }
}
