package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;

import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeSseServer;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/** Many calls at the same time to one server of HTTP+SSE. Each has a stream and posts messages beside it. */
class ManySseCallsFlowTest {
  /** As many as there may be connections to one origin. */
  private static final int CALLS = 64;

  private final FlowWorld world = FlowWorld.start();

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void callsWhoseStreamsAreAllOpenAtTheSameTimeStillPostTheirMessages() throws InterruptedException {
    var open = new CountDownLatch(CALLS);
    try (var server = FakeSseServer.open((sse, _) -> sse.opening(id -> {
      awaitAll(open);
      return "event: endpoint\ndata: /messages?sessionId=" + id + "\n\n";
    })); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var record = Json.newObject();
      record.putObject("endpoint").put("type", "sse").put("url", server.url());
      new ServerWorld(world).put(record);
      Callable<Access> call = () -> world.flow().access(USER, new Target.ByConnection(ServerWorld.MCP_ID),
          GrantWorld.call("whoami"), Deadline.in(Duration.ofSeconds(20)));
      assertThat(threads.invokeAll(Collections.nCopies(CALLS, call))).extracting(Future::state)
          .containsOnly(Future.State.SUCCESS);
    }
  }

  private static void awaitAll(CountDownLatch open) {
    open.countDown();
    try {
      open.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
