package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.isConnected;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeSseServer;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.testkit.SseKnobs;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/** A server of HTTP+SSE (MCP 2024-11-05) is found and asked, over one stream a call. */
class SseFlowTest {
  /** What a call asks for where the transport is known. */
  private static final List<String> ONE_CALL = List.of("GET", "initialize", "notifications/initialized", "tools/call");
  /** What comes before, where it is not. */
  private static final List<String> FINDING = List.of("POST", "POST", "GET", "initialize");

  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld registered = new ServerWorld(world);

  @AfterEach
  void close() {
    world.close();
  }

  private static FakeSseServer open() {
    return FakeSseServer.open((_, _) -> {});
  }

  private static FakeSseServer open(BiConsumer<SseKnobs, McpServerKnobs> knobs) {
    return FakeSseServer.open(knobs);
  }

  private FakeSseServer guarded(BiConsumer<SseKnobs, McpServerKnobs> knobs) {
    return FakeSseServer.protectedBy(world.authorizationServer, knobs);
  }

  private static ObjectNode record(FakeSseServer server, String type) {
    var record = Json.newObject();
    record.putObject("endpoint").put("type", type).put("url", server.url());
    return record;
  }

  private Access byUrl(FakeSseServer server, McpRequest request) {
    return world.flow().access(USER, new Target.ByUrl(new EndpointUrl(server.url())), request, deadline());
  }

  private static List<String> stepsAfter(int before, FakeSseServer server) {
    return server.steps().subList(before, server.steps().size());
  }

  @Test
  void serverDeclaredAsSseIsAskedOverOneStreamAndNeverPostedToAtItsUrl() {
    try (var server = open()) {
      registered.put(record(server, "sse"));
      assertThat(isConnected(registered.connect(USER))).isTrue();
      assertThat(GrantWorld.saidBy(registered.access(USER))).isEqualTo("anonymous");
      assertThat(server.steps()).startsWith("GET", "initialize").endsWith("GET", "initialize",
          "notifications/initialized", "tools/call").doesNotContain("POST");
    }
  }

  @Test
  void firstCallOfAServerDeclaredAsSseIsOneStream() {
    try (var server = open()) {
      registered.put(record(server, "sse"));
      assertThat(GrantWorld.saidBy(registered.access(USER))).isEqualTo("anonymous");
      assertThat(server.steps()).isEqualTo(ONE_CALL);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 405})
  void transportIsFoundWhereThePostIsRefusedAndTheNextCallIsOneStream(int status) {
    try (var server = open((sse, _) -> sse.postToStream(Response.of(status)))) {
      registered.put(record(server, "streamableHttp"));
      assertThat(GrantWorld.saidBy(registered.access(USER))).isEqualTo("anonymous");
      assertThat(server.steps()).startsWith(FINDING.toArray(String[]::new));
      world.restart();
      int before = server.steps().size();
      assertThat(GrantWorld.saidBy(registered.access(USER))).isEqualTo("anonymous");
      assertThat(stepsAfter(before, server)).isEqualTo(ONE_CALL);
    }
  }

  @Test
  void serverIsAskedByItsUrlAlone() {
    try (var server = open()) {
      assertThat(GrantWorld.saidBy(byUrl(server, GrantWorld.call("whoami")))).isEqualTo("anonymous");
      int before = server.steps().size();
      assertThat(GrantWorld.saidBy(byUrl(server, GrantWorld.call("whoami")))).isEqualTo("anonymous");
      assertThat(stepsAfter(before, server)).isEqualTo(ONE_CALL);
    }
  }

  @Test
  void serverDescribesItself() {
    try (var server = open()) {
      var described = world.flow().access(USER, new Target.ByUrl(new EndpointUrl(server.url())), null, deadline());
      assertThat(((Access.Answered) described).result().path("version").asText()).isEqualTo("2025-11-25");
      assertThat(((Access.Answered) described).result().at("/serverInfo/name").asText()).isEqualTo("fake-mcp-server");
    }
  }

  @Test
  void serverThatGuardsStreamAndMessagesIsConnectedWithAConsent() {
    try (var server = guarded((_, _) -> {})) {
      registered.put(record(server, "sse"));
      registered.connectWithConsent();
      assertThat(GrantWorld.saidBy(registered.access(USER))).isNotEqualTo("anonymous");
      var last = server.requests().subList(server.requests().size() - 4, server.requests().size());
      assertThat(last).allMatch(request -> request.header("authorization").orElse("").startsWith("Bearer "));
    }
  }

  @Test
  void consentIsAskedForWhereOnlyTheStreamOrOnlyTheMessagesAreGuarded() {
    try (var stream = guarded((sse, _) -> sse.openPosts()); var posts = guarded((sse, _) -> sse.openStream())) {
      for (var server : List.of(stream, posts)) {
        assertThat(byUrl(server, GrantWorld.listTools())).isInstanceOf(Access.ConsentNeeded.class);
        registered.put(record(server, "sse"));
        assertThat(registered.begin().authorizationUrl()).isNotNull();
      }
    }
  }

