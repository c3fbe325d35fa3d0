package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.GrantWorld;

/** The modern protocol (MCP 2026-07-28), and how the client finds out which protocol a server speaks. */
class ModernProtocolFlowTest {
  private static final String MODERN = "2026-07-28";

  private static GrantWorld world(Consumer<McpServerKnobs> knobs) {
    return GrantWorld.start(_ -> {}, k -> knobs.accept(k.protocolVersions(MODERN)));
  }

  private static McpRequest forecast(String region) {
    var params = Json.newObject().put("name", "forecast");
    params.putObject("arguments").put("region", region);
    return new McpRequest("tools/call", params);
  }

  private static McpRequest confirm(Elicitation elicitation) {
    return new McpRequest("tools/call", Json.newObject().put("name", "confirm"), elicitation);
  }

  private static JsonNode answered(Access access) {
    if (access instanceof Access.Answered(var result, _)) return result;
    throw new AssertionError("no result, but " + access);
  }

  @Test
  void serverIsAskedOnceWhatItSpeaksAndThenEachCallIsOneRequest() {
    try (var world = world(_ -> {})) {
      world.connect(USER);
      int before = world.mcpServer.methods().size();
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      world.access(USER, call("whoami"));
      world.access(world.anotherProcess(), USER, call("whoami"));
      var methods = world.mcpServer.methods();
      assertThat(methods.subList(before, methods.size())).containsExactly("server/discover", "tools/call", "tools/call",
          "tools/call");
      assertThat(world.grantOf(USER).protocol()).isNotNull();
      assertThat(Objects.requireNonNull(world.grantOf(USER).protocol()).protocolVersion()).isEqualTo(MODERN);
    }
  }

