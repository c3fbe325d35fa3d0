package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Journal;

class PrimingTest {
  /** The SDK takes these in place of the environment of a function. There is no network that could be asked. */
  private static final Map<String, String> ENVIRONMENT = Map.of("aws.region", "eu-north-1", "aws.accessKeyId", "none",
      "aws.secretAccessKey", "none");

  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final Journal journal = new Journal(new PrintStream(log, true, UTF_8), Clock.systemUTC());

  @BeforeEach
  void set() {
    ENVIRONMENT.forEach(System::setProperty);
  }

  @AfterEach
  void clear() {
    ENVIRONMENT.keySet().forEach(System::clearProperty);
  }

  @Test
  void everyPartOfThePrimingEndsWithoutAFault() {
    var followed = new AtomicBoolean();
    var priming = Priming.begin(journal);
    priming.thenRun(() -> followed.set(true));
    priming.await();
    assertThat(log.toString(UTF_8)).isEmpty();
    assertThat(followed).isTrue();
  }

  @Test
  void faultOfThePrimingIsLoggedAndEndsNothing() {
    var priming = Priming.begin(journal);
    priming.thenRun(() -> {
      throw new IllegalStateException("a secret");
    });
    priming.await();
    assertThat(log.toString(UTF_8)).contains("priming_failed", "\"part\":\"rehearsal\"", "IllegalStateException")
        .doesNotContain("a secret");
  }
}
