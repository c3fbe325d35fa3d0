package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.Endpoint;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.McpServerKnobs.StreamFeature;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.GrantWorld;

/** The legacy protocol with an MCP server: sessions, streams, and lost responses. */
class NegotiationFlowTest {

  @Test
  void sessionIsKeptSoThatTheNextCallIsOneRequest() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      int handshake = world.mcpServer.requests().size();
      world.access(USER, call("whoami"));
      world.access(world.anotherProcess(), USER, call("whoami"));
      assertThat(world.mcpServer.requests()).hasSize(handshake + 2);
      var sessions = world.mcpServer.requests().stream().flatMap(r -> r.headers("mcp-session-id").stream()).distinct();
      assertThat(sessions).hasSize(1);
    }
  }

  @Test
  void lostSessionIsReplacedOnce() {
    try (var world = GrantWorld.start(_ -> {}, k -> k.sessionsEndWithToken())) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      world.expire();
      int before = world.mcpServer.methods().size();
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      var methods = world.mcpServer.methods();
      assertThat(methods.subList(before, methods.size())).containsExactly("tools/call", "server/discover",
          "initialize", "notifications/initialized", "tools/call");
      world.access(USER, call("whoami"));
      assertThat(world.mcpServer.methods()).as("the new session is kept").hasSize(methods.size() + 1);
    }
  }

  @Test
  void serverWithoutSessionsIsAskedWithoutOne() {
    try (var world = GrantWorld.start(_ -> {}, k -> k.withoutSessions().protocolVersions("2025-06-18"))) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      var last = world.mcpServer.requests().getLast();
      assertThat(last.header("mcp-session-id")).isEmpty();
      assertThat(last.header("mcp-protocol-version")).contains("2025-06-18");
    }
  }

  @ParameterizedTest
  @EnumSource(StreamFeature.class)
  void streamIsReadToItsResponse(StreamFeature feature) {
    assertReadsStream(feature);
  }

  @Test
  void streamWithEverythingInItIsReadToItsResponse() {
    assertReadsStream(StreamFeature.values());
  }

  private static void assertReadsStream(StreamFeature... features) {
    try (var world = GrantWorld.start(_ -> {}, k -> k.eventStream(features))) {
      world.connect(USER);
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(saidBy(world.access(USER, call("echo")))).isEqualTo("hello");
    }
  }

  @Test
  void lostResponseToACallIsAnUnknownOutcomeAndIsNotAskedForAgain() {
    assertNotSentAgain(ErrorCode.OUTCOME_UNKNOWN, Endpoint::closeAfterReading);
  }

  @Test
  void streamThatEndsBeforeItsResponseIsAnUnknownOutcome() {
    var cut = Response.of(200).body("text/event-stream", ": thinking\n\ndata: {\"jsonrpc\":\"2.0\"");
    assertNotSentAgain(ErrorCode.OUTCOME_UNKNOWN, mcp -> mcp.next(cut));
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 504})
  void breakdownDuringACallIsAnUnknownOutcome(int status) {
    assertNotSentAgain(ErrorCode.OUTCOME_UNKNOWN, mcp -> mcp.next(Response.of(status)));
  }

  @ParameterizedTest
  @ValueSource(ints = {503, 429})
  void serverThatTakesNoCallsNowHasNotCarriedItOut(int status) {
    assertNotSentAgain(ErrorCode.UPSTREAM_UNREACHABLE, mcp -> mcp.next(Response.of(status)));
  }

  private static void assertNotSentAgain(ErrorCode code, Consumer<Endpoint> script) {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.access(USER, listTools());
      script.accept(world.mcpServer.mcpEndpoint());
      assertThatThrownBy(() -> world.access(USER, call("echo"))).isInstanceOfSatisfying(Failure.Unreachable.class,
          failure -> assertThat(failure.code()).isEqualTo(code));
      assertThat(world.mcpServer.received("tools/call")).isEqualTo(1);
      assertThat(saidBy(world.access(USER, call("echo")))).as("the connection is not harmed").isEqualTo("hello");
    }
  }

  @Test
  void redirectIsNotFollowedWithAToken() {
    try (var world = GrantWorld.start(); var collector = LoopbackHttp.start(_ -> Response.of(200))) {
      world.connect(USER);
      world.access(USER, listTools());
      world.mcpServer.mcpEndpoint().next(Response.redirect(307, collector.url() + "/mcp"));
      assertThatThrownBy(() -> world.access(USER, call("echo"))).isInstanceOf(Failure.ProtocolBroken.class);
      assertThat(collector.requests()).isEmpty();
    }
  }

  @Test
  void errorInAHandshakeIsHandedOnAndNoProtocolIsKept() {
    try (var world = GrantWorld.start();
        var busy = LoopbackHttp.start(request -> Response.json(200, response(request)
            .set("error", Json.newObject().put("code", -32000).put("message", "busy"))))) {
      var grant = GrantWorld.elsewhere(world.connect(USER), busy.url() + "/mcp");
      world.stored.store(grant);
      assertThat(world.byUrl(USER, busy.url() + "/mcp", call("echo"))).isInstanceOf(Access.RpcError.class);
      assertThat(world.stored.read(grant.key()).orElseThrow().protocol()).isNull();
      assertThat(busy.requests()).extracting(r -> r.json().path("method").asText()).containsExactly("server/discover",
          "initialize");
    }
  }

  @Test
  void nullErrorBesideAResultIsNone() {
    var result = Json.newObject().put("protocolVersion", "2025-11-25");
    try (var world = GrantWorld.start();
        var sloppy = LoopbackHttp.start(
            request -> Response.json(200, response(request).<ObjectNode>set("result", result).putNull("error")))) {
      assertThat(world.byUrl(USER, sloppy.url(), listTools())).isInstanceOf(Access.Answered.class);
    }
  }

  private static ObjectNode response(Received request) {
    var response = Json.newObject().put("jsonrpc", "2.0");
    response.set("id", request.json().path("id"));
    return response;
  }
}
