package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeSseServer;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;

/** A deployment that takes exact resources only: a grant is for one server, not for the servers beside and below it. */
class ExactResourceFlowTest {
  private final FlowWorld world = FlowWorld.start();
  /** What arrives at the origin of the server at all other paths. */
  private final List<Received> besides = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    world.close();
  }

  private void exact() {
    world.with("EXACT_RESOURCES", "on").restart();
  }

  private void claim(String resource) {
    world.mcpServer.adjust(knobs -> knobs.resource(resource));
    world.restart();
  }

  /** Every other path of the origin belongs to servers of other parties, which ask for tokens. */
  private void placeNeighbours() {
    world.mcpServer.shareOriginWith(request -> {
      besides.add(request);
      return Response.of(401);
    });
  }

  private Access byUrl(String url) {
    return world.flow().access(USER, new Target.ByUrl(new EndpointUrl(url)), call("whoami"), deadline());
  }

  @Test
  void grantForAMereParentOfTheServersUrlIsRefusedAtTheStart() {
    exact();
    claim(world.mcpServer.origin());
    assertFails(ErrorCode.RESOURCE_NOT_EXACT, world::begin);
    assertThatThrownBy(world::begin).hasMessageContaining("only a parent of the server's URL");
    var registry = new ServerWorld(world);
    registry.put();
    assertFails(ErrorCode.RESOURCE_NOT_EXACT, () -> registry.connect(USER));
    world.assertNothingBegan();
  }

  @Test
  void parentIsTakenWhereTheOperatorDoesNotWantExactResources() {
    claim(world.mcpServer.origin());
    assertThat(world.connect().target().resource()).hasToString(world.mcpServer.origin());
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "%s/"})
  void oneTrailingSlashIsTheSameResource(String resource) {
    exact();
    claim(resource.formatted(world.mcpServer.url()));
    var grant = world.connect();
    assertThat(grant.target().resource()).hasToString(resource.formatted(world.mcpServer.url()));
    assertThat(saidBy(byUrl(world.mcpServer.url()))).isEqualTo("owner-1");
    assertThat(grant.covers(new EndpointUrl(world.mcpServer.url() + "/"))).isTrue();
  }

  @Test
  void queryOfTheServersUrlMakesItsResourceNoParent() {
    exact();
    var begun = world.begin(USER, new EndpointUrl(world.mcpServer.url() + "?tenant=a"), AuthorizationStart.fresh());
    assertThat(begun.trusted().resource()).hasToString(world.mcpServer.url());
  }

  @Test
  void heldGrantOfAMereParentIsUsedForItsOwnServerAndForNoOtherUrl() {
    claim(world.mcpServer.origin());
    var grant = world.connect();
    placeNeighbours();
    exact();
    assertThat(saidBy(byUrl(world.mcpServer.url()))).isEqualTo("owner-1");
    assertThat(saidBy(byUrl(world.mcpServer.url() + "?tenant=a"))).isEqualTo("owner-1");
    assertThat(saidBy(world.flow().access(USER, new Target.ByConnection(grant.key().connection()), call("whoami"),
        deadline()))).isEqualTo("owner-1");
    assertNoTokenReaches(world.mcpServer.url() + "/below");
    assertNoTokenReaches(world.mcpServer.origin() + "/beside");
  }

  @Test
  void heldGrantOfAnExactResourceIsNotUsedBelowIt() {
    world.connect();
    placeNeighbours();
    exact();
    assertNoTokenReaches(world.mcpServer.url() + "/below");
  }

  @Test
  void heldGrantIsUsedBelowItsServerWhereTheOperatorDoesNotWantExactResources() {
    world.connect();
    placeNeighbours();
    assertThat(byUrl(world.mcpServer.url() + "/below")).isEqualTo(new Access.Rejected(401));
    assertThat(besides.getFirst().header("authorization")).isPresent();
  }

  private void assertNoTokenReaches(String url) {
    besides.clear();
    assertThat(byUrl(url)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(besides).isNotEmpty().allMatch(request -> request.header("authorization").isEmpty());
  }

  private FakeSseServer tenant(String messages) {
    return FakeSseServer.protectedBy(world.authorizationServer, (sse, knobs) -> {
      knobs.path("/tenant-a/sse");
      sse.endpoint(id -> messages + "?sessionId=" + id);
    });
  }

  private ServerWorld recorded(FakeSseServer server, String type) {
    var registry = new ServerWorld(world);
    var record = ServerWorld.record(server.url());
    record.withObject("/endpoint").put("type", type);
    registry.put(record);
    return registry;
  }

  /** The server of one tenant names the path of another tenant for its messages. */
  @ParameterizedTest
  @ValueSource(strings = {"sse", "streamableHttp"})
  void tokenGoesToNoPathOfTheOriginThatIsNotBesideTheStream(String type) {
    exact();
    try (var server = tenant("/messages-of-tenant-b")) {
      var registry = recorded(server, type);
      registry.connectWithConsent();
      assertFails(ErrorCode.RESOURCE_NOT_EXACT, () -> registry.access(USER));
      assertFails(ErrorCode.RESOURCE_NOT_EXACT, () -> registry.connect(USER));
      assertThat(world.flow().server(USER, ServerWorld.MCP_ID).at("/error/code").asText())
          .isEqualTo("resource_not_exact");
      assertThat(server.requests()).filteredOn(request -> request.header("authorization").isPresent()).isNotEmpty()
          .allMatch(request -> request.path().equals("/tenant-a/sse"));
    }
  }

  @Test
  void messagesBesideTheStreamAreSentInADeploymentOfExactResourcesToo() {
    exact();
    try (var server = FakeSseServer.protectedBy(world.authorizationServer, (_, _) -> {})) {
      var registry = recorded(server, "sse");
      registry.connectWithConsent();
      assertThat(saidBy(registry.access(USER))).startsWith("owner-");
    }
  }

  @Test
  void serverMayNameAnyPathOfItsOriginWhereTheOperatorDoesNotWantExactResources() {
    try (var server = tenant("/messages/elsewhere")) {
      var registry = recorded(server, "sse");
      registry.connectWithConsent();
      assertThat(saidBy(registry.access(USER))).startsWith("owner-");
    }
  }
}
