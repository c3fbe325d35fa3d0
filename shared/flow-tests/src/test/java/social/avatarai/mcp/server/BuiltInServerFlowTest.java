package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.BuiltInWorld.builtIn;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.McpServerKnobs.Rejection;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.BuiltInWorld;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The operator writes a record for all users. Each user sees it, and has a connection of their own to its server. */
class BuiltInServerFlowTest {
  private static final String KEY = "invented-key-of-the-operator";

  private final FlowWorld world = FlowWorld.start();
  private final BuiltInWorld server = new BuiltInWorld(world);
  private final ServerWorld own = new ServerWorld(world);

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void everyUserSeesTheRecordAsTheirOwnAndNotWhoHasWrittenIt() {
    var put = server.put();
    assertThat(put.path("isBuiltin").asBoolean()).isTrue();
    for (var caller : List.of(USER, OTHER)) {
      var seen = server.seenBy(caller);
      assertThat(seen.path("isBuiltin").asBoolean()).isTrue();
      assertThat(seen.path("userId").asText()).isEqualTo(caller.user().value());
      assertThat(seen.path("mcpId").asText()).isEqualTo(MCP_ID.value());
      assertThat(seen.toString()).doesNotContain(OPERATOR.user().value());
      assertThat(server.list(caller)).containsExactly(seen);
      assertThat(world.flow().connection(caller, MCP_ID).status().wireName()).isEqualTo("disconnected");
    }
  }

  @Test
  void eachUserHasAGrantAndAStatusOfTheirOwn() {
    server.put();
    var grant = server.connectWithConsent(USER);
    assertThat(grant.key().user()).isEqualTo(USER.user());
    assertThat(server.status(USER)).isEqualTo("connected");
    assertThat(server.status(OTHER)).isEqualTo("disconnected");
    server.begin(OTHER);
    assertThat(server.status(OTHER)).isEqualTo("authorization_required");
    server.connectWithConsent(OTHER);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(saidBy(server.access(OTHER))).isEqualTo("owner-2");
    assertThat(ServerWorld.isConnected(server.connect(USER))).isTrue();
    assertThat(world.flow().disconnect(USER, MCP_ID, deadline()).revoked()).isTrue();
    assertThat(server.status(USER)).isEqualTo("disconnected");
    assertThat(server.status(OTHER)).isEqualTo("connected");
    assertThat(saidBy(server.access(OTHER))).isEqualTo("owner-2");
  }

  /** Many servers repeat the URL in an error, and some in their metadata. The key in the query is the operator's. */
  @Test
  void keyInTheQueryOfItsUrlReachesNoUser() throws Exception {
    try (var open = FakeMcpServer.open(
        knobs -> knobs.refuse("tools/call", Rejection.withId(200, -32000, "no tool at /mcp?api_key=" + KEY)))) {
      server.put(builtIn(open.url() + "?api_key=" + KEY));
      server.connect(USER);
      String shown = InvocationSecrets.during(
          () -> InvocationSecrets.scrubbedJson(((Access.RpcError) server.access(USER)).error()));
      assertThat(shown).contains("no tool at").doesNotContain(KEY);
    }
  }

  @Test
  void resourceThatRepeatsTheKeyInTheQueryOfItsUrlIsRefused() throws Exception {
    try (var mcp = FakeMcpServer.protectedBy(world.authorizationServer, knobs -> {})) {
      mcp.adjust(knobs -> knobs.resource(mcp.url() + "?api_key=" + KEY));
      server.put(builtIn(mcp.url() + "?api_key=" + KEY));
      InvocationSecrets.during(() -> {
        assertFails(ErrorCode.INVALID_METADATA, () -> server.begin(USER));
        return "";
      });
      assertThat(world.flow().connection(USER, MCP_ID).toString()).doesNotContain(KEY);
      assertThat(server.seenBy(USER).toString()).doesNotContain(KEY);
    }
  }

  @Test
  void errorOfOneUserIsShownToThatUserAlone() {
    server.put();
    server.connectWithConsent(USER);
    server.connectWithConsent(OTHER);
    world.mcpServer.mcpEndpoint().next(Response.of(503), Response.of(503), Response.of(503));
    assertFails(ErrorCode.UPSTREAM_UNREACHABLE, () -> server.connect(USER));
    assertThat(server.seenBy(USER).at("/error/code").asText()).isEqualTo("upstream_unreachable");
    assertThat(server.seenBy(OTHER).path("error").isNull()).isTrue();
    assertThat(world.flow().connection(OTHER, MCP_ID).error()).isNull();
    assertThat(ServerWorld.isConnected(server.connect(USER))).isTrue();
    assertThat(server.seenBy(USER).path("error").isNull()).isTrue();
  }