  @Test
  void tokenGoesToAServerThatIsFoundByItsUrlOnlyAfterItsConsent() {
    try (var server = guarded((_, _) -> {})) {
      world.connect(USER, new EndpointUrl(server.url()), AuthorizationStart.fresh());
      assertThat(GrantWorld.saidBy(byUrl(server, GrantWorld.call("whoami")))).startsWith("owner-");
      assertThat(server.requests()).anyMatch(request -> request.header("authorization").isEmpty());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "initialize", "tools/call"})
  void tokenThatIsRefusedAtAnyStepIsRefreshedOnceAndTheCallMadeOnceMore(String step) {
    try (var server = guarded((_, _) -> {})) {
      registered.put(record(server, "sse"));
      registered.connectWithConsent();
      registered.access(USER);
      int before = server.steps().size();
      server.adjust((sse, _) -> sse.refuseOnce(step, Response.of(401)));
      assertThat(GrantWorld.saidBy(registered.access(USER))).startsWith("owner-");
      assertThat(world.authorizationServer.refreshTokensSent()).hasSize(1);
      assertThat(stepsAfter(before, server)).endsWith(ONE_CALL.toArray(String[]::new)).filteredOn("GET"::equals)
          .hasSize(2);
    }
  }

  @Test
  void missingScopeOfAMessageAsksForAStepUp() {
    try (var server = guarded((_, knobs) -> knobs.metadata("scopes_supported", List.of("tools:read"))
        .requireScope("tools/call", "tools:write"))) {
      registered.put(record(server, "sse"));
      registered.connectWithConsent();
      if (!(registered.access(USER) instanceof Access.StepUpNeeded needed)) throw new AssertionError("no step-up");
      assertThat(needed.required()).isEqualTo(Scopes.parse("tools:read tools:write"));
    }
  }

  @Test
  void refusalWithoutAnOfferIsRejectedAfterOneRefresh() {
    try (var server = guarded((_, _) -> {})) {
      registered.put(record(server, "sse"));
      registered.connectWithConsent();
      registered.access(USER);
      server.adjust((sse, _) -> sse.refusePost("tools/call", Response.of(401)));
      assertThat(registered.access(USER)).isEqualTo(new Access.Rejected(401));
      assertThat(world.authorizationServer.refreshTokensSent()).hasSize(1);
    }
  }

  @Test
  void enteredCredentialsGoToTheStreamAndToTheMessages() {
    try (var server = open((_, knobs) -> knobs.requireHeader("X-Api-Key", "invented-key"))) {
      var record = record(server, "sse");
      ((ObjectNode) record.get("endpoint")).putObject("headers").put("X-Api-Key", "invented-key");
      record.putObject("authorization").put("method", "headers");
      registered.put(record);
      assertThat(GrantWorld.saidBy(registered.access(USER))).isEqualTo("account-1");
      assertThat(server.requests()).hasSize(4)
          .allMatch(request -> request.header("x-api-key").equals(Optional.of("invented-key")));
    }
  }

  @Test
  void versionThatWasNegotiatedIsNamedInTheMessagesThatFollow() {
    try (var server = open((_, knobs) -> knobs.protocolVersions("2024-11-05"))) {
      registered.put(record(server, "sse"));
      registered.access(USER);
      assertThat(server.requests()).extracting(request -> request.header("mcp-protocol-version").orElse(""))
          .containsExactly("", "", "2024-11-05", "2024-11-05");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 406, 409, 410, 415, 422, 429, 500, 502, 503})
  void noStreamIsTriedAfterAnotherRefusalOfAPost(int status) {
    try (var server = open((sse, _) -> sse.postToStream(Response.of(status)))) {
      var failure = catchThrowable(() -> byUrl(server, GrantWorld.call("whoami")));
      assertThat(failure == null).as("a consent is asked for").isEqualTo(status == 401);
      assertThat(server.steps()).isNotEmpty().doesNotContain("GET");
    }
  }

  @Test
  void serverThatOpensNoStreamAnyMoreIsAskedAfresh() {
    try (var server = open()) {
      registered.put(record(server, "streamableHttp"));
      registered.access(USER);
      int before = server.steps().size();
      server.adjust((sse, _) -> sse.streamRefusal(Response.of(404)));
      assertThatThrownBy(() -> registered.access(USER)).isInstanceOf(Failure.Refused.class);
      assertThat(stepsAfter(before, server)).containsExactly("GET", "POST", "POST", "GET");
      server.adjust((sse, _) -> sse.streamRefusal(null));
      assertThat(GrantWorld.saidBy(registered.access(USER))).isEqualTo("anonymous");
    }
  }

  @Test
  void listsOfAServerAreReadOverStreams() {
    try (var server = open()) {
      var record = record(server, "sse");
      record.put("syncResources", true);
      registered.put(record);
      assertThat(isConnected(registered.connect(USER))).isTrue();
      assertThat(world.flow().server(USER, ServerWorld.MCP_ID).path("lastSyncResourcesAt").asLong()).isPositive();
    }
  }
}