  @Test
  void serverOfBothErasGetsTheModernProtocol() {
    try (var world = GrantWorld.start(_ -> {}, k -> k.protocolVersions("2025-11-25", MODERN))) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      assertThat(world.mcpServer.methods()).doesNotContain("initialize");
    }
  }

  @Test
  void legacyServerIsAskedForTheModernProtocolOncePerProcess() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.connect(GrantWorld.OTHER);
      world.access(USER, call("whoami"));
      world.access(GrantWorld.OTHER, call("whoami"));
      assertThat(world.mcpServer.methods().stream().filter("initialize"::equals)).hasSize(2);
      var withToken = world.mcpServer.requests().stream().filter(r -> r.header("authorization").isPresent());
      assertThat(withToken.filter(r -> r.json().path("method").asText().equals("server/discover"))).hasSize(1);
    }
  }

  @Test
  void versionThatIsRefusedAndSupportedIsTriedOnceMore() {
    try (var world = world(_ -> {})) {
      world.connect(USER);
      world.mcpServer.adjust(k -> k.refuseVersion(1));
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(world.mcpServer.methods()).doesNotContain("initialize");
    }
  }

  @Test
  void serverThatRefusesEveryVersionIsNotAskedForEver() {
    try (var world = world(_ -> {})) {
      world.connect(USER);
      int before = world.mcpServer.methods().size();
      world.mcpServer.adjust(k -> k.refuseVersion(1000));
      assertThat(world.access(USER, call("whoami"))).isInstanceOf(Access.RpcError.class);
      assertThat(world.mcpServer.methods()).hasSizeLessThanOrEqualTo(before + 3);
    }
  }

  @Test
  void keptModernProtocolThatTheServerHasGivenUpIsReplacedByAHandshake() {
    try (var world = world(_ -> {})) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      world.mcpServer.adjust(k -> k.protocolVersions("2025-11-25"));
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(Objects.requireNonNull(world.grantOf(USER).protocol()).protocolVersion()).isEqualTo("2025-11-25");
    }
  }

  @Test
  void keptHandshakeThatTheServerHasGivenUpIsReplacedByTheModernProtocol() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      world.mcpServer.adjust(k -> k.protocolVersions(MODERN));
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(Objects.requireNonNull(world.grantOf(USER).protocol()).protocolVersion()).isEqualTo(MODERN);
    }
  }

  @Test
  void descriptionHasTheGuidesNames() {
    try (var world = world(_ -> {})) {
      world.connect(USER);
      var description = answered(world.flow.access(USER, new Flow.Target.ByConnection(world.connection()), null,
          inTime()));
      assertThat(description.path("version").asText()).isEqualTo(MODERN);
      assertThat(description.path("capabilities").has("tools")).isTrue();
      assertThat(description.path("serverInfo").path("name").asText()).isEqualTo("fake-mcp-server");
    }
  }

  @Test
  void argumentIsRepeatedInTheHeaderThatTheListAskedFor() {
    try (var world = world(_ -> {})) {
      world.connect(USER);
      world.access(USER, listTools());
      int before = world.mcpServer.requests().size();
      assertThat(saidBy(world.access(USER, forecast("北京")))).isEqualTo("sunny in 北京");
      assertThat(world.mcpServer.requests()).hasSize(before + 1);
      assertThat(world.mcpServer.requests().getLast().header("mcp-param-region")).contains("=?base64?5YyX5Lqs?=");
    }
  }

  @Test
  void headerThatTheServerMissesIsLookedUpAndTheCallSentOnceMore() {
    try (var world = world(_ -> {})) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      int before = world.mcpServer.methods().size();
      assertThat(saidBy(world.access(USER, forecast("eu")))).isEqualTo("sunny in eu");
      var methods = world.mcpServer.methods();
      assertThat(methods.subList(before, methods.size())).containsExactly("tools/call", "tools/list", "tools/call");
    }
  }

  @Test
  void toolWhoseHeadersBreakARuleIsLeftOutOfTheList() {
    try (var world = world(McpServerKnobs::brokenTool)) {
      world.connect(USER);
      var names = answered(world.access(USER, listTools())).path("tools").findValuesAsText("name");
      assertThat(names).contains("forecast", "confirm", "echo").doesNotContain("broken");
    }
  }

  @Test
  void questionGetsTheDefaultsWhereTheCallerAllowsIt() {
    try (var world = world(_ -> {})) {
      world.connect(USER);
      assertThat(saidBy(world.access(USER, confirm(Elicitation.DEFAULTS)))).isEqualTo("{\"sure\":true}");
      var calls = world.mcpServer.requests().stream().filter(r -> r.body().contains("confirm")).toList();
      assertThat(calls).hasSize(2).extracting(r -> r.json().path("id").asText()).doesNotHaveDuplicates();
      world.access(USER, call("whoami"));
      assertThat(world.mcpServer.requests().getLast().body()).doesNotContain("requestState", "inputResponses",
          "elicitation");
    }
  }

  @Test
  void serverThatAsksForEverIsHandedToTheCaller() {
    try (var world = world(k -> k.questions(100))) {
      world.connect(USER);
      var result = answered(world.access(USER, confirm(Elicitation.DEFAULTS)));
      assertThat(result.path("resultType").asText()).isEqualTo("input_required");
      assertThat(world.mcpServer.requests().stream().filter(r -> r.body().contains("confirm"))).hasSize(6);
    }
  }

  @Test
  void questionThatTheCallerDidNotAllowIsRefusedByTheServer() {
    try (var world = world(_ -> {})) {
      world.connect(USER);
      assertThat(world.access(USER, confirm(Elicitation.NONE))).isInstanceOf(Access.RpcError.class);
    }
  }

  @Test
  void callerThatDeclaresItsOwnCapabilityRepliesItself() {
    try (var world = world(_ -> {})) {
      world.connect(USER);
      var asked = answered(world.access(USER, own(Json.newObject())));
      assertThat(asked.path("inputRequests").path("sure").path("method").asText()).isEqualTo("elicitation/create");
      var more = Json.newObject();
      more.set("requestState", asked.path("requestState"));
      more.putObject("inputResponses").putObject("sure").put("action", "accept").putObject("content").put("mine", 1);
      assertThat(saidBy(world.access(USER, own(more)))).isEqualTo("{\"mine\":1}");
    }
  }

  private static McpRequest own(ObjectNode more) {
    var params = more.put("name", "confirm");
    params.putObject("_meta").putObject("io.modelcontextprotocol/clientCapabilities").putObject("elicitation");
    return new McpRequest("tools/call", params);
  }

  @Test
  void resultOfAnUnknownTypeIsNone() {
    try (var world = world(_ -> {})) {
      world.connect(USER);
      world.access(USER, listTools());
      try (var strange = LoopbackHttp.start(ModernProtocolFlowTest::strange)) {
        var grant = GrantWorld.elsewhere(world.connect(USER), strange.url() + "/mcp");
        world.stored.store(grant);
        assertThatThrownBy(() -> world.byUrl(USER, strange.url() + "/mcp", call("echo")))
            .isInstanceOf(Failure.ProtocolBroken.class);
      }
    }
  }

  private static Response strange(Received request) {
    var response = Json.newObject().put("jsonrpc", "2.0");
    response.set("id", request.json().path("id"));
    response.putObject("result").put("resultType", "dream").putArray("supportedVersions").add(MODERN);
    return Response.json(200, response);
  }

  @Test
  void streamIsNotResumedInTheModernProtocol() {
    try (var world = world(_ -> {})) {
      world.connect(USER);
      world.access(USER, listTools());
      world.mcpServer.mcpEndpoint().next(Response.of(200).body("text/event-stream", "id: 1\nretry: 1\ndata:\n\n"));
      assertThatThrownBy(() -> world.access(USER, call("echo"))).isInstanceOf(Failure.Unreachable.class);
      assertThat(List.of("GET")).doesNotContain(world.mcpServer.requests().getLast().method());
    }
  }

  /** The bug: a server that hangs up at an unknown method could never be connected. */
  @Test
  void serverThatHangsUpAtDiscoverIsSpokenToByHandshake() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.mcpServer.mcpEndpoint().next(Response.NONE);
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(world.mcpServer.methods()).contains("initialize");
    }
  }

  /** The bug: a refusal without the request's id was taken to mean that the server does not know the protocol. */
  @Test
  void headerIsLookedUpThoughTheRefusalNamesNoRequest() {
    try (var world = world(_ -> {})) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      var refusal = Json.newObject().put("jsonrpc", "2.0").putNull("id");
      refusal.putObject("error").put("code", -32020).put("message", "header mismatch");
      world.mcpServer.mcpEndpoint().next(Response.json(400, refusal));
      assertThat(saidBy(world.access(USER, forecast("eu")))).isEqualTo("sunny in eu");
    }
  }

  /** The bug: the caller got the server's refusal, and could not see that the tool was beyond what is read. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void callOfAToolThatIsBeyondTheLimitsOfTheListNamesThem(boolean endless) {
    var listing = new Listing(endless);
    try (var world = world(_ -> {}); var server = LoopbackHttp.start(listing::respond)) {
      world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url() + "/mcp"));
      var failure = catchThrowableOfType(Failure.class,
          () -> world.byUrl(USER, server.url() + "/mcp", call("unlisted")));
      assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_UPSTREAM_ANSWER);
      assertThat(failure.safeMessage()).contains(ModernProtocol.MAX_PAGES + " pages",
          KnownTools.MAX_TOOLS + " tools with headers", KnownTools.MAX_NAME + " characters");
      assertThat(server.requests().stream().filter(r -> r.body().contains("tools/list")))
          .hasSize(endless ? ModernProtocol.MAX_PAGES : 1);
    }
  }

  /** A server whose list of tools has no end, or more tools with headers than are remembered. */
  private record Listing(boolean endless) {
    Response respond(Received request) {
      var response = Json.newObject().put("jsonrpc", "2.0");
      response.set("id", request.json().path("id"));
      return switch (request.json().path("method").asText()) {
        case "tools/call" -> {
          response.putObject("error").put("code", -32020).put("message", "header mismatch");
          yield Response.json(400, response);
        }
        case "tools/list" -> {
          var page = response.putObject("result").put("resultType", "complete");
          if (endless) page.put("nextCursor", "more");
          for (int i = 0; i <= (endless ? 0 : KnownTools.MAX_TOOLS); i++)
            page.withArray("tools").addObject().put("name", "t" + i).putObject("inputSchema").putObject("properties")
                .putObject("p").put("type", "string").put(ToolHeaders.ANNOTATION, "P");
          yield Response.json(200, response);
        }
        default -> {
          response.putObject("result").putArray("supportedVersions").add(MODERN);
          yield Response.json(200, response);
        }
      };
    }
  }

  /** The bug: after a refusal in a later round, the client repeated from the start a call that the server had begun. */
  @ParameterizedTest
  @ValueSource(ints = {400, 401, 404, 500})
  void laterRoundThatFailsIsNotBegunAgain(int status) {
    try (var world = world(_ -> {}); var server = LoopbackHttp.start(new GivingUp(status)::respond)) {
      var grant = GrantWorld.elsewhere(world.connect(USER), server.url() + "/mcp");
      world.stored.store(grant);
      assertThatThrownBy(() -> world.byUrl(USER, server.url() + "/mcp", confirm(Elicitation.DEFAULTS)))
          .isInstanceOfSatisfying(Failure.Unreachable.class,
              failure -> assertThat(failure.code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN));
      assertThat(server.requests().stream().filter(r -> r.body().contains("confirm"))).hasSize(2);
    }
  }

  /** A server that asks for input in the first round, and fails in the second. */
  private record GivingUp(int status) {
    Response respond(Received request) {
      var response = Json.newObject().put("jsonrpc", "2.0");
      response.set("id", request.json().path("id"));
      if (request.body().contains("inputResponses")) return Response.of(status);
      var result = response.putObject("result");
      if (request.body().contains("confirm")) {
        result.put("resultType", "input_required").put("requestState", "begun").putObject("inputRequests")
            .putObject("sure").put("method", "elicitation/create").putObject("params");
      } else {
        result.putArray("supportedVersions").add(MODERN);
      }
      return Response.json(200, response);
    }
  }
}
