package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/** Another server takes the place of the one that a running process remembers, and is asked again in the same call. */
class ReplacedServerFlowTest {
  private static final String MODERN = "2026-07-28";
  private static final String LEGACY = "2025-11-25";

  @ParameterizedTest
  @CsvSource({LEGACY + "," + MODERN, MODERN + "," + LEGACY})
  void connectFindsTheServerOfAnotherEraInOneProcess(String before, String after) {
    try (var world = FlowWorld.start(_ -> {}, knobs -> knobs.protocolVersions(before))) {
      var server = new ServerWorld(world);
      server.put();
      server.connectWithConsent();
      assertThat(ServerWorld.isConnected(server.connect(FlowWorld.USER))).isTrue();
      world.mcpServer.adjust(knobs -> knobs.protocolVersions(after));

      assertThat(ServerWorld.isConnected(server.connect(FlowWorld.USER))).isTrue();
      assertThat(saidBy(server.access(FlowWorld.USER))).isEqualTo("owner-1");
    }
  }

  @ParameterizedTest
  @CsvSource({LEGACY + "," + MODERN, MODERN + "," + LEGACY})
  void callFindsTheServerOfAnotherEraInOneProcess(String before, String after) {
    try (var world = GrantWorld.start(_ -> {}, knobs -> knobs.protocolVersions(before))) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      world.mcpServer.adjust(knobs -> knobs.protocolVersions(after));

      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      int asked = world.mcpServer.methods().size();
      world.access(USER, call("whoami"));
      assertThat(world.mcpServer.methods()).as("the new agreement is kept").hasSize(asked + 1);
    }
  }

  @ParameterizedTest
  @CsvSource({LEGACY + "," + MODERN, MODERN + "," + LEGACY})
  void userWithoutAGrantFindsTheChallengeOfTheServerOfAnotherEra(String before, String after) {
    try (var world = FlowWorld.start(_ -> {}, knobs -> knobs.protocolVersions(before))) {
      world.connect();
      world.mcpServer.adjust(knobs -> knobs.protocolVersions(after));
      assertThat(world.begin(FlowWorld.OTHER).trusted().resource().value()).isEqualTo(world.mcpServer.url());
    }
  }

  private static Response rpc(Received request, int status, ObjectNode body) {
    var response = Json.newObject().put("jsonrpc", "2.0");
    response.set("id", request.json().path("id"));
    return Response.json(status, response.setAll(body));
  }

  private static ObjectNode error(int code) {
    var body = Json.newObject();
    body.putObject("error").put("code", code).put("message", "as the test wants it");
    return body;
  }

  private static ObjectNode result(ObjectNode result) {
    var body = Json.newObject();
    body.set("result", result);
    return body;
  }

  /** A server that speaks only the modern protocol, and says this to a handshake. */
  private static Function<Received, Response> modernOnly(Function<Received, Response> toHandshake) {
    return request -> switch (request.json().path("method").asText()) {
      case "initialize" -> toHandshake.apply(request);
      case "server/discover" -> {
        var described = Json.newObject().put("resultType", "complete");
        described.putArray("supportedVersions").add(MODERN);
        described.putObject("capabilities");
        yield rpc(request, 200, result(described));
      }
      default -> rpc(request, 200, result(Json.newObject().put("said", "modern")));
    };
  }

  private static Response legacy(Received request) {
    return switch (request.json().path("method").asText()) {
      case "initialize" -> {
        var offered = Json.newObject().put("protocolVersion", LEGACY);
        offered.putObject("capabilities");
        yield rpc(request, 200, result(offered));
      }
      case "server/discover" -> rpc(request, 200, error(-32601));
      case "notifications/initialized" -> Response.of(202);
      default -> rpc(request, 200, result(Json.newObject().put("said", "legacy")));
    };
  }

  private static String said(GrantWorld world, String url) {
    return ((Access.Answered) world.byUrl(USER, url, call("echo"))).result().path("said").asText();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a version that nobody shares", "an error", "another error", "a refusal", "nonsense"})
  void handshakeThatAModernServerRefusesInAnyWayIsNoError(String way) {
    Function<Received, Response> toHandshake = request -> switch (way) {
      case "an error" -> rpc(request, 200, error(-32601));
      case "another error" -> rpc(request, 400, error(-32022));
      case "a refusal" -> Response.of(405);
      case "nonsense" -> Response.html(200, "<h1>hello</h1>");
      default -> rpc(request, 200, result(Json.newObject().put("protocolVersion", MODERN)));
    };
    var now = new Object() {
      volatile Function<Received, Response> server = ReplacedServerFlowTest::legacy;
    };
    try (var world = GrantWorld.start(); var server = LoopbackHttp.start(request -> now.server.apply(request))) {
      assertThat(said(world, server.url())).isEqualTo("legacy");
      now.server = modernOnly(toHandshake);
      assertThat(said(world, server.url())).isEqualTo("modern");
      assertThat(said(world, server.url())).as("and is remembered").isEqualTo("modern");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"400 with a code", "404 with a code", "400 without a word", "404 without a word"})
  void callThatAModernServerHasCarriedOutAndRefusedIsNotSentAgain(String way) {
    int status = Integer.parseInt(way.substring(0, 3));
    Function<Received, Response> refusal = request -> way.endsWith("code")
        ? rpc(request, status, error(-32000))
        : Response.of(status);
    try (var world = GrantWorld.start(_ -> {}, knobs -> knobs.protocolVersions(MODERN))) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      world.mcpServer.mcpEndpoint().nextFrom(refusal);
      int before = world.mcpServer.received("tools/call");
      assertRefused(() -> world.access(USER, call("whoami")));
      assertThat(world.mcpServer.received("tools/call")).isEqualTo(before + 1);
    }
  }

  private static void assertRefused(Supplier<Access> call) {
    try {
      assertThat(call.get()).isInstanceOf(Access.RpcError.class);
    } catch (Failure e) {
      assertThat(e.upstreamStatus()).isPresent();
    }
  }

  @Test
  void legacyServerThatRefusesIsStillAskedOnlyOnceInEachEra() {
    var now = new Object() {
      volatile boolean refuses;
    };
    try (var world = GrantWorld.start();
        var server = LoopbackHttp.start(request -> now.refuses ? rpc(request, 200, error(-32603)) : legacy(request))) {
      said(world, server.url());
      now.refuses = true;
      int before = server.requests().size();
      assertThat(world.byUrl(USER, server.url(), call("echo"))).isInstanceOf(Access.RpcError.class);
      var methods = server.requests().stream().skip(before).map(one -> one.json().path("method").asText()).toList();
      assertThat(Collections.frequency(methods, "server/discover")).isEqualTo(1);
      assertThat(methods).doesNotContain("tools/call").hasSizeLessThanOrEqualTo(3);
    }
  }

  @Test
  void callThatTheServerHasCarriedOutIsNotSentAgain() {
    try (var world = GrantWorld.start(_ -> {}, knobs -> knobs.protocolVersions(LEGACY))) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      world.mcpServer.mcpEndpoint().next(Response.of(500));
      int before = world.mcpServer.received("tools/call");
      FlowWorld.assertFails(ErrorCode.OUTCOME_UNKNOWN, () -> world.access(USER, call("whoami")));
      assertThat(world.mcpServer.received("tools/call")).isEqualTo(before + 1);
    }
  }
}
