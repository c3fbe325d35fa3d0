package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.GrantWorld.OTHER;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.listTools;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.ProtocolVersion;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.aws.dynamodb.DynamoDbSlowCallSlots;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.SlowCallSlots.Slot;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.resource.Elicitation;
import social.avatarai.mcp.resource.McpRequest;
import social.avatarai.mcp.testkit.FakeSseServer;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.GrantWorld;

/** Calls that wait long for servers: a user has a few slots for them. */
@Execution(ExecutionMode.CONCURRENT) // they wait until a call counts as slow
class SlowCallsFlowTest {
  private static final int SLOTS = 8;

  private final GrantWorld world = GrantWorld.start();
  private final CountDownLatch answers = new CountDownLatch(1);

  @AfterEach
  void close() {
    answers.countDown();
    world.close();
  }

  /** A function that asks a server for its metadata, as discover-resource does. */
  private static final class Discovering extends ApiHandler {
    private final Flow flow;

    Discovering(Wiring wiring) {
      super(wiring);
      this.flow = wiring.flow();
    }

    @Override
    protected Reply handle(Request request) {
      var found = flow.discoverResource(request.caller(), request.url("resource_url"), request.deadline());
      return Reply.ok(found.metadata().document());
    }
  }

  private static String event(Caller caller, String server) {
    return """
        {"version": "2.0", "routeKey": "GET /x", "rawPath": "/x", "rawQueryString": "resource_url=%s",
         "headers": {"host": "api.example.com"},
         "requestContext": {"domainName": "api.example.com", "requestId": "one", "http": {"method": "GET", "path": "/x"},
           "authorizer": {"jwt": {"claims": {"sub": "%s", "scope": "mcp:use"}}}}}
        """
        .formatted(server, caller.user());
  }

  @Test
  void holdsEightOfAHundredAndFiftyCallsOfOneUserToASilentServerAndServesAnotherUser() throws Exception {
    var handler = new Discovering(world.platform.wiring());
    try (var silent = LoopbackHttp.start(_ -> {
      await(answers);
      return Response.of(404);
    }); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var ended = new ExecutorCompletionService<JsonNode>(threads);
      for (int i = 0; i < 150; i++)
        ended.submit(() -> Replay.invoke(handler, event(USER, silent.url() + "/mcp")));
      for (int i = 0; i < 150 - SLOTS; i++) {
        var refused = ended.take().get();
        assertThat(refused.path("statusCode").asInt()).isEqualTo(429);
        assertThat(refused.path("body").asText()).contains("\"error\":\"too_many_requests\"", "\"retry_at\":");
        assertThat(refused.at("/headers/Retry-After").asText()).isEqualTo("5");
      }
      assertThat(Replay.invoke(handler, event(OTHER, world.mcpServer.url())).path("statusCode").asInt()).isEqualTo(200);
      assertThat(ended.poll()).as("the eight with a slot wait").isNull();
      answers.countDown();
      for (int i = 0; i < SLOTS; i++)
        assertThat(ended.take().get().path("statusCode").asInt()).isEqualTo(404);
    }
    assertThat(takeAll()).as("slots are free after the calls").isEqualTo(SLOTS);
  }

  /** Takes the slots that are free, as calls of another process do. Returns how many were free. */
  private long takeAll() {
    var stores = world.platform.stores();
    var slots = new DynamoDbSlowCallSlots(stores.client(), stores.tables());
    var now = world.clock.instant();
    return Stream.generate(() -> new Slot(USER.user(), Unguessable.text(), now.plusSeconds(25)))
        .limit(SLOTS).filter(slot -> slots.take(slot, SLOTS, now)).count();
  }

  private <T> T asApiCall(Supplier<T> call) {
    return UserCall.run(USER, inTime(), call);
  }

  private Failure slowToolCall() {
    world.mcpServer.mcpEndpoint().delayUntil(answers);
    return catchThrowableOfType(Failure.class, () -> asApiCall(() -> world.access(USER, call("echo"))));
  }

