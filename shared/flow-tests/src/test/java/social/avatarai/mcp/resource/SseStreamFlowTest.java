package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeSseServer;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.testkit.SseKnobs;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/** What a server may do wrong, or in another way, on a stream of HTTP+SSE. */
class SseStreamFlowTest {
  private static final String CALL = "tools/call";

  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld registered = new ServerWorld(world);

  @AfterEach
  void close() {
    world.close();
  }

  /** A server that the user's record declares as one of HTTP+SSE. */
  private FakeSseServer declared(BiConsumer<SseKnobs, McpServerKnobs> knobs) {
    var server = FakeSseServer.open(knobs);
    var record = Json.newObject();
    record.putObject("endpoint").put("type", "sse").put("url", server.url());
    registered.put(record);
    return server;
  }

  private Access call(Deadline deadline) {
    return world.flow().access(USER, new Target.ByConnection(ServerWorld.MCP_ID), GrantWorld.call("whoami"), deadline);
  }

  private void assertSays(String owner) {
    assertThat(GrantWorld.saidBy(call(deadline()))).isEqualTo(owner);
  }

  private static Deadline shortly() {
    return Deadline.in(Duration.ofMillis(800));
  }

  private Failure failure(Deadline deadline) {
    var failure = catchThrowableOfType(Failure.class, () -> call(deadline));
    assertThat(failure).isNotNull();
    return failure;
  }

  private void assertFails(ErrorCode code) {
    assertThat(failure(deadline()).code()).isEqualTo(code);
  }

  private static ObjectNode question(String method) {
    return Json.newObject().put("jsonrpc", "2.0").put("id", "of-the-server").put("method", method);
  }

  private static ObjectNode response(long id) {
    var response = Json.newObject().put("jsonrpc", "2.0").put("id", id);
    response.putObject("result").put("forged", true);
    return response;
  }

  @ParameterizedTest
  @ValueSource(strings = {"/messages?sessionId=ID", "messages?sessionId=ID", "ORIGIN/messages?sessionId=ID",
      "./messages?sessionId=ID", "/messages/more?sessionId=ID&x=1"})
  void messagesGoToTheUrlThatTheServerNames(String said) {
    var origin = new String[1];
    try (var server = declared((sse, _) -> sse
        .endpoint(id -> said.replace("ID", id).replace("ORIGIN", String.valueOf(origin[0]))))) {
      origin[0] = server.origin();
      assertSays("anonymous");
      assertThat(server.requests().getLast().path()).startsWith("/messages");
    }
  }

