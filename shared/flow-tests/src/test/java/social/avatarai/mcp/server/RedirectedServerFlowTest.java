package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;

import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/** A server that redirects {@code /mcp} to {@code /mcp/}, as a mounted application does. */
class RedirectedServerFlowTest {

  private static FlowWorld world(int status, String location) {
    var world = FlowWorld.start(_ -> {}, mcp -> mcp.path("/mcp/"));
    redirect(world.mcpServer, status, location);
    return world;
  }

  private static void redirect(FakeMcpServer server, int status, String location) {
    server.shareOriginWith(
        request -> request.path().equals("/mcp") ? Response.redirect(status, location) : Response.of(404));
  }

  private static String written(FlowWorld world) {
    return world.mcpServer.origin() + "/mcp";
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 307, 308})
  void recordOfARedirectedServerGetsTheUrlOfTheTargetAndKeepsTheRest(int status) {
    try (var world = world(status, "/mcp/")) {
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(written(world)).put("note", "mine"));
      var grant = registry.connectWithConsent();

      assertThat(grant.target().serverUrl().value()).isEqualTo(world.mcpServer.url());
      var record = world.flow().server(USER, MCP_ID);
      assertThat(record.at("/endpoint/url").asText()).isEqualTo(world.mcpServer.url());
      assertThat(record.path("note").asText()).isEqualTo("mine");
      assertThat(ServerWorld.isConnected(registry.connect(USER))).isTrue();
    }
  }

  @Test
  void openServerThatRedirectsIsConnectedAtTheTarget() {
    try (var world = FlowWorld.start(); var open = FakeMcpServer.open(mcp -> mcp.path("/mcp/"))) {
      redirect(open, 307, "/mcp/");
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(open.origin() + "/mcp"));
      assertThat(ServerWorld.isConnected(registry.connect(USER))).isTrue();
      assertThat(world.flow().server(USER, MCP_ID).at("/endpoint/url").asText()).isEqualTo(open.url());
    }
  }

  @Test
  void sessionAtTheUrlBeforeARedirectIsEnded() {
    try (var world = FlowWorld.start(); var open = FakeMcpServer.open()) {
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(open.url()));
      registry.access(GrantWorld.listTools());
      String session = open.openSessions().iterator().next();
      var before = new ConcurrentLinkedQueue<Received>();
      open.adjust(mcp -> mcp.path("/mcp/"));
      open.shareOriginWith(request -> {
        before.add(request);
        return request.path().equals("/mcp") ? Response.redirect(307, "/mcp/") : Response.of(404);
      });
      assertThat(ServerWorld.isConnected(registry.connect(USER))).isTrue();
      assertThat(before).filteredOn(request -> request.method().equals("DELETE")).singleElement()
          .satisfies(end -> assertThat(end.header("mcp-session-id")).contains(session));
    }
  }

  @Test
  void grantOfARedirectedUrlIsForTheTarget() {
    try (var world = world(307, "/mcp/")) {
      var grant = world.connect(USER, new EndpointUrl(written(world)), AuthorizationStart.fresh());
      assertThat(grant.target().serverUrl().value()).isEqualTo(world.mcpServer.url());
    }
  }

  @ParameterizedTest
  @CsvSource({"302,/mcp/", "303,/mcp/", "307,https://else.example/mcp/"})
  void otherRedirectIsNotFollowedAndTheRecordStays(int status, String location) {
    try (var world = world(status, location)) {
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(written(world)));
      assertThat(catchThrowableOfType(Failure.class, () -> registry.connect(USER))).isNotNull();
      assertThat(world.flow().server(USER, MCP_ID).at("/endpoint/url").asText()).isEqualTo(written(world));
      assertThat(world.mcpServer.requests()).isEmpty();
    }
  }

  @Test
  void onlyOneRedirectIsFollowed() {
    try (var world = world(307, "/mcp")) {
      var registry = new ServerWorld(world);
      registry.put(ServerWorld.record(written(world)));
      assertThat(catchThrowableOfType(Failure.class, () -> registry.connect(USER))).isNotNull();
    }
  }

  @Test
  void requestWithATokenFollowsNoRedirectAndTheErrorNamesTheTarget() {
    try (var world = FlowWorld.start()) {
      var registry = new ServerWorld(world);
      registry.put();
      registry.connectWithConsent();
      var _ = registry.access(GrantWorld.listTools());
      int before = world.mcpServer.requests().size();
      world.mcpServer.mcpEndpoint().next(Response.redirect(307, "/mcp/"));
      var failure = catchThrowableOfType(Failure.class, () -> registry.access(GrantWorld.listTools()));
      assertThat(failure.safeMessage()).contains("\"/mcp/\"");
      assertThat(world.mcpServer.requests()).hasSize(before + 1);
      assertThat(world.mcpServer.requests()).extracting(Received::path).containsOnly("/mcp");
      assertThat(world.flow().server(USER, MCP_ID).at("/endpoint/url").asText()).isEqualTo(world.mcpServer.url());
    }
  }
}
