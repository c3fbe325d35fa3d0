package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.isConnected;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
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
}
