package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.replay.TestPlatform;

class RehearsalTest {
  private final TestPlatform platform = new TestPlatform(Clock.systemUTC()).priming();
  private final AtomicInteger calls = new AtomicInteger();

  @AfterEach
  void close() {
    platform.close();
  }

  /** A function that reads the grants of its caller. */
  private final class Function extends ApiHandler {
    private final Wiring wiring;

    Function(Wiring wiring) {
      super(wiring);
      this.wiring = wiring;
    }

    @Override
    protected Reply handle(Request request) {
      assertThat(wiring.grants().connections(request.caller().user())).hasSize(1);
      calls.incrementAndGet();
      return Reply.ok(Json.newObject());
    }
  }

  private final Rehearsal rehearsal = new Rehearsal(Function::new, _ -> "{}");

  @ParameterizedTest
  @ValueSource(strings = {"snap-start", "provisioned-concurrency"})
  void processThatIsStartedAheadHasRehearsedBeforeItsStartEnds(String started) {
    platform.with("AWS_LAMBDA_INITIALIZATION_TYPE", started);
    Wiring.rehearsed(platform, rehearsal);
    assertThat(calls).hasValue(5);
    assertThat(platform.clients()).as("built for the first call").contains("dynamoDb", "vault");
  }

  @Test
  void processWhoseEventWaitsRehearsesNothing() {
    platform.with("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
    Wiring.rehearsed(platform, rehearsal);
    assertThat(calls).hasValue(0);
    assertThat(platform.clients()).isEmpty();
  }

  @Test
  void rehearsalLeavesNoThreadBehind() throws InterruptedException {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    rehearsal.run(platform.wiring());
    var left = new HashSet<>(Thread.getAllStackTraces().keySet());
    left.removeAll(before);
    // The JDK's own thread ends when the connections that it has kept have been idle.
    left.removeIf(thread -> thread.getName().equals("Keep-Alive-Timer"));
    left.removeIf(
        thread -> thread.getName().startsWith("ForkJoinPool") || thread.getName().startsWith("VirtualThread"));
    for (var thread : left)
      assertThat(thread.join(Duration.ofSeconds(20))).as(thread.getName()).isTrue();
  }
}