  @Test
  void openServerIsConnectedWithASessionForEachUser() {
    try (var open = FakeMcpServer.open(knobs -> knobs.protocolVersions("2025-11-25"))) {
      server.put(builtIn(open.url()));
      for (var caller : List.of(USER, OTHER)) {
        assertThat(ServerWorld.isConnected(server.connect(caller))).isTrue();
        assertThat(saidBy(server.access(caller))).isEqualTo("anonymous");
      }
      assertThat(open.openSessions()).as("one for each user").hasSize(2);
      int opened = open.received("initialize");
      assertThat(saidBy(server.access(USER))).isEqualTo("anonymous");
      assertThat(open.received("initialize")).as("the session is kept").isEqualTo(opened);
      world.flow().disconnect(USER, MCP_ID, deadline());
      assertThat(open.openSessions()).hasSize(1);
      assertThat(server.status(USER)).isEqualTo("disconnected");
      assertThat(server.status(OTHER)).isEqualTo("connected");
    }
  }

  private static void assertForbidden(Runnable call) {
    assertFails(ErrorCode.FORBIDDEN, call::run);
  }

  @Test
  void noUserWritesOrDeletesIt() {
    assertForbidden(() -> own.put(builtIn(world.mcpServer.url())));
    assertThat(server.list(OTHER)).isEmpty();
    var before = server.put();
    try (var hostile = FakeMcpServer.open()) {
      assertForbidden(() -> own.put(record(hostile.url())));
      assertForbidden(() -> own.put(builtIn(hostile.url())));
      assertForbidden(() -> own.put(record(world.mcpServer.url()).put("enabled", false)));
      assertForbidden(() -> world.flow().deleteServer(USER, MCP_ID, deadline()));
    }
    assertThat(server.seenBy(OPERATOR)).isEqualTo(before);
    assertThat(server.list(USER)).hasSize(1);
  }

  @Test
  void operatorMustSayThatTheRecordIsForAllUsers() {
    server.put();
    assertForbidden(() -> server.put(record(world.mcpServer.url())));
    assertThat(server.seenBy(USER).path("isBuiltin").asBoolean()).isTrue();
  }

  @Test
  void recordAsTheOperatorSeesItCanBePutAgain() {
    server.put(builtIn(world.mcpServer.url() + "?api_key=operators-invented-key"));
    server.connectWithConsent(USER);
    var again = server.put(server.seenBy(OPERATOR).put("name", "Another name"));
    assertThat(server.seenBy(USER).path("name").asText()).isEqualTo("Another name");
    assertThat(again.path("createdAt")).isEqualTo(server.seenBy(USER).path("createdAt"));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(server.seenBy(USER).toString() + server.list(OTHER) + world.everythingStored() + world.log())
        .doesNotContain("operators-invented-key");
  }

  @Test
  void recordOfAUsersOwnStaysTheirsBesideABuiltInOne() {
    own.put(record(world.mcpServer.url()).put("name", "mine"));
    own.connectWithConsent();
    server.put(builtIn(world.mcpServer.url()).put("name", "the operator's"));
    assertThat(server.list(USER)).singleElement()
        .satisfies(seen -> assertThat(seen.path("name").asText()).isEqualTo("mine"));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(own.put(record(world.mcpServer.url()).put("name", "still mine")).path("status").asText())
        .isEqualTo("connected");
    server.put(builtIn(world.mcpServer.url()).put("enabled", false));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    world.flow().deleteServer(USER, MCP_ID, deadline());
    assertThat(server.list(USER)).singleElement()
        .satisfies(seen -> assertThat(seen.path("isBuiltin").asBoolean()).isTrue());
    assertForbidden(() -> own.put());
  }

  @Test
  void operatorDeletesTheirOwnRecordBeforeTheBuiltInOne() {
    world.flow().putServer(OPERATOR, MCP_ID, record(world.mcpServer.url()), world.now());
    server.put();
    server.delete();
    assertThat(server.seenBy(USER).path("isBuiltin").asBoolean()).isTrue();
    server.delete();
    assertFails(ErrorCode.NOT_FOUND, () -> server.seenBy(USER));
    assertFails(ErrorCode.NOT_FOUND, server::delete);
  }