  @Test
  void saysOfAToolCallThatIsCutOffThatItMayHaveBeenCarriedOut() {
    world.connect(USER);
    world.access(USER, call("echo"));
    takeAll();
    int before = world.mcpServer.methods().size();
    var failure = slowToolCall();
    assertThat(failure.code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
    assertThat(failure.safeMessage()).contains("too many other calls of this user", "may have been carried out");
    assertThat(failure.retryAt()).as("it must not simply be sent again").isEmpty();
    assertThat(world.mcpServer.methods().subList(before, world.mcpServer.methods().size()))
        .as("the call is sent once, and given up").containsExactly("tools/call", "notifications/cancelled");
  }

  @Test
  void saysOfAToolCallOverHttpSseThatIsCutOffThatItMayHaveBeenCarriedOut() {
    takeAll();
    try (var server = FakeSseServer.open((sse, _) -> sse.silentAt("tools/call"))) {
      var failure = cutOff(server);
      assertThat(failure.code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
      assertThat(failure.safeMessage()).contains("too many other calls of this user", "may have been carried out");
      assertThat(server.steps()).filteredOn("tools/call"::equals).hasSize(1);
    }
  }

  @Test
  void saysOfAHandshakeOverHttpSseThatIsCutOffThatTheRequestWasNotSent() {
    takeAll();
    try (var server = FakeSseServer.open((sse, _) -> sse.silentAt("initialize"))) {
      var failure = cutOff(server);
      assertThat(failure.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS);
      assertThat(failure.safeMessage()).contains("The request was not sent.");
      assertThat(failure.retryAt()).isPresent();
    }
  }

  private Failure cutOff(FakeSseServer server) {
    return catchThrowableOfType(Failure.class,
        () -> asApiCall(() -> world.byUrl(USER, server.url(), call("echo"))));
  }

  /** The bug: "Nothing was sent." stood in the response to a call whose tool had run. */
  @Test
  void saysOfAToolCallWhoseStreamIsNotResumedThatItMayHaveBeenCarriedOut() {
    try (var server = LoopbackHttp.start(SlowCallsFlowTest::breakOff)) {
      world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url() + "/mcp"));
      takeAll();
      world.pause = _ -> waitedLong();
      var failure = catchThrowableOfType(Failure.class,
          () -> asApiCall(() -> world.byUrl(USER, server.url() + "/mcp", call("echo"))));
      assertThat(failure.code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
      assertThat(failure.safeMessage()).contains("may have been carried out");
      assertThat(server.requests()).noneMatch(request -> request.method().equals("GET"));
    }
  }

  @Test
  void letsARequestThatCarriesNothingOutBeRepeatedWhoseStreamIsNotResumed() {
    try (var server = LoopbackHttp.start(SlowCallsFlowTest::breakOff)) {
      world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url() + "/mcp"));
      takeAll();
      world.pause = _ -> waitedLong();
      var failure = catchThrowableOfType(Failure.class,
          () -> asApiCall(() -> world.byUrl(USER, server.url() + "/mcp", listTools())));
      assertThat(failure.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS);
      assertThat(failure.retryAt()).isPresent();
    }
  }

  /** A legacy server that breaks off the stream of each call. */
  private static Response breakOff(Received request) {
    var response = Json.newObject().put("jsonrpc", "2.0");
    response.set("id", request.json().path("id"));
    return switch (request.json().path("method").asText()) {
      case "initialize" -> Response.json(200,
          response.set("result", Json.newObject().put("protocolVersion", "2025-03-26")));
      case "notifications/initialized" -> Response.of(202);
      case "tools/call", "tools/list" -> Response.of(200).body("text/event-stream", "id: 1\ndata:\n\n");
      default -> Response.of(400);
    };
  }

  @Test
  void saysOfAToolCallWhoseLaterRoundIsNotSentThatItMayHaveBeenCarriedOut() {
    try (var server = LoopbackHttp.start(this::askForInput)) {
      world.stored.store(GrantWorld.elsewhere(world.connect(USER), server.url() + "/mcp"));
      takeAll();
      var confirm = new McpRequest("tools/call", Json.newObject().put("name", "confirm"), Elicitation.DEFAULTS);
      var failure = catchThrowableOfType(Failure.class, () -> UserCall.run(USER, inTime(), () -> {
        call.set(UserCall.current().orElseThrow());
        return world.byUrl(USER, server.url() + "/mcp", confirm);
      }));
      assertThat(failure.code()).isEqualTo(ErrorCode.OUTCOME_UNKNOWN);
      assertThat(failure.safeMessage()).contains("may have been carried out");
      assertThat(server.requests().stream().filter(r -> r.json().path("method").asText().equals("tools/call")))
          .hasSize(1);
    }
  }

  private final AtomicReference<UserCall> call = new AtomicReference<>();

  /** A modern server that asks for input and takes longer for it than a call may wait. */
  private Response askForInput(Received request) {
    var response = Json.newObject().put("jsonrpc", "2.0");
    response.set("id", request.json().path("id"));
    if (request.json().path("method").asText().equals("server/discover")) {
      response.putObject("result").putArray("supportedVersions").add(ProtocolVersion.MODERN);
      return Response.json(200, response);
    }
    call.get().hasWaited(SlowCalls.MAX_WITHOUT_SLOT.toNanos());
    var result = response.putObject("result").put("resultType", "input_required");
    result.putObject("inputRequests").putObject("sure").put("method", "elicitation/create").putObject("params")
        .putObject("requestedSchema").put("type", "object");
    return Response.json(200, response);
  }

  private static void waitedLong() {
    UserCall.current().orElseThrow().hasWaited(SlowCalls.MAX_WITHOUT_SLOT.toNanos());
  }

  /** The bug: the time of a reply to a server's question was counted twice, as that of the reply and of the request. */
  @Test
  void countsTheTimeOfAWaitInsideAnotherOnce() {
    asApiCall(() -> {
      var call = UserCall.current().orElseThrow();
      long before = System.nanoTime();
      call.beginWaiting();
      call.beginWaiting();
      long began = System.nanoTime();
      while (System.nanoTime() - began < 5_000_000)
        Thread.onSpinWait();
      call.endWaiting();
      call.endWaiting();
      var counted = SlowCalls.MAX_WITHOUT_SLOT.minus(call.patience());
      assertThat(counted).isBetween(Duration.ofMillis(5), Duration.ofNanos(System.nanoTime() - before));
      return call;
    });
  }

  /** The API call has waited for other servers before. */
  private <T> T asSlowCall(Supplier<T> call) {
    return asApiCall(() -> {
      UserCall.current().orElseThrow().hasWaited(SlowCalls.MAX_WITHOUT_SLOT.toNanos());
      return call.get();
    });
  }

  private Access accessAfterWaiting(Flow process) {
    return asSlowCall(() -> world.access(process, USER, call("echo")));
  }

  @Test
  void sendsNothingMoreForACallThatHasWaitedTooLong() {
    world.connect(USER);
    takeAll();
    int before = world.mcpServer.requests().size();
    var failure = catchThrowableOfType(Failure.class, () -> accessAfterWaiting(world.flow));
    assertThat(failure.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS);
    assertThat(failure.safeMessage()).contains("The request that was next was not sent.");
    assertThat(world.mcpServer.requests()).hasSize(before);
  }

  @Test
  void givesTheSlotOfAKilledProcessBackAfterItsDeadline() {
    world.connect(USER);
    takeAll();
    world.clock.advance(Duration.ofSeconds(24));
    assertThat(catchThrowableOfType(Failure.class, () -> accessAfterWaiting(world.flow))).isNotNull();
    world.clock.advance(Duration.ofSeconds(1));
    assertThat(accessAfterWaiting(world.flow)).isInstanceOf(Access.Answered.class);
  }

  @Test
  void limitsNothingWhereTheBudgetIsSwitchedOff() {
    world.connect(USER);
    takeAll();
    world.platform.with("BUDGET_SLOW_CALLS", "0");
    assertThat(accessAfterWaiting(world.anotherProcess())).isInstanceOf(Access.Answered.class);
  }

  @Test
  void limitsAUserToTheSlotsOfTheSetting() {
    world.connect(USER);
    world.platform.with("BUDGET_SLOW_CALLS", "1");
    var process = world.anotherProcess();
    var stores = world.platform.stores();
    var now = world.clock.instant();
    new DynamoDbSlowCallSlots(stores.client(), stores.tables()).take(new Slot(USER.user(), "one", now.plusSeconds(25)),
        1, now);
    assertThat(catchThrowableOfType(Failure.class, () -> accessAfterWaiting(process))).isNotNull();
  }

  @Test
  void makesNoCallOfTheStoreForACallThatIsAnsweredAtOnce() {
    world.connect(USER);
    world.access(USER, call("echo"));
    world.calls.reset();
    asApiCall(() -> world.access(USER, call("echo")));
    assertThat(world.calls.counts()).isEqualTo(Map.of("GetItem", 1));
  }

  /** Otherwise a user could hold any number of calls with one grant whose authorization server drips. */
  @Test
  void countsTheTimeInWhichACallWaitsForTheRefreshOfAnother() throws Exception {
    world.connect(USER);
    takeAll();
    var slow = new CountDownLatch(1);
    world.authorizationServer.tokenEndpoint().delayUntil(slow);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var refreshed = threads.submit(() -> asApiCall(() -> world.refresh(USER)));
      world.authorizationServer.tokenEndpoint().awaitRequests(2);
      var failure = catchThrowableOfType(Failure.class, () -> asSlowCall(() -> world.refresh(USER)));
      assertThat(failure.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS);
      slow.countDown();
      assertThat(GrantWorld.renewed(refreshed.get()).version()).isEqualTo(2);
    }
  }

  /** The outcome of a refresh that is aborted is unknown, and sending its token again could end the grant. */
  @Test
  void letsARefreshEndThoughNoSlotIsFree() throws Exception {
    world.connect(USER);
    takeAll();
    world.calls.reset();
    var slow = new CountDownLatch(1);
    world.authorizationServer.tokenEndpoint().delayUntil(slow);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var refreshed = threads.submit(() -> asSlowCall(() -> world.refresh(USER)));
      // The lease of the refresh, and the slot.
      while (world.calls.counts().getOrDefault("UpdateItem", 0) < 2)
        Thread.onSpinWait();
      slow.countDown();
      assertThat(GrantWorld.renewed(refreshed.get()).version()).isEqualTo(2);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
