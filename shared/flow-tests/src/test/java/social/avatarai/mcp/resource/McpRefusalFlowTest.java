package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.discovery.Strictness;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundDoor;
import social.avatarai.mcp.server.Connecting;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/** If an MCP server refuses, the failure names the real response and its HTTP status. */
class McpRefusalFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld registered = new ServerWorld(world);

  @AfterEach
  void close() {
    world.close();
  }

  /** A server that sends the same response to every MCP request, and has no metadata. */
  private static LoopbackHttp responding(Response always) {
    return LoopbackHttp.start(request -> request.path().equals("/mcp") ? always : Response.of(404));
  }

  private static EndpointUrl mcp(LoopbackHttp server) {
    return new EndpointUrl(server.url() + "/mcp");
  }

  private Access access(LoopbackHttp server) {
    return world.flow().access(USER, new Target.ByUrl(mcp(server)), null, deadline());
  }

  private Connecting connect(LoopbackHttp server) {
    registered.put(record(mcp(server).value()));
    return registered.connect(USER);
  }

  private static Failure failure(ThrowingCallable call) {
    var failure = catchThrowableOfType(Failure.class, call);
    assertThat(failure).isNotNull();
    return failure;
  }

  private static void assertFails(ErrorCode code, int status, ThrowingCallable call) {
    var failure = failure(call);
    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.upstreamStatus()).contains(status);
  }

  /** Asserts the failure on both routes that send a request without a token to a server. */
  private void assertEachRouteFails(ErrorCode code, int status, LoopbackHttp server) {
    assertFails(code, status, () -> access(server));
    assertFails(code, status, () -> connect(server));
  }

  @Test
  void plainForbiddenToARequestWithoutATokenIsNoWordOnAToken() {
    try (var server = responding(Response.of(403))) {
      assertEachRouteFails(ErrorCode.UPSTREAM_REFUSED, 403, server);
      assertThat(failure(() -> access(server)).safeMessage()).contains("carried no token");
    }
  }

  @Test
  void forbiddenWithAChallengeToARequestWithoutATokenAsksForConsent() {
    String challenge = "Bearer resource_metadata=\"" + world.mcpServer.origin()
        + "/.well-known/oauth-protected-resource/mcp\"";
    world.mcpServer.mcpEndpoint().next(Response.of(403).with("WWW-Authenticate", challenge));
    var target = new Target.ByUrl(new EndpointUrl(world.mcpServer.url()));
    assertThat(world.flow().access(USER, target, null, deadline())).isInstanceOf(Access.ConsentNeeded.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void refusalOfATokenThatTheCallerGaveIsAboutThatToken(int status) {
    try (var server = responding(Response.of(status))) {
      var given = new Target.WithToken(mcp(server), new AccessToken("invented"));
      assertFails(ErrorCode.ACCESS_TOKEN_REJECTED, status, () -> world.flow().access(USER, given, null, deadline()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 405, 406, 415, 451})
  void refusedHandshakeIsARefusalWithItsStatus(int status) {
    try (var server = responding(Response.html(status, "<h1>no</h1>"))) {
      assertEachRouteFails(ErrorCode.UPSTREAM_REFUSED, status, server);
      assertFails(ErrorCode.RESOURCE_METADATA_NOT_FOUND, status,
          () -> world.flow().discoverResource(USER, mcp(server), deadline()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504})
  void failedHandshakeIsAServerThatCannotRespondNowForAHandshakeDoesNothing(int status) {
    try (var server = responding(Response.of(status).with("Retry-After", "120"))) {
      assertEachRouteFails(ErrorCode.UPSTREAM_UNREACHABLE, status, server);
      assertFails(ErrorCode.UPSTREAM_UNREACHABLE, status,
          () -> world.flow().discoverResource(USER, mcp(server), deadline()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 503})
  void timeThatTheServerNamesIsHandedOn(int status) {
    try (var server = responding(Response.of(status).with("Retry-After", "120"))) {
      var later = world.clock.instant().plus(Duration.ofMinutes(2));
      assertThat(failure(() -> access(server)).retryAt()).contains(later);
      assertThat(failure(() -> world.flow().discoverResource(USER, mcp(server), deadline())).retryAt()).contains(later);
    }
  }

  @Test
  void pageInPlaceOfAResponseIsNoMcpServer() {
    try (var server = responding(Response.html(200, "<h1>Welcome</h1>"))) {
      assertEachRouteFails(ErrorCode.INVALID_UPSTREAM_ANSWER, 200, server);
    }
  }

  @Test
  void redirectOfTheHandshakeIsNamed() {
    try (var server = responding(Response.redirect(308, "https://elsewhere.example/mcp"))) {
      assertEachRouteFails(ErrorCode.INVALID_UPSTREAM_ANSWER, 308, server);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 307, 308})
  void redirectWithATokenIsNotFollowedButItsTargetIsNamed(int status) {
    world.connect();
    var target = new Target.ByConnection(world.connection());
    world.flow().access(USER, target, GrantWorld.listTools(), deadline());
    world.mcpServer.mcpEndpoint().next(Response.redirect(status, "/mcp/?key=invented"));
    var failure = failure(() -> world.flow().access(USER, target, GrantWorld.listTools(), deadline()));
    assertThat(failure.safeMessage()).contains("to the path \"/mcp/\" of the same origin").doesNotContain("invented");
    assertThat(failure.upstreamStatus()).contains(status);
  }

  @Test
  void redirectToAnotherOriginIsNamedByTheOriginAlone() {
    try (var server = responding(Response.redirect(308, "https://elsewhere.example/words-of-a-stranger"))) {
      assertThat(failure(() -> access(server)).safeMessage()).contains("https://elsewhere.example")
          .doesNotContain("stranger");
    }
  }

  @ParameterizedTest
  @CsvSource({"301,/mcp/,true", "307,/mcp/,true", "308,/mcp/,true", "308,/mcp/?tenant=1,false", "308,/other/,false",
      "302,/mcp/,false", "303,/mcp/,false",
      "308,https://elsewhere.example/mcp/,false", "308,//elsewhere.example/mcp/,false", "308,http:://,false"})
  void probeNamesTheOtherSpellingOfThePathAfterAStatusThatKeepsTheMethod(int status, String location, boolean named) {
    try (var server = responding(Response.redirect(status, location));
        var door = new OutboundDoor(AddressPolicy.withLoopback())) {
      var client = new McpClient(door, StdioServers.none(), Strictness.DEFAULT, world.clock, _ -> {},
          world.platform.journal());
      var probe = client.probe(mcp(server), deadline());
      assertThat(probe.redirectedTo())
          .isEqualTo(named ? new EndpointUrl(mcp(server).uri().resolve(location).toString()) : null);
    }
  }

  @ParameterizedTest
  @CsvSource({"400,UPSTREAM_REFUSED", "404,UPSTREAM_REFUSED", "500,OUTCOME_UNKNOWN", "503,UPSTREAM_UNREACHABLE"})
  void refusedRequestIsARefusalWithItsStatus(int status, ErrorCode code) {
    world.connect();
    var target = new Target.ByConnection(world.connection());
    world.flow().access(USER, target, GrantWorld.listTools(), deadline());
    // A refusal may mean that the session is over. So the client repeats the handshake, then tries another transport.
    int requests = status < 500 ? 5 : 1;
    for (int i = 0; i < requests; i++)
      world.mcpServer.mcpEndpoint().next(Response.of(status));
    assertFails(code, status, () -> world.flow().access(USER, target, GrantWorld.listTools(), deadline()));
  }

  @Test
  void jsonRpcErrorComesWithItsStatusAndConnectsNothing() {
    var error = Json.newObject().put("code", -32000).put("message", "Bad Request: no API key");
    try (var server = LoopbackHttp.start(request -> Response.json(400, jsonRpc(request).set("error", error)))) {
      assertThat(access(server)).isEqualTo(new Access.RpcError(error, 400));
      assertThat(connect(server)).isEqualTo(new Connecting.Refused(new Access.RpcError(error, 400)));
      assertThat(registered.status()).isEqualTo("disconnected");
    }
  }

  private static ObjectNode jsonRpc(Received request) {
    var response = Json.newObject().put("jsonrpc", "2.0");
    response.set("id", request.json().path("id"));
    return response;
  }

  private static LoopbackHttp sse(int postStatus, String stream) {
    return LoopbackHttp.start(request -> {
      if (!request.path().equals("/mcp")) return Response.of(404);
      return request.method().equals("GET")
          ? Response.of(200).body("text/event-stream; charset=utf-8", stream)
          : Response.of(postStatus);
    });
  }

  private static final String ENDPOINT = "event: endpoint\ndata: /messages?sessionId=invented\n\n";

  @ParameterizedTest
  @ValueSource(strings = {"event: message\ndata: {}\n\n", "data: {}\n\n", "", ": ping\n\n"})
  void streamThatDoesNotBeginWithAnEndpointIsNoHttpSse(String stream) {
    try (var server = sse(405, stream)) {
      assertEachRouteFails(ErrorCode.UPSTREAM_REFUSED, 405, server);
    }
  }

  @Test
  void httpSseIsNotLookedForWhereTheServerFails() {
    try (var server = sse(503, ENDPOINT)) {
      assertFails(ErrorCode.UPSTREAM_UNREACHABLE, 503, () -> access(server));
      assertThat(server.requests())
          .noneMatch(request -> request.method().equals("GET") && request.path().equals("/mcp"));
    }
  }

  @Test
  void serverThatRefusesPostsAndHasMetadataIsDiscoveredAllTheSame() {
    world.mcpServer.mcpEndpoint().next(Response.of(405), Response.of(405));
    assertThat(world.flow().discoverResource(USER, new EndpointUrl(world.mcpServer.url()), deadline()).issuers())
        .hasSize(1);
  }
}
