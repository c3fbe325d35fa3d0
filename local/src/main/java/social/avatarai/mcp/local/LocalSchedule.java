package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import social.avatarai.mcp.token.DueGrants;

/** The local stand-in for EventBridge: it runs the scheduled refresh once a minute, for all shards. */
final class LocalSchedule implements AutoCloseable {
  private static final byte[] EVENT = ("{\"shards\":\"0-" + (DueGrants.SHARDS - 1) + "\"}").getBytes(UTF_8);

  private final ScheduledExecutorService timer = Executors
      .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("schedule").factory());
  private final ScheduledFuture<?> firing;

  LocalSchedule(RequestStreamHandler handler) {
    this.firing = timer.scheduleAtFixedRate(() -> fire(handler), 1, 1, TimeUnit.MINUTES);
  }

  private static void fire(RequestStreamHandler handler) {
    try {
      handler.handleRequest(new ByteArrayInputStream(EVENT), OutputStream.nullOutputStream(),
          LocalContext.ofSchedule());
    } catch (IOException | RuntimeException e) {
      // The next minute tries again, as with EventBridge.
      System.err.println("scheduled refresh: " + e);
    }
  }

  @Override
  public void close() {
    firing.cancel(false);
    timer.shutdown();
  }
}