  /** A token would otherwise go wherever the server wants. */
  @Test
  void nothingIsSentToAnotherOrigin() {
    try (var other = LoopbackHttp.start(_ -> Response.of(202))) {
      for (String said : List.of(other.url() + "/messages", "//localhost:" + other.port() + "/messages",
          "https://elsewhere.example/messages", "http://127.0.0.1:" + other.port() + "/messages")) {
        try (var server = declared((sse, _) -> sse.endpoint(_ -> said))) {
          var failure = failure(deadline());
          assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_UPSTREAM_ANSWER);
          assertThat(failure.safeMessage()).isEqualTo(
              "The server's endpoint event names another origin than that of the stream.");
          assertThat(server.steps()).containsExactly("GET");
        }
      }
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void nothingIsSentToAnotherOriginWhereTheTransportIsFoundEither() {
    try (var other = LoopbackHttp.start(_ -> Response.of(202));
        var server = FakeSseServer.open((sse, _) -> sse.endpoint(_ -> other.url() + "/messages"))) {
      var url = new EndpointUrl(server.url());
      var failure = catchThrowableOfType(Failure.class,
          () -> world.flow().access(USER, new Target.ByUrl(url), GrantWorld.call("whoami"), deadline()));
      assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_UPSTREAM_ANSWER);
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void nothingIsSentToAUrlThatIsNone() {
    for (String said : List.of("http://user:secret@localhost/messages", "", "/messages#part", "mailto:someone",
        "/messages with spaces", "javascript:void(0)", "/" + "m".repeat(3000))) {
      try (var server = declared((sse, _) -> sse.endpoint(_ -> said))) {
        assertFails(ErrorCode.INVALID_UPSTREAM_ANSWER);
        assertThat(server.steps()).containsExactly("GET");
      }
    }
  }

  @Test
  void streamThatDoesNotBeginWithAnEndpointIsRefused() {
    for (String opening : List.of("", ": hello\n\n", "event: message\ndata: {}\n\n", "data: /messages\n\n",
        "event: endpoint\n\n", "event: endpoint\ndata: /messages\n")) {
      try (var server = declared((sse, _) -> sse.opening(_ -> opening).endsAfterOpening())) {
        assertFails(ErrorCode.INVALID_UPSTREAM_ANSWER);
        assertThat(server.steps()).containsExactly("GET");
      }
    }
  }

  @Test
  void commentsMayComeBeforeTheEndpoint() {
    try (var server = declared((sse, _) -> sse.opening(
        id -> "\ufeff: hello\n\nevent: noise\n\nevent: endpoint\nid: 1\ndata: /messages?sessionId=" + id + "\n\n"))) {
      assertSays("anonymous");
      assertThat(server.steps()).hasSize(4);
    }
  }

  @Test
  void streamWithoutItsEndpointIsWaitedForOnlySoLong() {
    try (var server = declared((sse, _) -> sse.opening(_ -> ": wait\n\n"))) {
      assertThat(failure(shortly()).code()).isEqualTo(ErrorCode.UPSTREAM_TIMEOUT);
      assertThat(server.steps()).containsExactly("GET");
    }
  }

  @Test
  void streamOverTheLimitIsRefusedBeforeAnythingIsSent() {
    String huge = ":" + "x".repeat(McpTransport.MAX_BYTES) + "\n";
    try (var server = declared((sse, _) -> sse.opening(_ -> huge))) {
      assertFails(ErrorCode.INVALID_UPSTREAM_ANSWER);
      assertThat(server.steps()).containsExactly("GET");
    }
  }

  @Test
  void secondEndpointEventChangesNothing() {
    try (var other = LoopbackHttp.start(_ -> Response.of(202));
        var server = declared((sse, _) -> sse.opening(id -> "event: endpoint\ndata: /messages?sessionId=" + id
            + "\n\nevent: endpoint\ndata: " + other.url() + "/messages\n\n"))) {
      assertSays("anonymous");
      assertThat(server.steps()).hasSize(4);
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void responsesToOtherIdsAndNotificationsArePassedOver() {
    var log = Json.newObject().put("jsonrpc", "2.0").put("method", "notifications/message");
    try (var _ = declared((sse, _) -> sse.before("initialize", response(1)).before(CALL, response(2), log))) {
      assertSays("anonymous");
    }
  }

  @Test
  void questionsOfTheServerAreAnsweredAtItsEndpoint() {
    try (var server = declared((sse, _) -> sse.before("initialize", question("ping"))
        .before(CALL, question("ping"), question("sampling/createMessage")))) {
      assertSays("anonymous");
      var replies = server.requests().stream().filter(request -> request.json().path("id").asText()
          .equals("of-the-server")).toList();
      assertThat(replies).hasSize(3).allMatch(reply -> reply.path().equals("/messages"));
      assertThat(replies.getFirst().json().has("result")).as("a ping").isTrue();
      assertThat(replies.getLast().json().at("/error/code").asInt()).as("sampling").isEqualTo(-32601);
    }
  }

  @Test
  void serverThatAsksOnAndOnGetsNoMoreReplies() {
    var many = new ObjectNode[ServerQuestion.MAX_QUESTIONS + 5];
    Arrays.setAll(many, _ -> question("ping"));
    try (var server = declared((sse, _) -> sse.before(CALL, many))) {
      assertFails(ErrorCode.OUTCOME_UNKNOWN);
      assertThat(server.steps()).filteredOn("reply"::equals).hasSize(ServerQuestion.MAX_QUESTIONS);
    }
  }

  @Test
  void elicitationIsAnsweredOnTheStreamWhereItIsDeclared() {
    var asked = question("elicitation/create");
    asked.putObject("params").put("message", "Really?").putObject("requestedSchema").put("type", "object")
        .putObject("properties").putObject("sure").put("type", "boolean").put("default", true);
    try (var server = declared((sse, _) -> sse.before(CALL, asked))) {
      var request = new McpRequest(CALL, GrantWorld.call("whoami").params(), Elicitation.DEFAULTS);
      var access = world.flow().access(USER, new Target.ByConnection(ServerWorld.MCP_ID), request, deadline());
      assertThat(GrantWorld.saidBy(access)).isEqualTo("anonymous");
      assertThat(server.requests().stream().filter(one -> one.json().path("id").asText().equals("of-the-server")))
          .singleElement().satisfies(reply -> assertThat(reply.json().at("/result/content/sure").asBoolean()).isTrue());
    }
  }

  @Test
  void responseInTheBodyOfThePostCountsToo() {
    try (var _ = declared((sse, _) -> sse.repliesInBody(CALL))) {
      assertSays("anonymous");
    }
  }

  @Test
  void handshakeInTheBodyOfThePostCountsOnlyOnTheStream() {
    try (var server = declared((sse, _) -> sse.repliesInBody("initialize"))) {
      assertThat(failure(shortly()).code()).isEqualTo(ErrorCode.UPSTREAM_TIMEOUT);
      assertThat(server.steps()).containsExactly("GET", "initialize");
    }
  }

  @Test
  void responseIsNotHeldUpByAPostThatDoesNotEnd() {
    try (var _ = declared((sse, _) -> sse.waitsWithPost())) {
      assertSays("anonymous");
    }
  }

  @Test
  void toolErrorIsTheCallersToRead() {
    try (var _ = declared((_, _) -> {})) {
      var access = world.flow().access(USER, new Target.ByConnection(ServerWorld.MCP_ID), GrantWorld.call("unknown"),
          deadline());
      assertThat(access).isInstanceOf(Access.RpcError.class);
    }
  }

  @Test
  void callWhoseStreamEndsBeforeTheResponseHasAnUnknownOutcomeAndIsNotRepeated() {
    try (var server = declared((sse, _) -> sse.endAt(CALL))) {
      assertFails(ErrorCode.OUTCOME_UNKNOWN);
      assertThat(server.steps()).filteredOn(CALL::equals).hasSize(1);
    }
  }

  @Test
  void callWithoutAResponseHasAnUnknownOutcomeAtTheDeadline() {
    try (var server = declared((sse, _) -> sse.silentAt(CALL))) {
      assertThat(failure(shortly()).code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
      assertThat(server.steps()).filteredOn(CALL::equals).hasSize(1);
    }
  }

  @Test
  void handshakeThatIsLostLeavesNoOutcomeOpen() {
    try (var server = declared((sse, _) -> sse.silentAt("initialize"))) {
      assertThat(failure(shortly()).code()).isEqualTo(ErrorCode.UPSTREAM_TIMEOUT);
      assertThat(server.steps()).doesNotContain(CALL);
    }
    try (var server = declared((sse, _) -> sse.endAt("initialize"))) {
      assertFails(ErrorCode.UPSTREAM_UNREACHABLE);
      assertThat(server.steps()).doesNotContain(CALL);
    }
  }

  @Test
  void eventThatIsNoSingleMessageEndsTheCallAtOnce() {
    String twice = "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1,\"result\":2}\n\n";
    try (var _ = declared((sse, _) -> sse.verbatim(CALL, twice))) {
      assertFails(ErrorCode.OUTCOME_UNKNOWN);
    }
  }

  @Test
  void callWhosePostBreaksDownHasAnUnknownOutcome() {
    try (var server = declared((sse, _) -> sse.refusePost(CALL, Response.of(500)))) {
      var failure = failure(deadline());
      assertThat(failure.code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
      assertThat(failure.upstreamStatus()).contains(500);
      assertThat(server.steps()).filteredOn(CALL::equals).hasSize(1);
    }
  }

  /** Otherwise the user would read that a tool may have run, although the server never got the request. */
  @Test
  void serverThatBreaksDownBeforeItGetsTheCallLeavesNoOutcomeOpen() {
    for (String step : List.of("GET", "initialize", "notifications/initialized")) {
      try (var server = declared((sse, _) -> sse.refuseOnce(step, Response.of(500)))) {
        var failure = failure(deadline());
        assertThat(failure.code()).as(step).isEqualTo(ErrorCode.UPSTREAM_UNREACHABLE);
        assertThat(failure.upstreamStatus()).contains(500);
        assertThat(server.steps()).doesNotContain(CALL);
      }
    }
  }

  @Test
  void callWhosePostIsLostHasAnUnknownOutcome() {
    try (var server = declared((sse, _) -> sse.refusePost(CALL, Response.NONE))) {
      assertFails(ErrorCode.OUTCOME_UNKNOWN);
      assertThat(server.steps()).filteredOn(CALL::equals).hasSize(1);
    }
  }

  @Test
  void callThatIsRefusedAsMalformedIsNotRepeated() {
    try (var server = declared((sse, _) -> sse.refusePost(CALL, Response.of(400)))) {
      assertFails(ErrorCode.UPSTREAM_REFUSED);
      assertThat(server.steps()).filteredOn(CALL::equals).hasSize(1);
    }
  }

  @Test
  void callWhoseSessionIsUnknownIsMadeOnceMore() {
    try (var server = declared((sse, _) -> sse.refuseOnce(CALL, Response.of(404)))) {
      assertSays("anonymous");
      assertThat(server.steps()).filteredOn(CALL::equals).hasSize(2);
    }
  }
}