  @Test
  void listsShowOwnAndBuiltInServersInTheOrderOfTheirIds() {
    for (String id : List.of("a", "c"))
      world.flow().putServer(USER, new ConnectionId(id), record(world.mcpServer.url()), world.now());
    for (String id : List.of("b", "c", "d"))
      world.flow().putServer(OPERATOR, new ConnectionId(id), builtIn(world.mcpServer.url()), world.now());
    assertThat(server.list(USER)).extracting(seen -> seen.path("mcpId").asText() + seen.path("isBuiltin").asBoolean())
        .containsExactly("afalse", "btrue", "cfalse", "dtrue");
    assertThat(server.list(OTHER)).extracting(seen -> seen.path("mcpId").asText()).containsExactly("b", "c", "d");
    assertThat(pages(USER)).containsExactly("a", "b", "c", "d");
    assertThat(pages(OTHER)).containsExactly("b", "c", "d");
  }

  private List<String> pages(Caller caller) {
    var ids = new ArrayList<String>();
    ConnectionId last = null;
    do {
      var page = world.flow().connections(caller, last, 1);
      assertThat(page.connections()).hasSize(1);
      ids.add(page.connections().getFirst().id().value());
      last = page.next();
    } while (last != null);
    return ids;
  }

  @Test
  void builtInRecordsAreNotCountedAsAUsersOwn() {
    for (int i = 0; i < BuiltInRegistry.MAX_BUILT_IN; i++)
      world.flow().putServer(OPERATOR, new ConnectionId("built-in-" + i), builtIn(world.mcpServer.url()), world.now());
    assertFails(ErrorCode.INVALID_REQUEST, server::put);
    for (int i = 0; i < ServerRegistry.MAX_SERVERS; i++)
      world.flow().putServer(USER, new ConnectionId("own-" + i), record(world.mcpServer.url()), world.now());
    assertThat(server.list(USER)).hasSize(BuiltInRegistry.MAX_BUILT_IN + ServerRegistry.MAX_SERVERS);
    assertThat(world.flow().connections(USER, null, 200).connections()).hasSize(200);
  }

  @Test
  void forgottenUserLeavesNothingAndTheRecordStaysForOthers() {
    server.put();
    var grant = server.connectWithConsent(USER);
    server.connectWithConsent(OTHER);
    server.connect(USER);
    assertThat(world.flow().forgetUser(USER, USER.user(), deadline()).left()).isZero();
    assertThat(world.authorizationServer.accepts(grant.tokens().accessToken().reveal())).isFalse();
    assertThat(rowsOf(USER)).containsOnly("forgetting#");
    assertThat(server.seenBy(USER).path("status").asText()).isEqualTo("disconnected");
    assertThat(saidBy(server.access(OTHER))).isEqualTo("owner-2");
  }

  /** The rows of a user in the table of servers, without counters. */
  private List<String> rowsOf(Caller caller) {
    var tables = world.platform.tables();
    return world.platform.dynamoDb().scan(scan -> scan.tableName(tables.servers()).consistentRead(true)).items()
        .stream().filter(item -> attribute(item, "pk").equals("u#" + caller.user())).map(item -> attribute(item, "sk"))
        .filter(sort -> !sort.startsWith("counter")).toList();
  }

  private static String attribute(Map<String, AttributeValue> item, String name) {
    return item.getOrDefault(name, AttributeValue.fromS("")).s();
  }

  @Test
  void serverThatRedirectsKeepsTheUrlThatTheOperatorHasWritten() {
    try (var open = FakeMcpServer.open(knobs -> knobs.path("/mcp/"))) {
      open.shareOriginWith(
          request -> request.path().equals("/mcp") ? Response.redirect(307, "/mcp/") : Response.of(404));
      ObjectNode put = server.put(builtIn(open.origin() + "/mcp"));
      assertFails(ErrorCode.INVALID_UPSTREAM_ANSWER, () -> server.connect(USER));
      assertThat(server.seenBy(OPERATOR)).isEqualTo(put);
      assertThat(server.seenBy(USER).at("/error/hint").asText()).contains("operator");
    }
  }
}
