package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;

/**
 * The MCP session of a grant's server. Another server below the server's URL, which the grant covers too, never gets
 * it.
 */
class KeptSessionFlowTest {
  private static final String BELOW = "invented-session-below";

  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);
  /** The requests that the server below received. */
  private final Queue<Received> below = new ConcurrentLinkedQueue<>();

  KeptSessionFlowTest() {
    world.mcpServer.shareOriginWith(this::respondBelow);
  }

  @AfterEach
  void close() {
    world.close();
  }

  /** A legacy server with its own sessions. */
  private Response respondBelow(Received request) {
    below.add(request);
    var response = Json.newObject().put("jsonrpc", "2.0");
    response.set("id", request.json().path("id"));
    var result = response.putObject("result");
    return switch (request.json().path("method").asText()) {
      case "initialize" -> {
        result.put("protocolVersion", "2025-11-25").putObject("capabilities");
        result.putObject("serverInfo").put("name", "below").put("version", "1");
        yield Response.json(200, response).with("Mcp-Session-Id", BELOW);
      }
      case "tools/call" -> {
        result.putArray("content").addObject().put("type", "text").put("text", "from below");
        yield Response.json(200, response);
      }
      case "server/discover" -> Response.of(400);
      default -> Response.of(202);
    };
  }

  private Access access(String url) {
    return world.flow().access(USER, new Target.ByUrl(new EndpointUrl(url)), call("whoami"), deadline());
  }

  private static List<String> sessions(Iterable<Received> requests) {
    var sessions = new ArrayList<String>();
    requests.forEach(request -> sessions.addAll(request.headers("mcp-session-id")));
    return sessions.stream().distinct().toList();
  }

  private void assertSessionStaysAtTheServer(Grant grant) {
    String url = world.mcpServer.url();
    assertThat(saidBy(access(url))).isEqualTo("owner-1");
    var agreed = world.grants().read(grant.key()).orElseThrow().protocol();
    assertThat(agreed).isNotNull();
    assertThat(saidBy(access(url + "/below"))).isEqualTo("from below");
    assertThat(sessions(below)).as("sessions that the server below sees").containsExactly(BELOW);
    assertThat(below.peek()).satisfies(first -> assertThat(first.header("authorization")).isPresent());
    assertThat(List.copyOf(below).getLast().method()).as("the session of the server below is not kept")
        .isEqualTo("DELETE");
    assertThat(world.grants().read(grant.key()).orElseThrow().protocol()).isEqualTo(agreed);
    int before = world.mcpServer.requests().size();
    assertThat(saidBy(access(url))).isEqualTo("owner-1");
    assertThat(world.mcpServer.requests()).hasSize(before + 1);
    assertThat(sessions(world.mcpServer.requests())).doesNotContain(BELOW);
  }

  @Test
  void sessionOfAServerOfTheRegistryIsNeitherUsedNorKeptAtAUrlBelowItsOwn() {
    server.put();
    assertSessionStaysAtTheServer(server.connectWithConsent());
  }

  @Test
  void sessionOfAResourceAloneIsNeitherUsedNorKeptAtAUrlBelowTheOneOfItsConsent() {
    assertSessionStaysAtTheServer(world.connect());
  }

  @Test
  void descriptionOfAServerBelowIsNotKeptEither() {
    var grant = world.connect();
    world.flow().access(USER, new Target.ByUrl(new EndpointUrl(world.mcpServer.url() + "/below")), null, deadline());
    assertThat(world.grants().read(grant.key()).orElseThrow().protocol()).isNull();
    assertThat(List.copyOf(below).getLast().method()).isEqualTo("DELETE");
  }
}
