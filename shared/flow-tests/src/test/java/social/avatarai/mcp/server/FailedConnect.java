package social.avatarai.mcp.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.isConnected;
import static social.avatarai.mcp.world.ServerWorld.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.ServerWorld;

/**
 * A {@code connect}, or a consent, that ends without a grant.
 *
 * @param code what it fails with
 * @param status the status of the record after it
 * @param remedy words of the hint that say what to do
 * @param failing makes it fail
 * @param mending removes the fault
 */
record FailedConnect(String name, ErrorCode code, String status, String remedy, Consumer<Scene> failing,
    Consumer<Scene> mending) {

  /** A world in which a server is connected. */
  static final class Scene implements AutoCloseable {
    final FlowWorld world = FlowWorld.start();
    final ServerWorld server = new ServerWorld(world);
    final FakeMcpServer open = FakeMcpServer.open();
    final Meanwhile meanwhile = new Meanwhile();

    void connect() {
      connectWithin(Duration.ofSeconds(25));
    }

    void connectWithin(Duration time) {
      var at = new Invocation(world.base, Deadline.in(time));
      var _ = catchThrowable(() -> world.flow().connect(USER, MCP_ID, AuthorizationStart.fresh(), at));
    }

    void openServerAnswers(Response response) {
      server.put(record(open.url()));
      open.mcpEndpoint().next(response, response);
      connect();
    }

    /** The response of the authorization server, as it is changed on its way back. */
    void answer(UnaryOperator<AuthorizationResponse> changed) {
      var begun = server.begin();
      world.callback(begun, changed.apply(world.approve(begun)));
    }

    @Override
    public void close() {
      try (world) {
        open.close();
      }
    }
  }

  /** A failure that leaves the record {@code disconnected}, and whose fault ends by itself. */
  static FailedConnect failing(String name, ErrorCode code, String remedy, Consumer<Scene> failing) {
    return mended(name, code, remedy, failing, _ -> {});
  }

  static FailedConnect mended(String name, ErrorCode code, String remedy, Consumer<Scene> failing,
      Consumer<Scene> mending) {
    return new FailedConnect(name, code, "disconnected", remedy, failing, mending);
  }

  /** The same failure, after which the record has another status. */
  FailedConnect leaving(String other) {
    return new FailedConnect(name, code, other, remedy, failing, mending);
  }

  /** The failure of a consent: a flow has begun. */
  FailedConnect ofConsent() {
    return leaving("authorization_required");
  }

  void assertSaidIn(Scene scene) {
    failing.accept(scene);
    var shown = scene.world.flow().server(USER, MCP_ID);
    assertThat(shown.path("status").asText()).isEqualTo(status);
    assertThat(shown.path("cause").asText()).isEqualTo(code.wireName());
    var error = shown.path("error");
    assertThat(error.path("code").asText()).isEqualTo(code.wireName());
    assertThat(error.path("at").asText()).isNotBlank();
    assertThat(error.path("hint").asText()).contains(remedy).doesNotContain("tainted").endsWith(".");
    assertThat(error.path("hint").asText().length()).as("is not cut").isLessThan(600);
    assertShownEverywhere(scene, shown);
  }

  void assertNothingSaidAfterASuccess(Scene scene) {
    mending.accept(scene);
    if (!isConnected(scene.server.connect(USER))) scene.server.connectWithConsent();
    var shown = scene.world.flow().server(USER, MCP_ID);
    assertThat(shown.path("status").asText()).isEqualTo("connected");
    assertThat(shown.path("cause").isNull()).isTrue();
    assertThat(shown.path("error").isNull()).isTrue();
    assertShownEverywhere(scene, shown);
  }

  private static void assertShownEverywhere(Scene scene, JsonNode shown) {
    assertThat(scene.world.servers(USER)).singleElement().isEqualTo(shown);
    var views = List.of(scene.world.flow().connection(USER, MCP_ID),
        scene.world.flow().connections(USER, null, 50).connections().getFirst());
    assertThat(views).allSatisfy(view -> {
      assertThat(view.status().wireName()).isEqualTo(shown.path("status").asText());
      assertThat(view.cause()).isEqualTo(text(shown.path("cause")));
      assertThat(ConnectionError.jsonOf(view.error())).isEqualTo(shown.path("error"));
    });
  }

  private static @Nullable String text(JsonNode value) {
    return value.isNull() ? null : requireNonNull(value.textValue());
  }
}
